"""S8.2: comparisons of sums over one collection, member by member: equal when known, sharper when not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.interpreter import evaluate
from engine.interpreter.joint import jointly
from engine.interpreter.results import Context, Pointed
from engine.tables import Tables
from rulelang import core
from rulelang.values import UNKNOWN, Range, Truth
from rulelang.walk import rebuild, walk
from tests.judging import program_of
from tests.laws import law
from tests.strategies_bills import ASKED, Plan, completed, completions, plans
from tests.strategies_conditions import SCOPES, Draw, comparison, condition
from tests.strategies_text import Both, Trial, both, joined, plain_tables

MOST = 6  # comparisons of one rule

FIGURES = (("合计 金额 取自", "sum amount from"), ("合计 数量 取自", "sum quantity from"), ("计数", "count"),
           ("合计 限价 取自", "sum price_cap from"))  # fmt: skip
SHARES = (Both("30%", "30%"), Both("100%", "100%"), Both("50%", "50%"), Both("就诊.先行自付比例", "encounter.first_pay_ratio"))  # fmt: skip
LIMITS = {"合计 金额 取自": "5{元|yuan}", "合计 限价 取自": "12.50{元|yuan}", "合计 数量 取自": "3{盒|box}", "计数": "1"}  # fmt: skip


def limit_of(op: str) -> Both:
    text = LIMITS[op]
    if "{" not in text:
        return Both(text, text)
    number, units = text.rstrip("}").split("{")
    zh, en = units.split("|")
    return Both(number + zh, number + en)


@st.composite
def comparisons(draw: Draw) -> Both:
    """A comparison of two figures of one kind over one collection, in one of its written forms."""
    scope = SCOPES["encounter"]
    source = draw(st.sampled_from([Both("就诊.明细", "encounter.lines"), Both("患者.明细", "patient.lines"),
                                   Both("患者.明细 于 前 3天", "patient.lines within past 3d")]))  # fmt: skip
    op = draw(st.sampled_from(FIGURES))
    test = condition(draw, scope.inside("line"), 1)
    other = draw(
        st.sampled_from(
            [None, both("非 （{0}）", "not ({0})", test), condition(draw, scope.inside("line"), 0)]
        )
    )

    def figure(where: Both | None) -> Both:
        over = (
            source if where is None else both("{0} 满足（{1}）", "{0} where ({1})", source, where)
        )
        return both(f"（{op[0]} {{0}}）", f"({op[1]} {{0}})", over)

    first, second, share = figure(test), figure(other), draw(st.sampled_from(SHARES))
    match draw(st.integers(0, 4)):
        case 0:
            return comparison(draw, first, second)
        case 1:
            return comparison(draw, first, both("{0} * {1}", "{0} * {1}", share, second))
        case 2:
            return comparison(draw, both("{0} - {1}", "{0} - {1}", first, second), limit_of(op[0]))
        case 3:
            return comparison(draw, both("{0} + {1}", "{0} + {1}", first, second), limit_of(op[0]))
        case _:
            zero = {"合计 金额 取自": Both("0元", "0yuan"), "合计 限价 取自": Both("0元", "0yuan"),
                    "合计 数量 取自": Both("0盒", "0box")}.get(op[0], Both("0", "0"))  # fmt: skip
            quotient = comparison(draw, both("{0} / {1}", "{0} / {1}", first, second), share)
            guarded = both("符合全部｛{0} > {1}；", "all_of {{{0} > {1}; ", second, zero)
            return Both(guarded.zh + quotient.zh + "｝", guarded.en + quotient.en + "}")


@st.composite
def joint_rules(draw: Draw) -> Trial:
    """A rule with some comparisons, each by a name of its own."""
    found = draw(st.lists(comparisons(), min_size=MOST, max_size=MOST))
    lets = [both(f"记 比{n} | c{n} = {{0}}", f"let c{n} | 比{n} = {{0}}", each) for n, each in enumerate(found)]  # fmt: skip
    head = Both("规则 相比 | compared “相比” “Compared”\n    依据 文一 “一”\n    结果类型 违规\n    针对 就诊",
                "rule compared | 相比 “相比” “Compared”\n    citing doc1 “一”\n    certainty definite\n    for encounter")  # fmt: skip
    end = Both("要求 比0\n    则 提醒", "require c0\n    then remind")
    return Trial((joined([head, *lets, end], "\n    ", "\n    "),), plain_tables())


def context_of(program: core.Program, plan: Plan) -> Context:
    bill = plan.bill()
    return Context(
        program=program,
        tables=Tables(program, None),
        bill=bill,
        on=Range.exactly(ASKED.date()),
        evaluate=evaluate,
        locals={
            "patient": Pointed((bill.patient,)),
            "encounter": Pointed((bill.encounter,)),
            "institution": Pointed((bill.institution,)),
        },
        anchor=bill.encounter,
    )


def as_written(expr: core.Expr) -> core.Expr:
    return rebuild(expr, lambda node: node.written if isinstance(node, core.Joint) else node)


def truths(exprs: list[core.Expr], context: Context) -> list[Truth]:
    found = [evaluate(expr, context)[0] for expr in exprs]
    return [each for each in found if isinstance(each, Truth)]


def parts(trial: Trial) -> tuple[core.Program, list[core.Expr]]:
    program = program_of(trial)
    return program, [let.value for let in program.rules[0].lets]


@law(MOST)
@given(joint_rules(), st.data())
def test_a_joint_form_is_never_contradicted_and_at_least_as_sharp(
    trial: Trial, data: st.DataObject
) -> None:
    """Before, in part and wholly known: what is decided stays, and what the plain form decides too."""
    program, joint = parts(trial)
    plain = [as_written(expr) for expr in joint]
    first = data.draw(plans(trial.about))
    second = data.draw(completions(first, trial.about))
    third = data.draw(completed(second, lambda _thing, _name: True))
    states = [context_of(program, each) for each in (first, second, third)]
    found = [truths(joint, state) for state in states]
    written = [truths(plain, state) for state in states]
    assert [len(each) for each in found] == [len(joint)] * 3
    for earlier, later in zip((*found, *written), (*found[1:], found[2], *found), strict=True):
        for before, after in zip(earlier, later, strict=True):
            assert before is UNKNOWN or before is after


@law(MOST)
@given(joint_rules(), st.data())
def test_on_known_facts_the_joint_form_alone_is_the_plain_one(
    trial: Trial, data: st.DataObject
) -> None:
    program, joint = parts(trial)
    plan = data.draw(plans(trial.about, open_too=False))
    context = context_of(program, data.draw(completed(plan, lambda _thing, _name: True)))
    for expr in joint:
        for node in walk(expr):
            if isinstance(node, core.Joint):
                plain = evaluate(node.written, context)[0]
                alone = jointly(node, context)
                both_decide = UNKNOWN not in (plain, alone)
                assert not both_decide or alone is plain or is_by_nothing(node, context)


def is_by_nothing(node: core.Joint, context: Context) -> bool:
    """Whether the comparison divides by what is not above 0, which its guard excludes."""
    assert isinstance(node.written, core.Cmp)
    for side in (node.written.left, node.written.right):
        if isinstance(side, core.Arith) and side.op == "/":
            divisor = evaluate(side.right, context)[0]
            return divisor.range is None or divisor.range.low is None or divisor.range.low <= 0  # type: ignore[union-attr]
    return False
