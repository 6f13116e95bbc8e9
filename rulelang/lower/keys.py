"""The key of a table: which columns can be looked up by, and whether along the levels above (S5)."""

from __future__ import annotations

from rulelang import ast, core
from rulelang.check.compare import is_hierarchical, is_nested
from rulelang.check.scope import Checker

KEY_KINDS = frozenset(
    {"code", "enum", "text", "yes_no", "date", "number", "days", "quantity", "error"}
)


def check_key(c: Checker, node: ast.KeyColumn, column: core.TableColumn) -> None:
    """Complain of a column that nothing equals, and of 属于 where there are no levels or is none."""
    words, name = c.say(column.type), node.name
    if column.type.kind not in KEY_KINDS:
        c.fail(
            "RL0314",
            node.span,
            (f"键不能是{words.zh}", f"a key cannot be {words.en}"),
            ("一行一个值才能作键：几个编码的分写几行", "a key is one value a row: write several codes in several rows"),
        )  # fmt: skip
        return
    if column.type.kind != "code":
        if node.under and not is_hierarchical(c, column.type):
            _flat(c, node)
        return
    hierarchical = is_hierarchical(c, column.type)
    if node.under and not hierarchical and not is_nested(c, column.type):
        _flat(c, node)
    elif hierarchical and not node.under:
        word = c.keyword("UNDER")
        c.fail(
            "RL0304",
            node.span,
            (f"{words.zh}有上下级，作键要写 `{word}`",
             f"{words.en} has levels above and below: a key of it says `{word}`"),
            (f"写 `{c.keyword('KEY')} {name} {word}`，一行管它之下的编码，取最近的一行",
             f"write `{c.keyword('KEY')} {name} {word}`; a row holds for all below, the nearest counts"),
        )  # fmt: skip


def _flat(c: Checker, node: ast.KeyColumn) -> None:
    word = c.keyword("UNDER")
    c.fail(
        "RL0304",
        node.span,
        (f"`{node.name}` 没有上下级，作键不写 `{word}`",
         f"`{node.name}` has no levels, so the key is without `{word}`"),
        (f"写 `{c.keyword('KEY')} {node.name}`", f"write `{c.keyword('KEY')} {node.name}`"),
    )  # fmt: skip
