"""Well-typed rules in both spellings, of every kind of subject, and trials: sets of them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from tests.strategies_conditions import (
    SCOPES,
    Draw,
    Scope,
    condition,
    in_and,
    money,
    of_line,
    picked_line,
)
from tests.strategies_text import (
    Both,
    Trial,
    both,
    joined,
    plain_tables,
    table_files,
)

FOR = {
    "line": (Both("明细", "line"),),
    "group": (Both("明细 分组 明细.药品，明细.日期", "line grouped line.drug, line.date"),
              Both("明细 分组 明细.项目", "line grouped line.item"),
              Both("明细 分组 频次表[明细.项目].组别，明细.左右 于 同次", "line grouped often[line.item].bundle, line.side_of within same_visit"),
              Both("明细 分组 明细.左右", "line grouped line.side_of")),
    "pair": tuple(Both(f"明细 作 甲 | a，明细 作 乙 | b 于 {zh}", f"line as a | 甲, line as b | 乙 within {en}")
                  for zh, en in (("至今", "so_far"), ("同次", "same_visit"), ("前 2天", "past 2d"), ("同日", "same_day"))),
    "prescription": (Both("处方", "prescription"),),
    "encounter": (Both("就诊", "encounter"),),
    "diagnosis": (Both("诊断", "diagnosis"),),
}  # fmt: skip
KINDS = ("line", "line", "group", "pair", "prescription", "encounter", "diagnosis")
DENIED = {
    "line": Both("明细.医保内金额", "line.claimed_amount"),
    "pair": Both("乙.医保内金额", "b.claimed_amount"),
}


def _subject_scope(draw: Draw, kind: str, subject: Both) -> Scope:
    scope = SCOPES[kind]
    if kind != "group":
        return scope
    return replace(scope, owners=(Both("组", "group"),) if draw(st.integers(0, 3)) == 0 else ())


def _outcome(draw: Draw, kind: str) -> Both:
    options = [Both("提醒", "remind"), Both("复核", "review")]
    if kind in DENIED:
        options = [both("不予支付 {0}", "deny {0}", DENIED[kind])] * 2 + options
    if kind in {"line", "group"}:
        options += [Both("限付 数量 3盒", "pay_at_most quantity 3box"), Both("限付 单价 5元", "pay_at_most unit_price 5yuan"),
                    Both("限付 比例 50%", "pay_at_most share 50%"), Both("扣减 额限", "reduce most_money")]  # fmt: skip
    if kind in {"group", "prescription"}:
        options.append(Both("限付 金额 12.50元", "pay_at_most amount 12.50yuan"))
    return draw(st.sampled_from(options))


def _pair_when(draw: Draw, found: Both) -> Both:
    if draw(st.booleans()):
        return found
    return Both("[甲.项目，乙.项目] 在 重复表", "[a.item, b.item] in overlaps")


@st.composite
def rule_texts(
    draw: Draw, name: str = "r1", kinds: tuple[str, ...] = KINDS, depth: int = 2
) -> Both:
    """One well-typed rule."""
    kind = draw(st.sampled_from(kinds))
    subject = draw(st.sampled_from(FOR[kind]))
    scope = _subject_scope(draw, kind, subject)
    clauses: list[Both] = []
    if draw(st.integers(0, 4)) == 0:
        period = draw(st.sampled_from([Both("自 2026-03-06", "starting 2026-03-06"),
                                       Both("自 2026-03-02 至 2026-03-05", "starting 2026-03-02 to 2026-03-05")]))  # fmt: skip
        clauses.append(both("施行 {0}", "in_force {0}", period))
    clauses.append(
        draw(
            st.sampled_from(
                [
                    Both("结果类型 违规", "certainty definite"),
                    Both("结果类型 可疑", "certainty suspect"),
                ]
            )
        )
    )
    clauses.append(both("针对 {0}", "for {0}", subject))
    if draw(st.booleans()):
        when = condition(draw, scope, depth - 1)
        drug = of_line(draw, scope, "药品", "drug") if kind != "group" else None
        if kind == "pair":
            when = _pair_when(draw, when)
        if drug is not None and draw(st.booleans()):
            when = both("{0} 在 上限表 且 {1}", "{0} in limits and {1}", drug, in_and(when))
            scope = replace(scope, proved=(drug,))
        clauses.append(both("当 {0}", "when {0}", when))
    if draw(st.booleans()):
        clauses.append(
            both("记 记数 | noted = {0}", "let noted | 记数 = {0}", money(draw, scope, 1))
        )
        scope = replace(scope, lets=(("money", Both("记数", "noted")),))
    if kind == "line" and draw(st.integers(0, 3)) == 0:
        clauses.append(
            both("记 选中 | chosen = {0}", "let chosen | 选中 = {0}", picked_line(draw, scope))
        )
        scope = replace(scope, owners=(*scope.owners, Both("选中", "chosen")))
    word = draw(st.sampled_from([Both("要求", "require"), Both("不得", "forbid")]))
    clauses.append(both("{0} {1}", "{0} {1}", word, condition(draw, scope, depth)))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        clauses.append(
            both(
                "除非 {0} 依据 文一 “三”",
                "unless {0} citing doc1 “三”",
                condition(draw, scope, depth - 1),
            )
        )
    outcome = _outcome(draw, kind)
    if kind == "pair":
        clauses.append(
            draw(
                st.sampled_from(
                    [
                        Both("保留 甲", "keep a"),
                        Both("保留 按 单价 倒序", "keep order_by price descending"),
                    ]
                )
            )
        )
    if kind == "group" and draw(st.booleans()):
        clauses.append(Both("扣减顺序 时间 倒序", "deduct_order time descending"))
    clauses.append(both("则 {0}", "then {0}", outcome))
    head = both(
        f"规则 规则{name} | {name} “规则{name}” “Rule {name}”\n    依据 文一 “一”",
        f"rule {name} | 规则{name} “规则{name}” “Rule {name}”\n    citing doc1 “一”",
    )
    return joined([head, *clauses], "\n    ", "\n    ")


@st.composite
def trials(draw: Draw, kinds: tuple[str, ...] = KINDS, depth: int = 2, rules: int = 2) -> Trial:
    """A few rules with rows in their tables."""
    texts = [draw(rule_texts(f"r{n + 1}", kinds, depth)) for n in range(rules)]
    files = draw(table_files()) if draw(st.booleans()) else plain_tables()
    return Trial(tuple(texts), files)
