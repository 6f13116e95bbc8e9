"""Graphs as DOT for other tools and as SVG for a browser: layers from left to right, no libraries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from statistics import mean
from typing import Any, TypeAlias

import networkx as nx

from rulelang.render import width

Graph: TypeAlias = nx.DiGraph

WIDEST = 44  # columns of a label's line
LETTER, LINE, PAD = 7, 17, 8  # pixels
GAP_X, GAP_Y, MARGIN = 56, 14, 20
SWEEPS = 6

# fill and border by kind of node
COLOURS: Mapping[str, tuple[str, str]] = {
    "ruleset": ("#e8eef7", "#3b5b8c"),
    "rule": ("#fff4d6", "#a87900"),
    "tables": ("#e7f5ea", "#2f7d46"),
    "lists": ("#e7f5ea", "#2f7d46"),
    "evidence": ("#fbe9ec", "#a33a4f"),
    "params": ("#f1eafb", "#6a4aa3"),
    "decisions": ("#f1eafb", "#6a4aa3"),
    "exception": ("#e4f4f6", "#1c7a86"),
    "amendment": ("#e4f4f6", "#1c7a86"),
    "outcome": ("#fbe9ec", "#a33a4f"),
}
PLAIN = ("#ffffff", "#666666")
DASHED = frozenset({"imports", "within", "amends"})


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its place: left upper corner and size in pixels."""

    lines: tuple[str, ...]
    kind: str
    x: float
    y: float
    wide: float
    high: float


def dot(graph: Graph, lang: str) -> str:
    """The graph in the DOT language."""
    lines = ["digraph hegui {", "  rankdir=LR;", '  node [shape=box, style="rounded,filled"];']
    for node, data in sorted(graph.nodes(data=True)):
        fill, border = COLOURS.get(data["kind"], PLAIN)
        label = "\\n".join(_quoted(line) for line in _lines(data, lang))
        lines.append(
            f'  "{_quoted(node)}" [label="{label}", fillcolor="{fill}", color="{border}"];'
        )
    for start, end, data in sorted(graph.edges(data=True), key=lambda edge: edge[:2]):
        style = ', style="dashed"' if data["kind"] in DASHED else ""
        lines.append(f'  "{_quoted(start)}" -> "{_quoted(end)}" [tooltip="{data["kind"]}"{style}];')
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def as_data(graph: Graph, lang: str) -> dict[str, Any]:
    """The graph as plain data, for `--format json`."""
    return {
        "nodes": [
            {"id": node, "kind": data["kind"], "label": data["label"].choose(lang)}
            for node, data in sorted(graph.nodes(data=True))
        ],
        "edges": [
            {"from": start, "to": end, "kind": data["kind"]}
            for start, end, data in sorted(graph.edges(data=True), key=lambda edge: edge[:2])
        ],
    }


# ---------------------------------------------------------------- SVG


def svg(graph: Graph, lang: str, links: Mapping[str, str] | None = None) -> str:
    """The graph as an SVG drawing; `links` gives nodes an address."""
    boxes = _placed(graph, lang)
    wide = max((box.x + box.wide for box in boxes.values()), default=0) + MARGIN
    high = max((box.y + box.high for box in boxes.values()), default=0) + MARGIN
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:g}" height="{high:g}"'
        f' viewBox="0 0 {wide:g} {high:g}" font-family="sans-serif" font-size="12">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#888"/></marker></defs>',
    ]
    for start, end, data in sorted(graph.edges(data=True), key=lambda edge: edge[:2]):
        out.append(_edge(boxes[start], boxes[end], dashed=data["kind"] in DASHED))
    for node in sorted(boxes):
        drawn = _box(node, boxes[node])
        address = (links or {}).get(node)
        out.append(f'<a href="{escape(address)}">{drawn}</a>' if address else drawn)
    return "\n".join([*out, "</svg>", ""])


def _placed(graph: Graph, lang: str) -> dict[str, Box]:
    layers = _ordered(graph)
    boxes: dict[str, Box] = {}
    texts = {node: _lines(data, lang) for node, data in graph.nodes(data=True)}
    heights = {node: LINE * len(lines) + PAD for node, lines in texts.items()}
    tallest = max((_height(layer, heights) for layer in layers), default=0)
    x = float(MARGIN)
    for layer in layers:
        wide = max(LETTER * max(map(width, texts[node])) + 2 * PAD for node in layer)
        y = MARGIN + (tallest - _height(layer, heights)) / 2
        for node in layer:
            kind = graph.nodes[node]["kind"]
            boxes[node] = Box(texts[node], kind, x, y, wide, heights[node])
            y += heights[node] + GAP_Y
        x += wide + GAP_X
    return boxes


def _height(layer: Sequence[str], heights: Mapping[str, int]) -> int:
    return sum(heights[node] + GAP_Y for node in layer) - GAP_Y


def _ordered(graph: Graph) -> list[list[str]]:
    """Nodes by layer, each below what leads to it; crossings lessened by the mean of neighbours."""
    depth: dict[str, int] = {}
    for node in nx.lexicographical_topological_sort(graph):
        depth[node] = max((depth[before] + 1 for before in graph.predecessors(node)), default=0)
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in nx.dfs_preorder_nodes(_rooted(graph)):
        if node in depth:
            layers[depth[node]].append(node)
    for sweep in range(SWEEPS):
        ordered = layers if sweep % 2 == 0 else layers[::-1]
        look = graph.predecessors if sweep % 2 == 0 else graph.successors
        place = {node: index for layer in layers for index, node in enumerate(layer)}
        for layer in ordered:
            layer.sort(key=lambda node: _mean(place, look(node), place[node]))
            place.update({node: index for index, node in enumerate(layer)})
    return layers


def _rooted(graph: Graph) -> Graph:
    """The graph with one node before all that nothing leads to, so that one walk meets all."""
    rooted = Graph()
    rooted.add_edges_from((("", ""), node) for node in graph if graph.in_degree(node) == 0)
    rooted.add_edges_from(graph.edges)
    return rooted


def _mean(place: Mapping[str, int], others: Iterable[str], own: int) -> float:
    found = [place[other] for other in others]
    return mean(found) if found else own


def _lines(data: Mapping[str, Any], lang: str) -> tuple[str, ...]:
    text = data["label"].choose(lang)
    lines = list(_wrapped(text))
    note = data["note"].choose(lang)
    detail = "  ".join(part for part in (data["detail"], note) if part)
    if detail and detail != text:
        lines += _wrapped(detail)
    return tuple(lines) or ("",)


def _wrapped(text: str) -> Iterable[str]:
    line = ""
    for word in _pieces(text):
        if line and width(line + word) > WIDEST:
            yield line.rstrip()
            line = word.lstrip()
        else:
            line += word
    if line:
        yield line


def _pieces(text: str) -> Iterable[str]:
    """Words of Latin text, single signs of Chinese."""
    piece = ""
    for sign in text:
        if width(sign) > 1 or sign == " ":
            yield piece + sign
            piece = ""
        elif width(piece) >= WIDEST:
            yield piece
            piece = sign
        else:
            piece += sign
    yield piece


def _edge(start: Box, end: Box, *, dashed: bool) -> str:
    x1, y1 = start.x + start.wide, start.y + start.high / 2
    x2, y2 = end.x, end.y + end.high / 2
    bend = max(GAP_X / 2, (x2 - x1) / 2)
    style = ' stroke-dasharray="4 3"' if dashed else ""
    return (
        f'<path d="M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"'
        f' fill="none" stroke="#888"{style} marker-end="url(#tip)"/>'
    )


def _box(node: str, box: Box) -> str:
    fill, border = COLOURS.get(box.kind, PLAIN)
    texts = "".join(
        f'<text x="{box.x + PAD:g}" y="{box.y + LINE * (index + 1) - 1:g}">{escape(line)}</text>'
        for index, line in enumerate(box.lines)
    )
    return (
        f'<g><title>{escape(node)}</title><rect x="{box.x:g}" y="{box.y:g}" width="{box.wide:g}"'
        f' height="{box.high:g}" rx="5" fill="{fill}" stroke="{border}"/>{texts}</g>'
    )
