"""Runs the tests of Markdown pages: one runner for pytest, `hegui test` and, later, the editor.

What a case gives is printed block by block and compared exactly with what its page expects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from apps import rulesets
from apps.authoring import case_text
from apps.authoring.beside import Beside, beside
from apps.authoring.case_input import population_of_case
from apps.authoring.facts_block import judged_of
from apps.authoring.pages import Block, Case, Page, PageError, read_page, rewrite
from apps.checking import rules_named
from engine.checker import CheckRequest, check
from engine.errors import InputError
from engine.facts import Bill
from engine.period_check import PeriodResult, check_periods, check_ruleset
from engine.population import Population
from engine.select import is_of_bills
from rulelang.core import Program
from rulelang.driver import Compiled
from rulelang.keywords import RESERVED
from rulelang.source import Source

CASE_RULESET = {
    "zh": "规则集 案例 | case “案例” “Case”\n层级 国家\n",
    "en": "ruleset case | 案例 “案例” “Case”\nauthority national\n",
}
BARE = "bare"
_SAME_RULESET = {"zh": "规则集 {} “案例” “Case”\n", "en": "ruleset {} “案例” “Case”\n"}
_HEAD = re.compile(r"^\s*(?:规则集|ruleset)\s+(?P<name>[^“\"\n]+?)\s*[“\"]", re.MULTILINE)
_COMMENT = re.compile(r"\s*(?:--|——|#!)")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A block whose expected text is not what came out."""

    block: Block
    actual: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case went: what differs, or why it could not be run."""

    case: Case
    mismatches: tuple[Mismatch, ...] = ()
    trouble: str = ""

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return not self.mismatches and not self.trouble


def pages_in(path: Path) -> tuple[Path, ...]:
    """The pages at a path: a file, or all Markdown pages below a folder."""
    return tuple(sorted(path.rglob("*.md"))) if path.is_dir() else (path,)


def load_page(path: Path) -> Page:
    """A page from its file.

    Raises:
        PageError: if it is not well formed.
    """
    return read_page(path.as_posix(), path.read_text(encoding="utf-8"))


def run_case(page: Page, case: Case) -> Outcome:
    """Run one case and compare."""
    lang = case.settings.get("lang", "zh")
    try:
        actual = _actual(page, case, lang)
    except PageError as error:
        return Outcome(case, trouble=error.choose(lang))
    except InputError as error:
        return Outcome(case, trouble=f"{error.code} {error.words.choose(lang)} {error.place}")
    except _BrokenRulesError as error:
        return Outcome(case, trouble=str(error))
    differing = tuple(
        Mismatch(block, actual[block]) for block in case.expected if actual[block] != block.text
    )
    return Outcome(case, differing)


def update(page: Page, outcomes: Iterable[Outcome]) -> str:
    """The page with what came out in place of what was expected."""
    texts = {m.block: m.actual for outcome in outcomes for m in outcome.mismatches}
    return rewrite(page, texts)


def settled(outcome: Outcome) -> Outcome:
    """An outcome whose differences have been written into its page."""
    return replace(outcome, mismatches=())


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case that asks about bills, ready to be judged: what its rules are and what they see.

    `focus` are the ids of the rules that the case is about. `offsets` are, by the path of a rule
    block, how many lines of the page stand before its first line. `shown` are the periods to judge, `on`
    the date by which rulesets are judged.
    """

    page: Page
    case: Case
    program: Program
    focus: tuple[str, ...]
    population: Population
    known_on: date | None
    offsets: Mapping[str, int]
    shown: tuple[str, ...] = ()
    on: date | None = None

    @property
    def bills(self) -> tuple[Bill, ...]:
        """The bills that the case asks about."""
        return self.population.bills


def prepared(page: Page, case: Case) -> Prepared | None:
    """A case made ready; None where it asks about no bill, or cannot be run."""
    if all(block.kind == "diagnostics" for block in case.expected):
        return None
    try:
        texts = _texts_of(page.path, case)
        _refuse_unknown_rulesets(case, texts.beside)
        program = _compile(texts).program
        if program is None:
            return None
        population, knowledge = population_of_case(case, program), _known_on(case)
        focus, (shown, on) = _focus(case, program, texts), _judged_of(case, program)
    except (PageError, InputError):
        return None  # said where the case is run
    shifts = _shifts(case, texts)
    offsets = {
        source.path: block.line - 1 - shifts[source.path]
        for source, block in zip(texts.sources, case.rules, strict=True)
    }
    return Prepared(page, case, program, focus, population, knowledge, offsets, shown, on)


class _BrokenRulesError(Exception):
    """The rules of a case do not compile, and the case does not expect it."""


def _actual(page: Page, case: Case, lang: str) -> Mapping[Block, str]:
    """What comes out, for each expected block."""
    texts = _texts_of(page.path, case)
    _refuse_unknown_rulesets(case, texts.beside)
    compiled = _compile(texts)
    said = case_text.diagnostics(compiled, _shifts(case, texts), lang)
    printed: dict[Block, str] = {}
    expected = case.only("diagnostics")
    if expected is not None:
        printed[expected] = said
    elif compiled.program is None:
        raise _BrokenRulesError(said)
    wanted = [block for block in case.expected if block.kind != "diagnostics"]
    if not wanted:
        return printed
    if compiled.program is None:
        line = wanted[0].line - 1
        raise PageError(line, "规则有误，无法审核", "the rules are wrong; nothing can be checked")
    focus = _focus(case, compiled.program, texts)
    program = compiled.program
    population, only = population_of_case(case, program), _only(case, focus)
    wanted_rules = CheckRequest(known_on=_known_on(case), only=only)
    results = tuple(check(program, bill, wanted_rules) for bill in population.bills)
    others = _beyond_bills(case, program, population, wanted_rules)
    for block in wanted:
        printed[block] = case_text.printed(
            block.kind, results, program, focus, lang, beyond=(population.bills, others)
        )
    return printed


def _refuse_unknown_rulesets(case: Case, near: Beside) -> None:
    known = {*rulesets.shipped_names(), *near.names}
    for name in case.named("rulesets"):
        if name not in known:
            raise PageError(case.line, f"没有规则集 `{name}`", f"there is no ruleset `{name}`")


# ---------------------------------------------------------------- rules


@dataclass(frozen=True, slots=True)
class _Texts:
    """The rule texts of a case; a block may have lines of ours put before it."""

    sources: tuple[Source, ...]
    files: tuple[tuple[str, str], ...]
    named: tuple[str, ...]
    beside: Beside

    @property
    def own(self) -> frozenset[str]:
        """The paths of the case's own blocks."""
        return frozenset(source.path for source in self.sources)


def _texts_of(path: str, case: Case) -> _Texts:
    """Every rule block as a file; one without a head belongs to the ruleset of the one before."""
    sources: list[Source] = []
    ruleset = ""
    for number, block in enumerate(case.rules, start=1):
        head = _HEAD.search(block.text)
        spelling = _spelling(block.text)
        before = ""
        if block.argument == BARE:
            pass  # just as it is written, for what is said of a missing head
        elif head is not None:
            ruleset = _canonical(head["name"], spelling)
        elif ruleset:
            before = _SAME_RULESET[spelling].format(ruleset)
        else:
            before, ruleset = CASE_RULESET[spelling], "case"
        sources.append(Source(f"{path}#{number}", before + block.text))
    folder = path.rpartition("/")[0]
    place = f"{folder}/" if folder else ""
    files = tuple(sorted((f"{place}{file}", block.text) for file, block in case.files.items()))
    named = case.named("rulesets")
    return _Texts(tuple(sources), files, named, beside(path, named))


def _canonical(name: str, spelling: str) -> str:
    """The English name of a ruleset, else the only one it has."""
    first, _, second = (part.strip() for part in name.replace("｜", "|").partition("|"))
    return second if second and spelling == "zh" else first


def _spelling(text: str) -> str:
    """The spelling of a rule text's keywords, told by its first one."""
    for line in text.splitlines():
        words = [] if _COMMENT.match(line) else line.split()
        for word in words:
            if word in RESERVED:
                return RESERVED[word][1]
    return "zh"


def _shifts(case: Case, texts: _Texts) -> Mapping[str, int]:
    """How many lines of ours stand before each block."""
    return {
        source.path: source.text.count("\n") - block.text.count("\n")
        for source, block in zip(texts.sources, case.rules, strict=True)
    }


@lru_cache(maxsize=32)
def _compile(texts: _Texts) -> Compiled:
    files = dict(texts.files)

    def read(wanted: str) -> bytes | None:
        text = files.get(wanted)
        return texts.beside.read(wanted) if text is None else text.encode()

    own = rulesets.RuleTexts((*texts.sources, *texts.beside.sources), read)
    return rulesets.with_needed(own, texts.named).compile()


# ---------------------------------------------------------------- checking


def _only(case: Case, focus: Sequence[str]) -> tuple[str, ...]:
    """With rules named under 检查 only those and the case's own run; else all."""
    return tuple(focus) if case.named("focus") else ()


def _beyond_bills(
    case: Case, program: Program, population: Population, request: CheckRequest
) -> tuple[PeriodResult, ...]:
    """What rules on periods and on the ruleset find; a person's periods are judged with his bill."""
    kinds = {(rule.subject.kind, rule.subject.element) for rule in program.rules}
    shown, on = _judged_of(case, program)
    found: list[PeriodResult] = []
    if any(kind == "period" and element != "patient" for kind, element in kinds):
        own = [r.id for r in program.rules if not is_of_bills(r) and r.subject.kind == "period"]
        asked = tuple(id_ for id_ in own if not request.only or id_ in request.only)
        if asked:
            narrowed = replace(request, only=asked)
            found.append(check_periods(program, population, narrowed, shown=shown))
    if any(kind == "ruleset" for kind, _ in kinds):
        found.append(check_ruleset(program, on, request))
    return tuple(found)


def _judged_of(case: Case, program: Program) -> tuple[tuple[str, ...], date | None]:
    """The periods to judge, and the date by which rulesets are judged, where a case says them."""
    facts = case.only("facts")
    return judged_of(facts, program) if facts is not None else ((), None)


def _known_on(case: Case) -> date | None:
    """The date of knowledge that a page sets with 知悉日 (S14.1)."""
    written = case.settings.get("known_on")
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise PageError(
            case.line, f"知悉日 `{written}` 不是日期", f"`{written}` is no date"
        ) from None


def _focus(case: Case, program: Program, texts: _Texts) -> tuple[str, ...]:
    """The rules whose every outcome is listed: the case's own, and those named under 检查."""
    chosen = [rule.id for rule in program.rules if rule.span.path in texts.own]
    for name in case.named("focus"):
        found = rules_named(program, name)
        if not found:
            raise PageError(case.line, f"没有规则 `{name}`", f"there is no rule `{name}`")
        chosen += [rule.id for rule in found]
    return tuple(dict.fromkeys(chosen))
