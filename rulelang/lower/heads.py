"""Heads of rules and rulesets: periods, attributes, certainty, stages, citations."""

from __future__ import annotations

from datetime import timedelta

from rulelang import ast, core
from rulelang.check.scope import Checker
from rulelang.check.unknown import one_of
from rulelang.diagnostics import Related, Words
from rulelang.keywords import BY_TERMINAL
from rulelang.lower.citations import citation
from rulelang.lower.openness import FOR_RULES, opening
from rulelang.meant import nearest
from rulelang.source import Span
from rulelang.words import (
    ATTRIBUTES,
    BY_DOCUMENT_DATE,
    CERTAINTIES,
    STAGES,
    TERRITORIES,
    TOPICS,
    spelling_of,
    word_of,
)

_ONLY_ONE: dict[type, str] = {
    ast.NationalCode: "NATCODE",
    ast.InForce: "INFORCE",
    ast.Certainty: "CERTAINTY",
    ast.Stages: "STAGES",
}


def period_of(c: Checker, node: ast.InForce | None, otherwise: core.Period) -> core.Period:
    """A period in force; `至` is inclusive, so the end is the day after."""
    if node is None:
        return otherwise
    if node.word is not None and node.word not in BY_DOCUMENT_DATE:
        c.fail(
            "RL0705",
            c.at(node.span, node.word),
            (f"此处应为 `依文件日期`，写的是 `{node.word}`", f"`by_document_date` is wanted here, found `{node.word}`"),
        )  # fmt: skip
    end = node.end.value + timedelta(days=1) if node.end else None
    if end is not None and end <= node.start.value:
        c.fail(
            "RL0708",
            node.start.span.to(node.end.span) if node.end else node.span,
            (
                f"施行到 {node.end.value if node.end else ''}，却自 {node.start.value} 开始",
                f"in force until {node.end.value if node.end else ''}, yet from {node.start.value} on",
            ),
            ("早的日期写在 `自` 后面", "the earlier date stands behind `starting`"),
        )
    return core.Period(node.start.value, end, node.word in BY_DOCUMENT_DATE)


def attributes_of(c: Checker, nodes: list[ast.Attribute]) -> dict[str, tuple[str, ...]]:
    """Attributes by their English names."""
    found: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        name = word_of(ATTRIBUTES, node.name)
        if name is None:
            known = "、".join(ATTRIBUTES)
            c.fail(
                "RL0705",
                c.at(node.span, node.name),
                (f"没有名为 `{node.name}` 的属性", f"there is no attribute `{node.name}`"),
                (f"可用：{known}", "one of: " + ", ".join(ATTRIBUTES.values())),
            )
            continue
        if not _fits(c, name, node):
            continue
        if node.day is not None:
            found[name] = (node.day.value.isoformat(),)
        elif node.text is not None:
            found[name] = (node.text.value,)
        else:
            found[name] = tuple(_attribute_word(c, name, value, node.span) for value in node.values)
    return found


def _fits(c: Checker, name: str, node: ast.Attribute) -> bool:
    """Whether an attribute has the kind of value that it takes: a date, a text, or words."""
    found = "day" if node.day is not None else "text" if node.text is not None else "words"
    wanted = {"known_since": "day", "version": "text"}.get(name, "words")
    if found == wanted:
        return True
    zh, en, example = {
        "day": ("日期", "a date", "2026-01-15"),
        "text": ("版本", "a version", "“1.2”"),
        "words": ("词，不加引号", "words, without quotes", "…"),
    }[wanted]
    shown, word = spelling_of(ATTRIBUTES, name), c.keyword("ATTR")
    c.fail(
        "RL0705",
        node.span,
        (f"属性 `{shown}` 后面应为{zh}", f"the attribute `{name}` takes {en}"),
        (f"写 `{word} {shown} {example}`", f"write `{word} {name} {example}`"),
    )
    return False


def _attribute_word(c: Checker, name: str, value: str, span: Span) -> str:
    if name == "governing_date":
        return _date_field(c, value, span)
    words = {"topic": TOPICS, "territory": TERRITORIES}.get(name)
    if words is None:
        return value
    found = word_of(words, value)
    if found is None:
        c.fail(
            "RL0705",
            c.at(span, value),
            (f"属性 `{spelling_of(ATTRIBUTES, name)}` 不能是 `{value}`",
             f"the attribute `{name}` cannot be `{value}`"),
            ("可用：" + "、".join(words), "one of: " + ", ".join(words.values())),
        )  # fmt: skip
        return value
    return found


def _date_field(c: Checker, value: str, span: Span) -> str:
    """The date that `属性 基准日` names: one of the encounter's (S14)."""
    field = c.vocabulary.field("encounter", value)
    if field is None or field.type.kind not in {"date", "datetime"}:
        fields = c.vocabulary.entities["encounter"].fields.values()
        dates = [each for each in fields if each.type.kind in {"date", "datetime"}]
        c.fail(
            "RL0705",
            c.at(span, value),
            (f"`{value}` 不是就诊的日期", f"`{value}` is no date of the encounter"),
            one_of([each.zh for each in dates], [each.en for each in dates]),
        )
        return value
    return field.en


class Heads:
    """The head clauses of a rule, read once."""

    def __init__(self, c: Checker, node: ast.Rule, *, said: bool) -> None:
        """Read all heads; a missing certainty is a mistake, unless it was said to be misspelt."""
        heads, name_span = node.heads, node.name.span
        self.national_code = ""
        self.certainty = ""
        self.stages: tuple[str, ...] = ("before", "during", "after")
        self.in_force: ast.InForce | None = None
        self.attributes: list[ast.Attribute] = []
        self.cited = any(isinstance(head, ast.Cite) for head in heads)
        found: list[core.Citation] = []
        for head in _once(c, heads):
            match head:
                case ast.NationalCode():
                    self.national_code = head.code
                case ast.Cite():
                    cited = citation(c, head)
                    found += [cited] if cited is not None else []
                case ast.InForce():
                    self.in_force = head
                case ast.Attribute():
                    self.attributes.append(head)
                case ast.Certainty():
                    self.certainty = _word(c, CERTAINTIES, head.word, head.span, "CERTAINTY")
                case ast.Stages():
                    self.stages = tuple(
                        _word(c, STAGES, word, head.span, "STAGES") for word in head.words
                    )
                case ast.Open() | ast.Closed():
                    pass  # what lower layers may do is read apart
        self.citations = tuple(found)
        self.openings, self.closed = _for_lower(c, heads)
        if not said and not any(isinstance(head, ast.Certainty) for head in heads):
            _no_certainty(c, name_span)


def _for_lower(
    c: Checker, heads: tuple[ast.Head, ...]
) -> tuple[tuple[core.Opening, ...], core.Citation | None]:
    """What a rule leaves to lower layers: openings, and the citation that closes its scope."""
    openings = [
        found
        for head in heads
        if isinstance(head, ast.Open)
        for found in opening(c, head, FOR_RULES)
    ]
    closings = [citation(c, head.cite) for head in heads if isinstance(head, ast.Closed)]
    return tuple(openings), next(iter(closings), None)


def _no_certainty(c: Checker, span: Span) -> None:
    c.fail(
        "RL0701",
        span,
        ("规则没有 `结果类型`", "the rule has no `certainty`"),
        (
            "写 `结果类型 违规`、`可疑` 或 `监测指标`",
            "write `certainty definite`, `suspect` or `indicator`",
        ),
    )


def _once(c: Checker, heads: tuple[ast.Head, ...]) -> list[ast.Head]:
    """The heads without those of which a rule has one only, and has had it."""
    kept: list[ast.Head] = []
    for head in heads:
        keyword = _ONLY_ONE.get(type(head))
        first = next((other for other in kept if type(other) is type(head)), None)
        if keyword is None or first is None:
            kept.append(head)
            continue
        word = BY_TERMINAL[keyword]
        c.fail(
            "RL0126",
            c.at(head.span, word.spelt(c.spelling)),
            (f"一条规则只能有一个 `{word.zh}`", f"a rule has only one `{word.en}`"),
            None,
            (Related(first.span, Words("前一个在此", "the first one")),),
        )
    return kept


def _word(c: Checker, words: dict[str, str], name: str, span: Span, keyword: str) -> str:
    found = word_of(words, name)
    if found is None:
        head = BY_TERMINAL[keyword]
        c.fail(
            "RL0705",
            c.at(span, name),
            (f"`{head.zh}` 不能是 `{name}`", f"`{head.en}` cannot be `{name}`"),
            nearest(name, [*words, *words.values()])
            or Words("可用：" + "、".join(words), "one of: " + ", ".join(words.values())),
        )
        return ""
    return found
