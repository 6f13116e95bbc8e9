"""Well-typed conditions in both spellings: over all subjects, tables, evidence, windows and figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from tests.strategies_text import (
    CLASSES,
    DRUGS,
    ITEMS,
    NOTHING,
    Both,
    both,
    joined,
    same,
)

LINE = Both("明细", "line")
Draw = st.DrawFn


@dataclass(frozen=True, slots=True)
class Scope:
    """What can be named at one place.

    `owners` are the names of lines; `bare` the kind of the innermost collection's members, whose
    fields stand without a name; `anchor` the kind of subject that windows are measured from;
    `proved` the drugs whose row in 上限表 is known to be there; `uses` the drug whose rows in 适应表
    can be looked through.
    """

    kind: str
    owners: tuple[Both, ...]
    bare: str = ""
    anchor: str = ""
    proved: tuple[Both, ...] = ()
    lets: tuple[tuple[str, Both], ...] = ()

    def inside(self, kind: str) -> Scope:
        return replace(self, bare=kind)

    def line_owners(self) -> tuple[Both, ...]:
        return (NOTHING, *self.owners) if self.bare == "line" else self.owners


SCOPES = {
    "line": Scope("line", (LINE,), anchor="line"),
    "group": Scope("group", (), anchor="group"),
    "pair": Scope("pair", (Both("甲", "a"), Both("乙", "b"))),
    "prescription": Scope("prescription", (), anchor="prescription"),
    "encounter": Scope("encounter", (), anchor="encounter"),
    "diagnosis": Scope("diagnosis", (), anchor="diagnosis"),
}


def field(owner: Both, zh: str, en: str) -> Both:
    return Both(zh, en) if owner == NOTHING else both("{0}." + zh, "{0}." + en, owner)


def pick(draw: Draw, *options: Both) -> Both:
    return draw(st.sampled_from(options))


def of_line(draw: Draw, scope: Scope, zh: str, en: str) -> Both | None:
    owners = scope.line_owners()
    return field(pick(draw, *owners), zh, en) if owners else None


# ---------------------------------------------------------------- collections

WINDOWS = (Both("前 3天", "past 3d"), Both("至今", "so_far"), Both("同日", "same_day"), Both("同次", "same_visit"),
           Both("后 2天", "next 2d"), Both("前 1个月", "past 1mo"), Both("本月", "this_month"))  # fmt: skip
HOURS = (Both("前 60分钟", "past 60min"), Both("同小时", "same_hour"))
OF_ANCHOR = {"line": (*WINDOWS, *HOURS, Both("同处方", "same_prescription")),
             "prescription": (*WINDOWS, Both("同处方", "same_prescription"))}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A collection as it is written, with the kind of its members."""

    text: Both
    kind: str


def plain_collection(draw: Draw, scope: Scope) -> Found:
    options = [Found(Both("就诊.明细", "encounter.lines"), "line"),
               Found(Both("患者.明细", "patient.lines"), "line"),
               Found(Both("就诊.诊断", "encounter.diagnoses"), "diagnosis"),
               Found(Both("患者.疗程", "patient.courses"), "course")]  # fmt: skip
    if scope.kind == "group":
        options = [Found(Both("组.明细", "group.lines"), "line")] * 3 + options
    if scope.kind == "prescription":
        options = [Found(Both("处方.明细", "prescription.lines"), "line")] * 3 + options
    if scope.kind == "line" and not scope.bare:
        options.append(Found(Both("适应表[明细.药品]", "uses[line.drug]"), "use"))
        options.append(Found(Both("同侧（明细）", "same_side(line)"), "line"))
    return draw(st.sampled_from(options))


def collection(draw: Draw, scope: Scope, depth: int, *, lines: bool = False) -> Found:
    """A collection, perhaps narrowed by 其余, a window and a condition."""
    found = plain_collection(draw, scope)
    if lines and found.kind != "line":
        found = Found(Both("就诊.明细", "encounter.lines"), "line")
    other, window, where = NOTHING, NOTHING, NOTHING
    if found.kind == "line" and scope.anchor == "line" and draw(st.booleans()):
        other = Both("其余 ", "other ")
    if found.kind == "line" and scope.anchor and draw(st.integers(0, 2)) == 0:
        window = both(" 于 {0}", " within {0}", pick(draw, *OF_ANCHOR.get(scope.anchor, WINDOWS)))
    if depth > 0 and draw(st.booleans()):
        inner = condition(draw, scope.inside(found.kind), depth - 1)
        where = both(" 满足（{0}）", " where ({0})", inner)
    return Found(both("{0}{1}{2}{3}", "{0}{1}{2}{3}", other, found.text, window, where), found.kind)


# ---------------------------------------------------------------- figures


def number(draw: Draw, scope: Scope, depth: int) -> Both:
    found = collection(draw, scope, depth)
    if found.kind == "line" and draw(st.booleans()):
        of = pick(
            draw,
            Both("药品", "drug"),
            Both("数量", "quantity"),
            Both("日期", "date"),
            Both("限价", "price_cap"),
        )
        return both("计数 不同 {0} 取自 {1}", "count distinct {0} from {1}", of, found.text)
    return both("计数 {0}", "count {0}", found.text)


def quantity(draw: Draw, scope: Scope, depth: int) -> Both:
    how = draw(st.integers(0, 4))
    if how == 4 and scope.proved:
        return both("上限表[{0}].上量", "limits[{0}].most", pick(draw, *scope.proved))
    own = of_line(draw, scope, "数量", "quantity")
    if how <= 1 and own is not None:
        return own
    if how == 2:
        return pick(draw, Both("3盒", "3box"), Both("0盒", "0box"), Both("5.5盒", "5.5box"))
    found = collection(draw, scope, depth, lines=True)
    drugs = both("（合计 数量 取自 {0}）", "(sum quantity from {0})", found.text)
    return drugs if draw(st.booleans()) else both("{0} + 1盒", "{0} + 1box", drugs)


MONEY = (Both("5元", "5yuan"), Both("0元", "0yuan"), Both("12.50元", "12.50yuan"), Both("额限", "most_money"),
         Both("五元", "five"), Both("就诊.总费用", "encounter.total"))  # fmt: skip
PRICES = (
    ("单价", "price"),
    ("金额", "amount"),
    ("医保内金额", "claimed_amount"),
    ("限价", "price_cap"),
)


def money(draw: Draw, scope: Scope, depth: int) -> Both:
    how = draw(st.integers(0, 9))
    lets = [name for kind, name in scope.lets if kind == "money"]
    if lets and how == 9:
        return pick(draw, *lets)
    own = of_line(draw, scope, *draw(st.sampled_from(PRICES)))
    if how <= 2 and own is not None:
        return own
    if how <= 4 or depth <= 0:
        return pick(draw, *MONEY)
    if how == 5 and scope.proved:
        return both("上限表[{0}].上价", "limits[{0}].cap", pick(draw, *scope.proved))
    if how == 6:
        one, other = money(draw, scope, depth - 1), money(draw, scope, 0)
        sign = draw(st.sampled_from(["+", "-"]))
        return both(f"（{{0}} {sign} {{1}}）", f"({{0}} {sign} {{1}})", one, other)
    if how == 7:
        test = condition(draw, scope, depth - 1)
        parts = (test, money(draw, scope, 0), money(draw, scope, 0))
        return both("（如果 {0} 那么 {1} 否则 {2}）", "(if {0} take {1} else {2})", *parts)
    if how == 8:
        return _product(draw, scope)
    return _figure(draw, scope, depth - 1)


def _product(draw: Draw, scope: Scope) -> Both:
    factor = pick(
        draw,
        same("2"),
        same("50%"),
        same("-1"),
        Both("就诊.先行自付比例", "encounter.first_pay_ratio"),
    )
    found = both("{0} * {1}", "{0} * {1}", money(draw, scope, 0), factor)
    if draw(st.booleans()):
        return both("舍入（{0}，0）", "round({0}, 0)", found)
    return both("（{0}）", "({0})", found)


def _figure(draw: Draw, scope: Scope, depth: int) -> Both:
    found = collection(draw, scope, depth, lines=True)
    of = Both(*draw(st.sampled_from(PRICES)))
    op = draw(
        st.sampled_from([("合计", "sum"), ("最大", "max"), ("最小", "min"), ("中位", "median")])
    )
    if op[1] == "sum":
        return both("（合计 {0} 取自 {1}）", "(sum {0} from {1})", of, found.text)
    text = f"（{op[0]} {{0}} 取自 {{1}} 缺则 7元）", f"({op[1]} {{0}} from {{1}} if_none 7yuan)"
    return both(*text, of, found.text)


def picked_line(draw: Draw, scope: Scope) -> Both:
    """The first or last of some lines, else the line itself."""
    found = collection(draw, scope, 1, lines=True)
    key = pick(draw, Both("单价", "price"), Both("时间", "time"), Both("日期 倒序", "date descending"),
               Both("限价", "price_cap"), Both("供药天数 倒序", "days_supply descending"))  # fmt: skip
    op = pick(draw, Both("首个", "first"), Both("末个", "last"))
    return both(
        "{0} {1} 按 {2} 缺则 明细", "{0} {1} order_by {2} if_none line", op, found.text, key
    )


def moment(draw: Draw, scope: Scope) -> Both:
    """A date or an instant."""
    options = [Both("就诊.入院日期", "encounter.admitted"), Both("就诊.起病", "encounter.onset"),
               Both("就诊.出院日期", "encounter.discharged"), Both("就诊.留观开始日期", "encounter.observation_start")]  # fmt: skip
    own = of_line(draw, scope, "日期", "date")
    if own is not None:
        options += [own, own, field(pick(draw, *scope.line_owners()), "时间", "time")]
    if scope.bare == "course":
        options = [Both("起始", "begun")] * 3 + options
    found = draw(st.sampled_from(options))
    moved = draw(st.sampled_from([NOTHING] * 4 + [Both("3天", "3d"), Both("1个月", "1mo")]))
    return found if moved == NOTHING else both("（{0} - {1}）", "({0} - {1})", found, moved)


# ---------------------------------------------------------------- conditions

Atom = Callable[[Draw, Scope, int], "Both | None"]
COMPARE = ("<=", "<", ">", ">=", "=", "!=")


def comparison(draw: Draw, left: Both, right: Both) -> Both:
    sign = draw(st.sampled_from(COMPARE))
    return both(f"{{0}} {sign} {{1}}", f"{{0}} {sign} {{1}}", left, right)


def _yes_no(draw: Draw, scope: Scope, _depth: int) -> Both:
    options = [Both("就诊.甲证", "encounter.proof_a"), Both("就诊.乙证", "encounter.proof_b"),
               Both("就诊.丙证", "encounter.proof_c"), Both("就诊.已转诊", "encounter.referred"),
               Both("就诊.在院", "encounter.still_in"), Both("患者.审批[左]", "patient.approved[left]")]  # fmt: skip
    for zh, en in (("标记", "mark"), ("申报医保", "claimed"), ("出院带药", "discharge_drug")):
        own = of_line(draw, scope, zh, en)
        options += [] if own is None else [own]
    if scope.bare == "diagnosis":
        options = [Both("主诊断", "main")] * 3
    if scope.kind == "diagnosis":
        options.append(Both("诊断.主诊断", "diagnosis.main"))
    if scope.kind == "prescription" or scope.kind == "line":
        options.append(Both("处方.外配", "prescription.external"))
    owner = of_line(draw, scope, "左右", "side_of")
    if owner is not None:
        options.append(both("患者.审批[{0}]", "patient.approved[{0}]", owner))
    options += [both("上限表[{0}].准许", "limits[{0}].allowed", drug) for drug in scope.proved]
    return draw(st.sampled_from(options))


def _word(draw: Draw, scope: Scope, _depth: int) -> Both:
    options = [Both("患者.性别 = 女", "patient.sex = female"), Both("就诊.就医方式 属于 住院", "encounter.care_type under inpatient"),
               Both("就诊.就医方式 属于 ｛门诊，急诊｝", "encounter.care_type under {outpatient, emergency}"),
               Both("机构.级别 >= 二级", "institution.level >= level2"), Both("机构.级别 = 三级", "institution.level = level3"),
               Both("机构.类别 不属于 专科医院", "institution.kind not_under specialised_hospital"),
               Both("就诊.范围 != 本地", "encounter.place != local"),
               Both("就诊.范围 不在 ｛本地，跨省｝", "encounter.place not_in {local, other_province}"),
               Both("方式 = 扣差额", "handling = take_off")]  # fmt: skip
    side = of_line(draw, scope, "左右", "side_of")
    if side is not None:
        options += [both("{0} = 左", "{0} = left", side)]
        options.append(
            both(
                "{0} 在 ｛甲，丙｝",
                "{0} in {{class_a, class_c}}",
                field(pick(draw, *scope.line_owners()), "甲乙类", "class"),
            )
        )
        options.append(
            both(
                "{0} 属于 药品",
                "{0} under drugs",
                field(pick(draw, *scope.line_owners()), "类别", "list_type"),
            )
        )
    if scope.bare == "course":
        options = [Both("结局 = 有效", "outcome = worked")] * 3
    return draw(st.sampled_from(options))


def _code(draw: Draw, scope: Scope, _depth: int) -> Both:
    icd = pick(draw, same("#I63"), same("#I63.9"), Both("｛#K74，#C00 至 #C97｝", "{#K74, #C00 to #C97}"),
               Both("名单乙", "list_b"), Both("名单丙", "list_c"))  # fmt: skip
    if scope.bare == "diagnosis":
        return both("编码 属于 {0}", "code under {0}", icd)
    if scope.bare == "use":
        return Both("就诊.诊断 含 病", "encounter.diagnoses has codes")
    options = [both("就诊.诊断 含 {0}", "encounter.diagnoses has {0}", icd)]
    if scope.kind == "diagnosis":
        options.append(both("诊断.编码 属于 {0}", "diagnosis.code under {0}", icd))
        options.append(Both("诊断.编码 在 诊断性别", "diagnosis.code in sex_of_diagnosis"))
    drug, item = (of_line(draw, scope, *names) for names in (("药品", "drug"), ("项目", "item")))
    if drug is not None and item is not None:
        code = draw(st.sampled_from(DRUGS))
        options += [both("{0} 在 名单甲", "{0} in list_a", drug), both(f"{{0}} = #{code}", f"{{0}} = #{code}", drug),
                    both("{0} 在 药品性别", "{0} in sex_of", drug), both("{0} 在 上限表", "{0} in limits", drug),
                    both("{0} 不在 适应表", "{0} not_in uses", drug), both("{0} 在 频次表", "{0} in often", item),
                    both(f"{{0}} != #{ITEMS[0]}", f"{{0}} != #{ITEMS[0]}", item)]  # fmt: skip
        above = field(pick(draw, *scope.line_owners()), "药品分类", "drug_class")
        options.append(both(f"{{0}} 属于 #{CLASSES[1]}", f"{{0}} under #{CLASSES[1]}", above))
    if scope.bare == "course":
        options.append(Both("药类 属于 ｛#XL01，#ZA01｝", "class under {#XL01, #ZA01}"))
    return draw(st.sampled_from(options))


def _age(draw: Draw, scope: Scope, _depth: int) -> Both:
    options = [Both("患者.年龄 < 岁限", "patient.age < child_age"), Both("患者.年龄 >= 18岁", "patient.age >= 18yo"),
               Both("患者.年龄 至少 6月龄 不满 12岁", "patient.age at_least 6mo_old below 12yo"),
               Both("患者.年龄 在 3日龄 至 6月龄", "patient.age in 3d_old to 6mo_old")]  # fmt: skip
    options += [
        both("患者.年龄 >= 上限表[{0}].下龄", "patient.age >= limits[{0}].min_age", drug)
        for drug in scope.proved
    ]
    if scope.bare == "use":
        options = [Both("患者.年龄 >= 下龄", "patient.age >= min_age")]
    return draw(st.sampled_from(options))


def _measure(draw: Draw, scope: Scope, _depth: int) -> Both:
    options = [Both("患者.白蛋白值 < 30 g/L", "patient.albumin < 30 g/L"), Both("患者.白蛋白值 >= 3 g/dL", "patient.albumin >= 3 g/dL"),
               Both("就诊.评分 在 1 至 15", "encounter.score in 1 to 15"), Both("患者.视力[左] >= 0.05", "patient.acuity[left] >= 0.05"),
               Both("先付（就诊.已转诊，就诊.范围） <= 15%", "first_share(encounter.referred, encounter.place) <= 15%"),
               Both("就诊.先行自付比例 = 先付（就诊.已转诊，就诊.范围）", "encounter.first_pay_ratio = first_share(encounter.referred, encounter.place)")]  # fmt: skip
    dose, side = of_line(draw, scope, "每次量", "dose"), of_line(draw, scope, "左右", "side_of")
    supply = of_line(draw, scope, "供药天数", "days_supply")
    if dose is not None and side is not None and supply is not None:
        options += [both("{0} <= 0.5 g", "{0} <= 0.5 g", dose), both("患者.视力[{0}] < 0.5", "patient.acuity[{0}] < 0.5", side),
                    both("{0} <= 天限", "{0} <= most_days", supply)]  # fmt: skip
    return draw(st.sampled_from(options))


def _time(draw: Draw, scope: Scope, depth: int) -> Both:
    one, other = moment(draw, scope), moment(draw, scope)
    how = draw(st.integers(0, 4))
    if how == 0:
        length = pick(draw, Both("3天", "3d"), Both("0天", "0d"), Both("天限", "most_days"))
        return comparison(draw, both("相隔（{0}，{1}）", "gap({0}, {1})", one, other), length)
    if how == 1:
        days = both("历时（{0}，{1}）", "span({0}, {1})", one, other)
        return comparison(draw, days, Both("3天", "3d"))
    if how == 2:
        found = collection(draw, scope, depth - 1, lines=True)
        return comparison(draw, both("计日 {0}", "days_of {0}", found.text), Both("2天", "2d"))
    if how == 3:
        return comparison(draw, one, same("2026-03-05"))
    return comparison(draw, one, other)


def _figures(draw: Draw, scope: Scope, depth: int) -> Both:
    how = draw(st.integers(0, 3))
    if how <= 1:
        return comparison(draw, money(draw, scope, depth), money(draw, scope, depth))
    if how == 2:
        return comparison(draw, quantity(draw, scope, depth), Both("3盒", "3box"))
    return comparison(
        draw, number(draw, scope, depth), same(draw(st.sampled_from(["1", "0", "2"])))
    )


def _quantified(draw: Draw, scope: Scope, depth: int) -> Both:
    if draw(st.booleans()):
        return both("任一 {0}", "any {0}", collection(draw, scope, depth).text)
    found = plain_collection(draw, scope)
    inner = condition(draw, scope.inside(found.kind), depth - 1)
    return both("每个 {0} 满足（{1}）", "each {0} where ({1})", found.text, inner)


def _named_row(draw: Draw, scope: Scope, depth: int) -> Both | None:
    """`任一 适应表[明细.药品] 作 行 满足（… 行.病 …）`, or two lines side by side."""
    if scope.kind != "line" or scope.bare:
        return None
    if draw(st.booleans()):
        return Both("任一 适应表[明细.药品] 作 行 | row 满足（就诊.诊断 含 行.病 且 患者.年龄 >= 行.下龄）",
                    "any uses[line.drug] as row | 行 where (encounter.diagnoses has row.codes and patient.age >= row.min_age)")  # fmt: skip
    inner = replace(scope, bare="line", owners=(LINE, Both("行", "row")))
    body = condition(draw, inner, depth - 1)
    return both(
        "任一 患者.明细 作 行 | row 满足（行 != 明细 且 {0}）",
        "any patient.lines as row | 行 where (row != line and {0})",
        in_and(body),
    )


def _guarded(draw: Draw, scope: Scope, depth: int) -> Both | None:
    """A look-up behind the condition that proves it (S10.1), or with a value for none."""
    drug = of_line(draw, scope, "药品", "drug")
    if drug is None or scope.bare:
        return None
    if draw(st.booleans()):
        amount = both("（上限表[{0}].上价 缺则 5元）", "(limits[{0}].cap if_none 5yuan)", drug)
        return comparison(draw, money(draw, scope, 0), amount)
    inner = condition(draw, replace(scope, proved=(*scope.proved, drug)), depth - 1)
    return both("符合全部｛{0} 在 上限表；{1}｝", "all_of {{{0} in limits; {1}}}", drug, inner)


def _logic(draw: Draw, scope: Scope, depth: int) -> Both:
    parts = [condition(draw, scope, depth - 1) for _ in range(draw(st.integers(2, 3)))]
    how = draw(st.integers(0, 4))
    if how == 0:
        return both("符合全部｛{0}｝", "all_of {{{0}}}", joined(parts, "；", "; "))
    if how == 1:
        return both("符合其一｛{0}｝", "one_of {{{0}}}", joined(parts, "；", "; "))
    if how == 2:
        return both("至少 2｛{0}｝", "at_least 2 {{{0}}}", joined(parts, "；", "; "))
    if how == 3:
        return both("（{0}）", "({0})", joined(map(in_and, parts), " 且 ", " and "))
    return both("（非 {0}）", "(not {0})", in_and(parts[0]))


def in_and(part: Both) -> Both:
    return both("（{0}）", "({0})", part)


ATOMS: tuple[Atom, ...] = (
    _yes_no,
    _word,
    _code,
    _age,
    _measure,
    _time,
    _figures,
    _guarded,
    _named_row,
)
DEEP: tuple[Atom, ...] = (_logic, _quantified)


def condition(draw: Draw, scope: Scope, depth: int) -> Both:
    forms = (*ATOMS, *DEEP, *DEEP) if depth > 0 else ATOMS[:5]
    return draw(st.sampled_from(forms))(draw, scope, depth) or _yes_no(draw, scope, depth)
