"""What a 补充 or 废止 names: a rule or parameter by the name of its ruleset and its own (S15)."""

from __future__ import annotations

from rulelang import ast
from rulelang.check.scope import Checker
from rulelang.diagnostics import Related, Words
from rulelang.meant import nearest
from rulelang.resolve import Symbol, Unit
from rulelang.source import Span

_WHAT: dict[type, Words] = {ast.Rule: Words("规则", "rule"), ast.Param: Words("参数", "parameter")}


def target_of(c: Checker, name: str, span: Span, kind: type) -> Symbol | None:
    """The rule or parameter that `name` stands for; None where there is none (and it was told).

    `国家.药品支付限定.儿童年龄` is the name of a ruleset and one in it. `国家.儿童年龄` leaves the end
    of the ruleset's name out, `儿童年龄` all of it, where that is clear.
    """
    found = _found(c, name)
    fitting = [symbol for symbol in found if isinstance(symbol.node, kind)]
    at = c.at(span, name)
    if len(fitting) == 1:
        return fitting[0]
    if len(fitting) > 1:
        c.fail(
            "RL0207",
            at,
            (f"`{name}` 有 {len(fitting)} 个", f"there are {len(fitting)} of the name `{name}`"),
            ("前面写出规则集的全名", "write the whole name of the ruleset before it"),
            tuple(Related(each.name.span, Words("在此声明", "declared here")) for each in fitting),
        )
        return None
    what = _WHAT[kind]
    if found:
        other = _WHAT.get(type(found[0].node))
        c.fail(
            "RL0314",
            at,
            (f"`{name}` 不是{what.zh}", f"`{name}` is no {what.en}"),
            ("参数写 `补充 名称 = 值 依据 …`", "a parameter is filled by `amend name = value citing ...`")
            if other is not None and other.en == "parameter"
            else ("规则写 `补充 名称` 和要加的条款", "a rule is amended by clauses below `amend name`"),
            (Related(found[0].name.span, Words("在此声明", "declared here")),),
        )  # fmt: skip
        return None
    _unknown(c, name, at, kind)
    return None


def _unknown(c: Checker, name: str, at: Span, kind: type) -> None:
    if c.unit.is_lacking or c.is_unread(name.rpartition(".")[2]):
        return  # its ruleset, or its declaration, was told of
    known = [
        f"{ruleset}.{spelling}"
        for unit in _units(c)
        for ruleset in (unit.head.name.zh, unit.head.name.en)
        if ruleset and ruleset.isascii() == name.isascii()
        for spelling, symbol in unit.names.items()
        if isinstance(symbol.node, kind) and spelling.isascii() == name.isascii()
    ]
    what = _WHAT[kind]
    c.fail(
        "RL0201",
        at,
        (f"没有名为 `{name}` 的{what.zh}", f"there is no {what.en} `{name}`"),
        nearest(name, known)
        or Words("它的文件要一并编译", "the files of its ruleset are compiled along with this one"),
    )


def _units(c: Checker) -> list[Unit]:
    return [c.unit, *c.unit.others]


def _found(c: Checker, name: str) -> list[Symbol]:
    """What a name may stand for: by the whole name of its ruleset first, then by less of it."""
    whole = [
        symbol
        for unit in _units(c)
        for ruleset in (unit.head.name.zh, unit.head.name.en)
        if ruleset and name.startswith(f"{ruleset}.")
        if (symbol := unit.names.get(name.removeprefix(f"{ruleset}."))) is not None
    ]
    if whole:
        return _different(whole)
    before, _, last = name.rpartition(".")
    if not before:
        own = c.unit.find(last)
        if own is not None:
            return [own]
    return _different(
        [
            symbol
            for unit in _units(c)
            if not before
            or any(
                (ruleset or "").startswith(f"{before}.")
                for ruleset in (unit.head.name.zh, unit.head.name.en)
            )
            if (symbol := unit.names.get(last)) is not None
        ]
    )


def _different(symbols: list[Symbol]) -> list[Symbol]:
    by_id = {symbol.id: symbol for symbol in symbols}
    return [by_id[id_] for id_ in sorted(by_id)]
