"""Comparisons and arithmetic: operands fitted to one another, units checked."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from rulelang import ast, core, types
from rulelang.check.guards import require_value
from rulelang.check.ranges import reversed_range
from rulelang.check.scope import Checker, Scope, broken, fits, is_broken
from rulelang.check.units import unit_help
from rulelang.check.unknown import one_of
from rulelang.diagnostics import Words
from rulelang.meant import nearest
from rulelang.types import ORDERED, Type
from rulelang.unit_algebra import product_type
from rulelang.units import BY_NAME

_CONSTANTS = (ast.Number, ast.Quantity, ast.Date, ast.DateTime, ast.Text)
# Systems whose codes all look alike, with an example of each.
# Systems whose codes are all of one form, each with an example.
STRICT = {"icd10": "I63.9", "icd9": "36.06", "division": "330600"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def check_pair(
    c: Checker, left: ast.Expr, right: ast.Expr, scope: Scope
) -> tuple[core.Expr, core.Expr]:
    """Two operands, each checked with the other's type in mind."""
    scope = scope.unguarded()
    if needs_hint(c, left, scope) and not needs_hint(c, right, scope):
        second = c.expr(c, right, scope, None)
        first = c.expr(c, left, scope, second.type)
    else:
        first = c.expr(c, left, scope, None)
        second = c.expr(c, right, scope, first.type)
    return fit_literal(c, first, second.type), fit_literal(c, second, first.type)


def needs_hint(c: Checker, node: ast.Expr, scope: Scope) -> bool:
    """Whether a literal or word takes its type from the other side."""
    if isinstance(node, ast.Code):
        return True
    return (
        isinstance(node, ast.Ref)
        and node.name not in scope.locals
        and c.unit.find(node.name) is None
        and not scope.elements
    )


def fit_literal(c: Checker, node: core.Expr, wanted: Type) -> core.Expr:
    """A literal given the type, and the unit, of the other side where that is exact."""
    if not isinstance(node, core.Lit):
        return node
    kind = node.type.kind
    if kind == "code" and node.type.name == "" and wanted.kind in {"code", "codes"}:
        return well_formed(c, replace(node, type=types.code(wanted.name)))
    if kind == "code" and node.type.name and wanted.kind in {"code", "codes"}:
        return well_formed(c, node)
    if kind == "quantity" and wanted.kind == "measure" and wanted.name:
        return _to_unit(node, wanted)
    if kind == "measure" and wanted.kind == "measure" and wanted.name and node.type != wanted:
        return _to_unit(node, wanted)
    if kind == "number" and wanted.kind in {"measure"} and not wanted.name:
        return replace(node, type=wanted)
    if kind == "seconds" and wanted.kind == "quantity":
        return replace(node, type=types.QUANTITY, unit="second")
    if kind == "days" and wanted.kind == "quantity":
        return replace(node, type=types.QUANTITY, unit="day")
    return node


def well_formed(c: Checker, node: core.Lit) -> core.Lit:
    """A code, with a complaint if no code of its system looks so."""
    system = c.vocabulary.systems.get(node.type.name)
    if system is None or system.en not in STRICT or re.fullmatch(system.pattern, node.value):
        return node
    mended = node.value.upper().replace("O", "0")
    mended = mended[:1] + mended[1:].replace("X", "x")
    meant = re.fullmatch(system.pattern, mended) is not None
    example = STRICT[system.en]
    return c.fail(
        "RL0103",
        node.span,
        (f"`#{node.value}` 不是{system.zh}", f"`#{node.value}` is not {c.say(node.type).en}"),
        (f"是否指 `#{mended}`？", f"do you mean `#{mended}`?")
        if meant
        else (f"如 `#{example}`", f"as `#{example}`"),
    )


def _to_unit(node: core.Lit, wanted: Type) -> core.Lit:
    have, want = BY_NAME.get(node.unit), BY_NAME.get(wanted.name)
    if have is None or want is None or have.dimension != want.dimension:
        return node
    value = Decimal(node.value) * have.factor / want.factor
    return replace(node, type=wanted, value=value.normalize(), unit=want.name)


def check_compare(c: Checker, node: ast.Compare, scope: Scope) -> core.Expr:
    """`= != < <= > >=`."""
    left, right = check_pair(c, node.left, node.right, scope)
    if is_broken(left, right):
        return broken(node.span)
    listed = next((side for side in (left, right) if isinstance(side, core.ListSet)), None)
    if listed is not None:
        return _with_list(c, node, listed)
    problem = comparison_problem(c, node, left.type, right.type)
    if problem is not None:
        return problem
    return core.Cmp(type=types.YES_NO, span=node.span, op=node.op, left=left, right=right)


def _with_list(c: Checker, node: ast.Compare, listed: core.ListSet) -> core.Lit:
    """The complaint about a value compared with a list."""
    name = c.text(listed.span)
    other = node.left if c.text(node.left.span) != name else node.right
    under = is_hierarchical(c, listed.type)
    words = ("NOTUNDER", "NOTIN") if node.op == "!=" else ("UNDER", "IN")
    written = f"{c.text(other.span)} {c.keyword(words[0] if under else words[1])} {name}"
    return c.fail(
        "RL0301",
        node.span,
        (f"`{name}` 是名单，不能用 `{node.op}` 比较", f"`{name}` is a list and is not compared with `{node.op}`"),
        (f"写 `{written}`", f"write `{written}`"),
    )  # fmt: skip


def comparison_problem(
    c: Checker, node: ast.Compare | ast.HalfOpen | ast.Membership, left: Type, right: Type
) -> core.Lit | None:
    """The complaint about two types that cannot be compared so, if there is one."""
    op = getattr(node, "op", "<")
    if not comparable(left, right):
        return _unlike(c, node, left, right)
    if op in {"=", "!="}:
        if is_hierarchical(c, left) or is_hierarchical(c, right):
            return _equal_levels(c, node, left)
        return None
    if left.kind == "enum" and c.vocabulary.enums.get(left.name) is not None:
        if c.vocabulary.enums[left.name].ordered:
            return None
    elif left.kind in ORDERED:
        return None
    words = c.say(left)
    return c.fail(
        "RL0312",
        node.span,
        (f"{words.zh}不分大小，不能用 `{op}` 比较", f"{words.en} has no order and is not compared with `{op}`"),
        ("改用 `=`、`!=`、`在` 或 `属于`", "use `=`, `!=`, `in` or `under`"),
    )  # fmt: skip


def _equal_levels(
    c: Checker, node: ast.Compare | ast.HalfOpen | ast.Membership, left: Type
) -> core.Lit:
    """The complaint about = and != where values have levels above and below."""
    words = c.say(left)
    if not isinstance(node, ast.Compare):
        return broken(node.span)
    keyword = c.keyword("UNDER" if node.op == "=" else "NOTUNDER")
    written = f"{c.text(node.left.span)} {keyword} {c.text(node.right.span)}"
    return c.fail(
        "RL0304",
        node.span,
        (f"{words.zh}有上下级，不能用 `{node.op}` 比较",
         f"{words.en} has levels above and below and is not compared with `{node.op}`"),
        (f"写 `{written}`，下级也算在内", f"write `{written}`; what is below counts too"),
    )  # fmt: skip


def comparable(left: Type, right: Type) -> bool:
    """Whether values of the two types can be compared at all."""
    pair = {left.kind, right.kind}
    if pair == {"interval"} or pair in (
        {"interval", "days"}, {"interval", "seconds"}, {"interval", "months"},
        {"date", "datetime"},
    ):  # fmt: skip
        return True
    if pair == {"measure"}:
        return left.name == right.name
    if "rate" in pair and pair != {"rate"}:
        return pair == {"rate", "measure"} and "/" in left.name + right.name
    if left.kind == right.kind:
        return fits(left, right) and left.kind not in {"collection", "tuple", "codes"}
    return (
        pair == {"number", "measure"}
        and "" in {left.name, right.name}
        and not (left.name or right.name)
    )


def _unlike(
    c: Checker, node: ast.Compare | ast.HalfOpen | ast.Membership, left: Type, right: Type
) -> core.Lit:
    """The complaint about two types that do not meet, at the constant where one side is one."""
    first, second = c.say(left), c.say(right)
    units = {left.kind, right.kind} <= types.NUMERIC | {"months", "interval", "age"}
    span = node.span
    if isinstance(node, ast.Compare):
        constants = [side for side in (node.left, node.right) if isinstance(side, _CONSTANTS)]
        if len(constants) == 1:
            span = constants[0].span
            left, right = (right, left) if constants[0] is node.left else (left, right)
    help_: tuple[str, str] | Words | None = (
        unit_help(c, left, right, c.text(span)) if units else None
    )
    if "collection" in {left.kind, right.kind}:
        help_ = (
            "集合要用 任一、每个、计数、合计、首个 等取出",
            "take from a collection with any, each, count, sum, first ...",
        )
    elif not units:
        help_ = _written_otherwise(c, left, right, c.text(span))
    return c.fail(
        "RL0401" if units else "RL0301",
        span,
        (f"{first.zh}不能与{second.zh}比较", f"{first.en} cannot be compared with {second.en}"),
        help_,
    )


def _written_otherwise(
    c: Checker, left: Type, right: Type, written: str
) -> tuple[str, str] | Words | None:
    """How a constant of another type is written; `written` is what stands there."""
    kinds = {left.kind, right.kind}
    text = written.strip("\"“”'")
    if kinds & {"date", "datetime"}:
        date = text if _DATE.fullmatch(text) else "2026-01-31"
        return f"日期写作 `{date}`，不加引号", f"dates are written `{date}`, without quotes"
    if "yes_no" in kinds and kinds & {"number", "text"}:
        negated = c.keyword("NOT")
        return (f"是否不用比较：直接写它，或在前面写 `{negated}`",
                f"yes or no needs no comparison: write it, or `{negated}` before it")  # fmt: skip
    enum = next((side for side in (left, right) if side.kind == "enum"), None)
    if enum is not None:
        words = c.enum_words(enum.name)
        return nearest(text, words) or one_of(words[::2], words[1::2])
    if "code" in kinds and "text" in kinds:
        return f"编码写作 `#{text}`，不加引号", f"codes are written `#{text}`, without quotes"
    return None


def is_hierarchical(c: Checker, type_: Type) -> bool:
    """Whether values of the type have levels above and below, so that only 属于 compares them."""
    if type_.kind == "code":
        system = c.vocabulary.systems.get(type_.name)
        return system is not None and system.hierarchical
    if type_.kind == "enum":
        known = c.vocabulary.enums.get(type_.name)
        return known is not None and known.hierarchical and not known.ordered
    return False


def is_nested(c: Checker, type_: Type) -> bool:
    """Whether codes of the type are areas within areas: equal to themselves, and 属于 larger ones."""
    system = c.vocabulary.systems.get(type_.name) if type_.kind == "code" else None
    return system is not None and system.nested


def check_half_open(c: Checker, node: ast.HalfOpen, scope: Scope) -> core.Expr:
    """`x 至少 a 不满 b`, lowered to two comparisons."""
    low = check_compare(
        c, ast.Compare(op=">=", left=node.operand, right=node.low, span=node.span), scope
    )
    if is_broken(low):
        return low
    high = check_compare(
        c, ast.Compare(op="<", left=node.operand, right=node.high, span=node.span), scope
    )
    if is_broken(low, high):
        return broken(node.span)
    return reversed_range(c, node.low, node.high, low, high) or core.Logic(
        type=types.YES_NO, span=node.span, op="and", items=(low, high)
    )


def check_arithmetic(c: Checker, node: ast.Arithmetic, scope: Scope) -> core.Expr:
    """`+ - * /`, with the type that the operands give."""
    left = c.expr(c, node.left, scope, None)
    right = c.expr(c, node.right, scope, None)
    if is_broken(left, right):
        return broken(node.span)
    gives = result_type(node.op, left.type, right.type)
    if gives == types.NUMBER and node.op == "/" and not isinstance(right, core.Lit):
        gives = types.RATIO  # of two counts: a share
    if gives is None:
        first, second = c.say(left.type), c.say(right.type)
        help_ = None
        first_text, second_text = c.text(node.left.span), c.text(node.right.span)
        if node.op == "-" and isinstance(left, core.Lit) and isinstance(right, core.Lit):
            unit = second_text.lstrip("0123456789. ") if left.type.kind == "number" else ""
            to = c.keyword("TO")
            help_ = (f"范围写 `{first_text}{unit} {to} {second_text}`",
                     f"a range is `{first_text}{unit} {to} {second_text}`")  # fmt: skip
        elif {left.type.kind, right.type.kind} <= {"date", "datetime"}:
            help_ = (
                f"两个日期之差写 `相隔（{first_text}，{second_text}）`",
                f"the difference of two dates is `gap({first_text}, {second_text})`",
            )
        return c.fail(
            "RL0402",
            node.span,
            (f"{first.zh}与{second.zh}之间不能用 `{node.op}`", f"no `{node.op}` between {first.en} and {second.en}"),
            help_,
        )  # fmt: skip
    result = core.Arith(type=gives, span=node.span, op=node.op, left=left, right=right)
    return require_value(c, result, scope) if node.op == "/" else result


def result_type(op: str, left: Type, right: Type) -> Type | None:
    """The type of `left op right`, or None where there is none (S3.1)."""
    kinds = (left.kind, right.kind)
    if op in {"+", "-"}:
        return _sum_type(op, left, right)
    scalar = {"number", "ratio"}
    if op == "*":
        if kinds[0] in scalar and kinds[1] in scalar:
            return types.RATIO if kinds == ("ratio", "ratio") else types.NUMBER
        for first, second in ((left, right), (right, left)):
            if first.kind in types.NUMERIC and second.kind in scalar:
                return first
        if set(kinds) == {"money", "quantity"}:
            return types.MONEY
        return product_type(op, left, right)
    if kinds[1] == "number" and kinds[0] in types.NUMERIC:
        return left
    if kinds == ("money", "quantity"):
        return types.MONEY
    if left == right and left.kind in types.NUMERIC:
        return types.NUMBER if left.kind == "number" else types.RATIO
    return product_type(op, left, right)


def _sum_type(op: str, left: Type, right: Type) -> Type | None:
    if left.kind in {"date", "datetime"} and right.kind in {"days", "months"}:
        return left
    if left.kind == "datetime" and right.kind == "seconds":
        return left
    if left.kind == right.kind == "ratio":
        return types.POINTS if op == "-" else types.RATIO
    if {left.kind, right.kind} == {"ratio", "number"}:
        return types.RATIO
    if {left.kind, right.kind} == {"ratio", "points"}:
        return types.RATIO
    if left == right and left.kind in types.NUMERIC | {"months"}:
        return left
    return None
