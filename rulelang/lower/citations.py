"""Citations and the documents that they name."""

from __future__ import annotations

from rulelang import ast, core
from rulelang.check.scope import Checker
from rulelang.diagnostics import Words
from rulelang.meant import nearest
from rulelang.resolve import canonical


def citations(c: Checker, nodes: tuple[ast.Cite, ...]) -> tuple[core.Citation, ...]:
    """Citations with their documents; an undeclared document is an error."""
    found = (citation(c, node) for node in nodes)
    return tuple(item for item in found if item is not None)


def citation(c: Checker, node: ast.Cite) -> core.Citation | None:
    """One citation, or None where its document is not declared (and was said)."""
    symbol = c.unit.names.get(node.document)
    if symbol is None or not isinstance(symbol.node, ast.Document):
        if c.is_unread(node.document):
            return None
        known = [n for n, s in c.unit.names.items() if isinstance(s.node, ast.Document)]
        c.fail(
            "RL0210",
            c.at(node.span, node.document),
            (f"没有声明文件 `{node.document}`", f"document `{node.document}` is not declared"),
            nearest(node.document, known)
            or Words("在规则集开头写 `文件 名称 “标题” 文号 “…”`", 'write `document name "title" doc_no "..."` in the head'),
        )  # fmt: skip
        return None
    place = node.place.value if node.place is not None else ""
    return core.Citation(document(symbol.node), place)


def document(node: ast.Document) -> core.Document:
    """A declared document."""
    title = Words(node.title.zh.value, (node.title.en or node.title.zh).value)
    number = node.number.value if node.number else ""
    issued = node.issued.value if node.issued else None
    return core.Document(canonical(node.name), title, number, issued)
