"""`hegui test --cover` and `--mutate` of what is beyond one bill: periods, the ruleset, amendments."""

from collections.abc import Sequence

import pytest

from apps.authoring.cases import Prepared, prepared
from apps.authoring.coverage import RuleCoverage, cover
from apps.authoring.mutating import Fate, fates, subjects
from apps.authoring.pages import read_page

PERIOD = """\
规则集 试验 | trial “试验” “Trial”
层级 国家
文件 甲文 | doc_a “甲文件” “Document A” 发布 2025-01-01
规则 月限 | monthly “月总量” “Total of a month”
    依据 甲文 “一”
    结果类型 可疑
    针对 机构 每 自然月
    要求 合计 金额 取自 机构.明细 <= 100元
    则 提醒
"""
RULESET = """\
规则集 试验 | trial “试验” “Trial”
层级 国家
文件 甲文 | doc_a “甲文件” “Document A” 发布 2025-01-01
参数 先付 | first_pay：比例 = 30%，自 2026-07-01 20%
规则 先付上限 | at_most “先付至多 20%” “20% at most is paid first”
    依据 甲文 “一”
    结果类型 违规
    针对 规则集
    要求 先付 <= 20%
    则 复核
"""
HIGHER = """\
规则集 国家.住院 | national.stay “住院” “Stay”
层级 国家
文件 甲文 | doc_a “甲文件” “Document A” 发布 2025-01-01
规则 限金额 | amount_limit “单行金额” “Amount of a line”
    依据 甲文 “一”
    开放 市级 例外，收紧
    结果类型 违规
    针对 明细
    要求 明细.金额 <= 30元
    则 不予支付 明细.医保内金额
"""
LOWER = """\
规则集 绍兴.住院 | shaoxing.stay “绍兴住院” “Stay in Shaoxing”
层级 市级
地区 #330600
文件 乙文 | doc_b “乙文件” “Document B” 发布 2025-06-05
属性 地域 就医地
补充 国家.住院.限金额
    依据 乙文 “一”
    要求 明细.数量 <= 7盒
    除非 明细.单价 < 5元 依据 乙文 “二”
"""


def cases_of(rules: Sequence[str], *cases: Sequence[str]) -> list[Prepared]:
    blocks = "".join(f"```rule\n{each}```\n" for each in rules)
    given = "".join(
        f"## 案例{number}\n```facts\n" + "".join(f"{line}\n" for line in lines) + "```\n"
        "```findings\n```\n"
        for number, lines in enumerate(cases, start=1)
    )
    page = read_page("page.md", f"# 案例\n{blocks}{given}")
    found = [prepared(page, case) for case in page.cases]
    return [case for case in found if case is not None]


def rules_of(cases: Sequence[Prepared]) -> dict[str, RuleCoverage]:
    return {item.rule.name.zh: item for item in cover(cases, whole=False).rules}


def unseen(found: RuleCoverage) -> dict[str, tuple[str, ...]]:
    return {f"{item.point.kind} {item.text}": item.unseen for item in found.points if item.unseen}


def fates_of(cases: Sequence[Prepared]) -> dict[str, list[Fate]]:
    return {each.rule.name.zh: list(fates(each)) for each in subjects(cases)}


def month(*amounts: str) -> list[str]:
    lines = ["机构.明细 = 全部"]
    for number, amount in enumerate(amounts, start=1):
        lines += [f"明细{number}.日期 = 2026-03-0{number}", f"明细{number}.金额 = {amount}元"]
    return lines


def test_a_rule_on_periods_is_watched() -> None:
    found = cover(cases_of([PERIOD], month("40", "60")), whole=False)
    (rule,) = found.rules
    assert unseen(rule) == {
        "condition 合计 金额 取自 机构.明细 <= 100元": ("false", "unknown"),
        "boundary 合计 金额 取自 机构.明细 <= 100元": ("beyond",),
        "outcome 规则 月限 | monthly “月总量” “Total of a month” "
        + " ".join(line.strip() for line in PERIOD.splitlines()[4:]): ("reached",),
    }
    assert [clause.has_case for clause in found.clauses] == [True]
    several = cases_of([PERIOD], month("40", "60"), month("40", "60.01"), month("40")[1:])
    assert unseen(rules_of(several)["月限"]) == {}


def test_a_changed_rule_on_periods_is_noticed_or_a_case_is_shown_that_would() -> None:
    ((_, few),) = fates_of(cases_of([PERIOD], month("40", "50"))).items()
    alive = [fate for fate in few if not fate.killed_by]
    assert any(fate.telling is not None for fate in alive)
    told = next(fate.telling for fate in alive if fate.telling is not None)
    assert told.before != told.after
    assert "机构 2026-03" in told.before
    sharp = month("40", "60"), month("40", "60.01")
    ((_, more),) = fates_of(cases_of([PERIOD], *sharp)).items()
    assert [fate.mutant.words.zh for fate in more if not fate.killed_by] == []


def test_a_rule_on_the_ruleset_is_watched() -> None:
    early, late = ["基准日 = 2026-06-30"], ["基准日 = 2026-07-01"]
    found = rules_of(cases_of([RULESET], early))["先付上限"]
    assert unseen(found) == {"condition 先付 <= 20%": ("true", "unknown")}
    whole = cover(cases_of([RULESET], early, late), whole=False)
    assert [part.unused for part in whole.parts] == [()]
    assert unseen(whole.rules[0]) == {"condition 先付 <= 20%": ("unknown",)}


def test_a_changed_rule_on_the_ruleset_is_noticed() -> None:
    early, late = ["基准日 = 2026-06-30"], ["基准日 = 2026-07-01"]
    ((_, found),) = fates_of(cases_of([RULESET], early, late)).items()
    noticed = {fate.mutant.words.zh for fate in found if fate.killed_by}
    assert "`20%` 改为 `19%`" in noticed
    assert "先付 `20%` 改为 `21%`" in noticed


def stay(amount: str, quantity: str, price: str, place: str = "330602") -> list[str]:
    return [
        f"就医地 = #{place}",
        f"明细1.单价 = {price}元",
        f"明细1.金额 = {amount}元",
        f"明细1.数量 = {quantity}盒",
        "明细1.日期 = 2026-03-05",
    ]


def test_an_amendment_is_watched_apart_from_its_rule() -> None:
    found = cover(cases_of([HIGHER, LOWER], stay("20", "7", "5")), whole=False)
    rules = {item.rule.name.zh: item for item in found.rules}
    assert list(rules) == ["限金额", "补充 限金额"]
    assert unseen(rules["补充 限金额"]) == {
        "condition 明细.数量 <= 7盒": ("false", "unknown"),
        "condition 明细.单价 < 5元": ("true", "false", "unknown"),
        "boundary 明细.数量 <= 7盒": ("beyond",),
        "boundary 明细.单价 < 5元": ("at", "beyond"),
        "exception 除非 明细.单价 < 5元 依据 乙文 “二”": ("excusing",),
    }
    clauses = [(each.document.title.zh, each.place, each.has_case) for each in found.clauses]
    assert clauses == [("乙文件", "一", True), ("乙文件", "二", False), ("甲文件", "一", True)]


def test_an_amendment_that_does_not_hold_there_is_not_seen() -> None:
    found = rules_of(cases_of([HIGHER, LOWER], stay("20", "9", "5", "110101")))
    assert all(not item.seen for item in found["补充 限金额"].points)


@pytest.mark.parametrize("quantity", ["7", "8"])
def test_a_changed_amendment_is_noticed_or_a_bill_is_shown_that_would(quantity: str) -> None:
    cases = cases_of([HIGHER, LOWER], stay("20", quantity, "5"), stay("40", "1", "4.99"))
    found = {fate.mutant.words.zh: fate for fate in fates_of(cases)["补充 限金额"]}
    strict = found["`明细.数量 <= 7盒`：`<=` 改为 `<`"]
    assert (strict.killed_by != "") is (quantity == "7")
    assert strict.killed_by or strict.telling is not None
    assert found["去掉 `除非 明细.单价 < 5元 依据 乙文 “二”`"].killed_by
