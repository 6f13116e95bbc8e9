"""Words for outcomes, payments and the like in both languages: tables, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.cite import ASSUMPTIONS
from engine.explain import LABELS as OUTCOMES
from engine.finding import Payment
from rulelang.diagnostics import Words

__all__ = ["ASSUMPTIONS", "CERTAINTIES", "OUTCOMES", "PAYMENTS", "STAGES", "SUBJECTS", "assumption"]

PAYMENTS: Mapping[Payment, Words] = MappingProxyType(
    {
        Payment.PAYABLE: Words("可支付", "payable"),
        Payment.PARTLY_PAYABLE: Words("部分支付", "partly payable"),
        Payment.NOT_PAYABLE: Words("不予支付", "not payable"),
        Payment.NEEDS_REVIEW: Words("转人工审核", "needs review"),
        Payment.UNDETERMINED: Words("待补充信息", "undetermined"),
    }
)

CERTAINTIES: Mapping[str, Words] = MappingProxyType(
    {
        "definite": Words("违规", "definite"),
        "suspect": Words("可疑", "suspect"),
        "indicator": Words("监测指标", "indicator"),
    }
)

STAGES: Mapping[str, Words] = MappingProxyType(
    {
        "before": Words("事前", "before"),
        "during": Words("事中", "during"),
        "after": Words("事后", "after"),
    }
)

SUBJECTS: Mapping[str, Words] = MappingProxyType(
    {
        "line": Words("明细", "line"),
        "diagnosis": Words("诊断", "diagnosis"),
        "operation": Words("手术", "operation"),
        "prescription": Words("处方", "prescription"),
        "encounter": Words("就诊", "encounter"),
        "group": Words("明细组", "group of lines"),
        "pair": Words("一对明细", "pair of lines"),
        "period": Words("期间", "period"),
        "ruleset": Words("规则集", "ruleset"),
    }
)


def assumption(name: str, lang: str) -> str:
    """An assumption in words; its name where the engine has none."""
    words = ASSUMPTIONS.get(name)
    return name if words is None else words.choose(lang)
