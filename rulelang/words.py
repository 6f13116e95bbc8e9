"""The closed word lists of rule heads: authorities, certainties, stages, topics, territories."""

from __future__ import annotations

from collections.abc import Iterable

AUTHORITIES = {
    "国家": "national", "省级": "province", "市级": "city", "县级": "county", "机构": "institution",
}  # fmt: skip
CERTAINTIES = {"违规": "definite", "可疑": "suspect", "监测指标": "indicator"}
STAGES = {"事前": "before", "事中": "during", "事后": "after"}
TOPICS = {
    "支付范围": "payment_scope", "价格": "price", "数量": "quantity", "重复": "duplicate",
    "集采": "procurement", "结算比例": "settlement_ratio", "信息完整": "completeness",
    "合理使用": "clinical_use", "行为": "conduct", "指标": "indicator",
}  # fmt: skip
TERRITORIES = {
    "就医地": "place_of_care", "参保地": "place_of_insurance", "机构所在地": "place_of_institution",
}  # fmt: skip
TERRITORY_OF_TOPIC = {
    "payment_scope": "place_of_insurance",
    "settlement_ratio": "place_of_insurance",
    "price": "place_of_institution",
    "procurement": "place_of_institution",
}
RANKS = {"national": 0, "province": 1, "city": 2, "county": 3, "institution": 4}
# Who may add rules that claim money, by topic (S15.1); anyone may remind, send to review, monitor.
ADDERS = {
    "payment_scope": frozenset({"province", "city"}),
    "price": frozenset({"province", "city"}),
    "procurement": frozenset({"province", "city"}),
    "settlement_ratio": frozenset({"province", "city"}),
}
CAPS = {"数量": "quantity", "单价": "unit_price", "比例": "share", "金额": "amount"}
OPEN_WORDS = {
    "填": "fill", "例外": "exception", "收紧": "tighten", "收紧降低": "tighten_down",
    "收紧提高": "tighten_up",
}  # fmt: skip
EVIDENCE_WORDS = {"多次": "series", "登记": "registered"}
EVIDENCE_WORDS_EN = {"series": "series", "registered": "registered"}
SUBJECTS = {
    "明细": "line", "诊断": "diagnosis", "手术": "operation", "处方": "prescription",
    "就诊": "encounter",
}  # fmt: skip
RULESET_WORDS = frozenset({"规则集", "ruleset"})
PERIOD_SUBJECTS = {
    "患者": "patient", "医师": "doctor", "科室": "department", "机构": "institution",
    "医共体": "community",
}  # fmt: skip
PERIODS = {
    "自然月": "calendar_month", "季度": "quarter", "自然年": "calendar_year",
    "医保年度": "insurance_year",
}  # fmt: skip
ATTRIBUTES = {
    "主题": "topic", "地域": "territory", "基准日": "governing_date", "监管对象": "supervised_party",
    "人员范围": "persons", "应用场景": "setting", "监管费用类型": "cost_type", "参保险种": "scheme",
    "时间区间": "period", "医疗机构级别": "institution_level", "医疗机构类型": "institution_kind",
    "入库": "known_since", "版本": "version",
}  # fmt: skip
ILLUSTRATIVE = frozenset({"示例", "illustrative"})
MANY = frozenset({"多行", "many"})
BY_DOCUMENT_DATE = frozenset({"依文件日期", "by_document_date"})
NOT_STATED = frozenset({"不明", "not_stated"})
RESERVED_COLUMNS = {
    "生效": "starts", "失效": "ends", "入库": "known", "来源": "source", "知识点": "point",
    "批次": "batch", "发布日期": "published", "取代": "supersedes",
}  # fmt: skip
WAIVER = frozenset({"豁免", "waiver"})  # the reserved table of waivers (S13)
WAIVER_COLUMNS = {
    "规则": "rule", "键": "key", "理由": "reason", "批准人": "approver", "服务起": "service_from",
    "服务止": "service_to", "知悉起": "known_from", "知悉止": "known_to",
}  # fmt: skip


def word_of(words: dict[str, str], name: str) -> str | None:
    """The identity of a word by either spelling, or None."""
    if name in words:
        return words[name]
    return name if name in words.values() else None


def spelling_of(words: dict[str, str], identity: str) -> str:
    """The Chinese spelling of a word's identity."""
    return next((zh for zh, en in words.items() if en == identity), identity)


def both_ways(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Either spelling to the other."""
    found: dict[str, str] = {}
    for zh, en in pairs:
        found |= {zh: en, en: zh}
    return found


WINDOWS = {
    "同日": "same_day", "同次": "same_visit", "同处方": "same_prescription", "同小时": "same_hour",
    "至今": "so_far", "本月": "this_month", "本年": "this_year", "医保年度": "insurance_year",
}  # fmt: skip

# What may stand in a field of a node of the tree, where that is a word of a closed list; under
# "Attribute" also what the values of one attribute may be.
PAIRS = {
    key: both_ways(pairs)
    for keys, pairs in (
        ([("Authority", "word"), ("Open", "authority")], AUTHORITIES.items()),
        ([("Open", "words")], OPEN_WORDS.items()),
        ([("Certainty", "word")], CERTAINTIES.items()),
        ([("Stages", "words")], STAGES.items()),
        ([("Attribute", "name")], ATTRIBUTES.items()),
        ([("Attribute", "主题"), ("Attribute", "topic")], TOPICS.items()),
        ([("Attribute", "地域"), ("Attribute", "territory")], TERRITORIES.items()),
        ([("InForce", "word")], [("依文件日期", "by_document_date")]),
        ([("Table", "word")], [("多行", "many")]),
        ([("Table", "mark"), ("ListItem", "mark"), ("Note", "mark")], [("示例", "illustrative")]),
        ([("Evidence", "word")], EVIDENCE_WORDS.items()),
        ([("For", "period")], PERIODS.items()),
        ([("Then", "cap")], CAPS.items()),
        ([("Window", "word")], WINDOWS.items()),
        ([("Ref", "name")], [("不明", "not_stated")]),
    )
    for key in keys
}
