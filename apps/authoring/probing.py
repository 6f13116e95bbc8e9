"""An expression that someone types, made into a small rule, so that it can be asked of a bill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from apps.rulesets import RuleTexts, heads
from engine.facts import Bill
from engine.probe import Probed, probe
from engine.select import known_on
from engine.tables import Tables
from rulelang.core import Program
from rulelang.diagnostics import Diagnostic
from rulelang.keywords import RESERVED
from rulelang.lexer import lex
from rulelang.source import Source, Span

PATH = "repl"  # what a diagnostic shows in place of a file
PAIRS = {"line": ("明细", "line"), "encounter": ("就诊", "encounter"), "diagnosis": ("诊断", "diagnosis"),
         "prescription": ("处方", "prescription"), "operation": ("手术", "operation")}  # fmt: skip

_HEADS = {
    "zh": "规则集 试算 | probe “试算” “Probe”\n层级 国家\n",
    "en": "ruleset probe | 试算 “试算” “Probe”\nauthority national\n",
}
_RULES = {
    "zh": "规则 试算式 | probed “试算式” “Probed”\n结果类型 可疑\n针对 {}\n记 所求 | asked = ",
    "en": "rule probed | 试算式 “试算式” “Probed”\ncertainty suspect\nfor {}\nlet asked | 所求 = ",
}
_ENDS = {"zh": "\n要求 1 = 1\n则 复核\n", "en": "\nrequire 1 = 1\nthen review\n"}


@dataclass(frozen=True)
class Asked:
    """What came of an expression: its values, or what is wrong with it."""

    values: tuple[Probed, ...] = ()
    program: Program | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)


def subject_of(text: str) -> str:
    """What an expression is asked of: each line where it speaks of one, else the encounter."""
    tokens = lex(Source(PATH, text)).tokens
    names = {
        token.text
        for before, token in zip((None, *tokens), tokens, strict=False)
        if before is None or before.text != "."
    }
    for kind, spellings in PAIRS.items():
        if names & set(spellings):
            return kind
    return "encounter"


def spelling_of(text: str, default: str) -> str:
    """The spelling of an expression's keywords or subjects."""
    for token in lex(Source(PATH, text)).tokens:
        if token.text in RESERVED:
            return RESERVED[token.text][1]
        for zh, en in PAIRS.values():
            if token.text in {zh, en}:
                return "zh" if token.text == zh else "en"
    return default


def ask(texts: RuleTexts, text: str, bills: tuple[Bill, ...], default: str) -> Asked:
    """The values of an expression on bills, with all that the rule texts declare at hand."""
    spelling = spelling_of(text, default)
    subject = PAIRS[subject_of(text)][0 if spelling == "zh" else 1]
    names = sorted({heads(source.text)[0] for source in texts.sources if heads(source.text)})
    use = {"zh": "引用", "en": "use"}[spelling]
    before = _HEADS[spelling] + "".join(f"{use} {name}\n" for name in names)
    before += _RULES[spelling].format(subject)
    own = Source(PATH, before + text + _ENDS[spelling])
    compiled = RuleTexts((*texts.sources, own), texts.read).compile()
    program = compiled.program
    if program is None:
        found = [item for item in compiled.errors if item.span.path == PATH]
        return Asked(
            diagnostics=tuple(_moved(item, len(before), len(text)) for item in found)
            or compiled.errors,
            sources={**compiled.sources, PATH: Source(PATH, text)},
        )
    rule = next(rule for rule in program.rules if rule.span.path == PATH)
    tables = Tables(program, known_on(program))
    values = [value for bill in bills for value in probe(rule, bill, program, tables)]
    return Asked(tuple(values), program)


def _moved(diagnostic: Diagnostic, offset: int, size: int) -> Diagnostic:
    """A diagnostic whose place is one in the expression alone."""
    start = min(max(diagnostic.span.start - offset, 0), size)
    end = min(max(diagnostic.span.end - offset, start), size)
    return replace(diagnostic, span=Span(PATH, start, end), related=())
