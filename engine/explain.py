"""A finding in words: one line, or the whole derivation beside the rule's own text (S18).

What is not met is a limit of payment, not of use: the fund does not pay (HOUSE.md, 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.cite import citation_words, cited, leaf_words, missing, place_words, supplier_words
from engine.derivation import Step
from engine.facts import Value
from engine.finding import Finding, Label
from engine.words import figure, value_text, waiver_words
from rulelang.core import Lit, Program
from rulelang.diagnostics import Words
from rulelang.source import Source, Span
from rulelang.values import ZERO, Range, Truth, to_fen

__all__ = ["cited", "derivation", "full", "missing", "short"]

LABELS: Mapping[Label, Words] = MappingProxyType(
    {
        Label.VIOLATED: Words("违规", "violated"),
        Label.SUSPECTED: Words("可疑", "suspected"),
        Label.UNDETERMINED: Words("待补充信息", "undetermined"),
        Label.EXCUSED: Words("例外通过", "excused"),
        Label.SATISFIED: Words("合规", "satisfied"),
        Label.NOT_APPLICABLE: Words("不适用", "not applicable"),
    }
)
TRUTHS: Mapping[Truth, Words] = MappingProxyType(
    {
        Truth.TRUE: Words("成立", "holds"),
        Truth.FALSE: Words("不成立", "does not hold"),
        Truth.UNKNOWN: Words("未知", "unknown"),
    }
)
NOT_PAID: Mapping[Label, Words] = MappingProxyType(
    {
        Label.VIOLATED: Words("基金不予支付金额：{}", "not paid by the fund: {}"),
        Label.SUSPECTED: Words("基金可能不予支付金额：{}", "perhaps not paid by the fund: {}"),
        Label.UNDETERMINED: Words("待定金额：{}", "still open: {}"),
    }
)

MOST_PARTS = 8  # of a list in a derivation
MOST_SNIPPET = 60  # characters of rule text beside a step
INDENT = "  "


def short(finding: Finding) -> Words:
    """A finding in one line: outcome, rule, subject, why, and what the fund does not pay."""
    return Words(_short(finding, "zh"), _short(finding, "en"))


def full(finding: Finding, program: Program, lang: str) -> list[str]:
    """A finding with its derivation, the rule's text, its basis, and what may be done.

    Args:
        finding: The finding; its derivation is printed as it is, pruned or not.
        program: The rules, with their texts.
        lang: "zh" or "en".
    """
    book = _Book(program, lang)
    lines = [_short(finding, lang)]
    lines += book.section("说明", "Message", (item.choose(lang) for item in finding.messages[1:]))
    if finding.waiver is not None:
        lines += book.section("豁免", "Waiver", iter([waiver_words(finding.waiver).choose(lang)]))
    lines += book.section("缺少", "Missing", (item.how.choose(lang) for item in finding.missing))
    if finding.derivation is not None:
        lines += book.section("判定过程", "Derivation", book.tree(finding.derivation))
    lines += book.section("规则原文", "Rule text", book.rule_text(finding.rule.span))
    for each in finding.amendments:
        lines += book.section("补充原文", "Amendment", book.rule_text(each.span))
    citations = list(
        dict.fromkeys(
            citation
            for found in (
                finding.rule.citations,
                *(each.citations for each in finding.amendments),
                (finding.rule.ended_by, finding.exception),
            )
            for citation in found
            if citation is not None
        )
    )
    basis = (citation_words(item).choose(lang) for item in citations)
    lines += book.section("依据", "Basis", basis)
    pattern = "{}（{}）" if lang == "zh" else "{} ({})"
    remedies = (
        pattern.format(item.text.choose(lang), supplier_words(item.actor).choose(lang))
        for item in finding.remedies
    )
    lines += book.section("可以怎么办", "What can be done", remedies)
    return lines


def derivation(step: Step, program: Program, lang: str) -> list[str]:
    """A derivation alone: each step in the words of the rule text, its parts further in."""
    return list(_Book(program, lang).tree(step))


def money_text(amount: Range, lang: str) -> str:
    """An amount or a range of amounts, to the fen."""
    unit = "元" if lang == "zh" else " yuan"
    low, high = (
        None if end is None else figure(to_fen(end), least=2) for end in (amount.low, amount.high)
    )
    if low == high and low is not None:
        return low + unit
    if low is None or (amount.low == 0 and high is not None):
        return (f"至多{high}" if lang == "zh" else f"up to {high}") + unit
    if high is None:
        return (f"至少{low}" if lang == "zh" else f"at least {low}") + unit
    return f"{low}~{high}{unit}"


# ---------------------------------------------------------------- one line


def _short(finding: Finding, lang: str) -> str:
    title = finding.rule.title.choose(lang)
    if finding.folded and len(finding.folded) > 1:
        count = len(finding.folded)
        title = f"{count}条规则" if lang == "zh" else f"{count} rules"
    subject = _subject(finding, lang)
    name = f"{title}（{subject}）" if lang == "zh" else f"{title} ({subject})"
    head = f"{LABELS[finding.label].choose(lang)}：" if lang == "zh" else (
        f"{LABELS[finding.label].choose(lang)}: "
    )  # fmt: skip
    parts = [item.choose(lang).rstrip("。.") for item in finding.messages[:1]]
    more = (_excuse(finding, lang), _lacks(finding, lang), _money(finding, lang))
    parts += [text for text in more if text]
    joint, stop = ("；", "。") if lang == "zh" else ("; ", ".")
    said = joint.join(parts)
    name = name if subject else title
    if not said:
        return f"{head}{name}{stop}"
    return f"{head}{name}{stop}{'' if lang == 'zh' else ' '}{said}{stop}"


def _excuse(finding: Finding, lang: str) -> str:
    """Which exception excuses it: the place in the law that the exception cites (S13)."""
    if finding.exception is None:
        return ""
    place = citation_words(finding.exception).choose(lang)
    return f"例外依据：{place}" if lang == "zh" else f"excused by {place}"


def _subject(finding: Finding, lang: str) -> str:
    """The subject's lines, at most three, with the name of the first."""
    places = [place_words(item).choose(lang) or item.key for item in finding.offending]
    shown = ("、" if lang == "zh" else ", ").join(places[:3])
    if len(places) > 3:  # noqa: PLR2004 - the three that are shown
        shown += f"等{len(places)}项" if lang == "zh" else f" and others, {len(places)} in all"
    names = [
        choice for item in finding.offending[:1] for choice in item.value("name").choices or ()
    ]
    return f"{shown} {names[0]}" if len(places) == 1 and len(names) == 1 else shown


def _lacks(finding: Finding, lang: str) -> str:
    """What is missing, where the message does not say it already."""
    if finding.label is not Label.UNDETERMINED or finding.is_folded or not finding.missing:
        return ""
    if lang == "zh":
        items = [f"{item.shown.zh}，由 {supplier_words(item.supplier).zh} 提供"
                 for item in finding.missing]  # fmt: skip
        return f"缺：{'；'.join(items)}"
    items = [f"{item.shown.en}, from the {supplier_words(item.supplier).en}"
             for item in finding.missing]  # fmt: skip
    return f"missing: {'; '.join(items)}"


def _money(finding: Finding, lang: str) -> str:
    words = NOT_PAID.get(finding.label)
    if words is None or finding.at_risk == ZERO:
        return ""
    amount = money_text(finding.at_risk, lang)
    if finding.upper_bound and finding.at_risk.is_exact:
        amount = f"至多{amount}" if lang == "zh" else f"up to {amount}"
    return words.choose(lang).format(amount)


# ---------------------------------------------------------------- the whole


@dataclass(frozen=True, slots=True)
class _Book:
    """Prints derivations beside the texts that they follow."""

    program: Program
    lang: str

    def section(self, zh: str, en: str, lines: Iterator[str]) -> list[str]:
        """A heading with its lines; nothing where there are none."""
        body = [f"{INDENT}{line}" for line in lines]
        heading = f"{zh}：" if self.lang == "zh" else f"{en}:"
        return [heading, *body] if body else []

    def tree(self, step: Step, depth: int = 0) -> Iterator[str]:
        """A step and, further in, the steps that it came from."""
        said = self._step(step)
        if said:
            yield INDENT * depth + said
            depth += 1
        parts = [part for part in step.parts if not _says_nothing(part)]
        for part in parts[:MOST_PARTS]:
            yield from self.tree(part, depth)
        count = len(parts)
        if count > MOST_PARTS:
            rest = count - MOST_PARTS
            words = Words(f"……另有{rest}项，共{count}项", f"... {rest} more, {count} in all")
            yield INDENT * depth + words.choose(self.lang)

    def rule_text(self, span: Span) -> Iterator[str]:
        """The lines of a rule with their numbers."""
        text = self.program.sources.get(span.path)
        if text is None:
            return
        source = Source(span.path, text)
        first, _ = source.position(span.start)
        last, _ = source.position(max(span.start, span.end - 1))
        yield f"{span.path}:{first}"
        width = len(str(last))
        for number in range(first, last + 1):
            yield f"{number:>{width}} | {source.line(number)}"

    def _step(self, step: Step) -> str:
        """A step in one line; nothing for one that only holds others together."""
        if step.leaf is not None:
            on = step.value.fine if isinstance(step.value, Value) else None
            return leaf_words(step.leaf, self.program, on).choose(self.lang)
        snippet = self._snippet(step) or step.label
        value = self._value(step)
        return " → ".join(part for part in (snippet, value) if part) if snippet else ""

    def _snippet(self, step: Step) -> str:
        """The rule's own words for a step, on one line."""
        if step.expr is None:
            return ""
        span = step.expr.span
        text = " ".join(self.program.sources.get(span.path, "")[span.start : span.end].split())
        return text if len(text) <= MOST_SNIPPET else f"{text[:MOST_SNIPPET]}…"

    def _value(self, step: Step) -> str:
        value = step.value
        if isinstance(value, Truth):
            return TRUTHS[value].choose(self.lang)
        if isinstance(value, Value) and step.expr is not None:
            return value_text(value, step.expr.type, self.program, self.lang)
        return ""


def _says_nothing(step: Step) -> bool:
    """Whether a step is a constant or a name that its parent's text shows already."""
    if step.parts or step.leaf is not None or step.label:
        return False
    return step.value is None or isinstance(step.expr, Lit)
