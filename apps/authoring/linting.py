"""Opinions on rule files, and their repair where the repair is without doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from apps.authoring.case_opinions import on_cases
from apps.rulesets import RuleTexts
from rulelang.codes import CODES
from rulelang.diagnostics import Diagnostic, Edit, Level
from rulelang.driver import Compiled
from rulelang.format import format_file
from rulelang.lint import lint
from rulelang.parser import parse_file
from rulelang.source import Source

KEEPS_MEANING = frozenset({"RL0915", "RL0917"})  # repairs after which the digest is what it was
_MOST_TURNS = 5


@dataclass(frozen=True)
class Linted:
    """What was compiled and what is said of the files that were asked about."""

    compiled: Compiled
    found: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What keeps the texts from compiling."""
        return tuple(each for each in self.found if CODES[each.code].level is Level.ERROR)


def linted(texts: RuleTexts, asked: Sequence[str], *, cases: bool = False) -> Linted:
    """What there is to say about the files `asked` of some rule texts, and about their tables.

    With `cases`, the pages beside the files are run, for what only they can tell. Where the texts
    do not compile, that is all that is said, of whatever file.
    """
    compiled = texts.compile()
    if compiled.program is None:
        return Linted(compiled, compiled.diagnostics)
    folders = {str(Path(path).parent) for path in asked}
    tables = {
        path
        for path in compiled.sources
        if not path.endswith(".rule") and str(Path(path).parent) in folders
    }
    more = tuple(on_cases(compiled, asked)) if cases else ()
    return Linted(compiled, lint(compiled, {*asked, *tables}, more))


def mended(texts: RuleTexts, asked: Sequence[str]) -> tuple[dict[str, str], Linted]:
    """The texts of the files that were mended, in canonical layout, and what is said of them then.

    A repair is kept only if the texts compile after it and no more is said than before; one that
    claims to keep the meaning, only if the digests are what they were.
    """
    made: dict[str, str] = {}
    now = linted(texts, asked)
    for _ in range(_MOST_TURNS):
        found = [each for each in now.found if each.edits]
        turn = _turn(texts, asked, now, found)
        if turn is None:
            break
        texts, changed, now = turn
        made |= changed
    return made, now


def _turn(
    texts: RuleTexts, asked: Sequence[str], before: Linted, found: Sequence[Diagnostic]
) -> tuple[RuleTexts, dict[str, str], Linted] | None:
    """All repairs at once, else the first one that can be made by itself."""
    for some in ([found] if found else []) + [[each] for each in found]:
        changed = _edited(before.compiled.sources, [edit for each in some for edit in each.edits])
        if not changed or any(parse_file(Source(p, t))[1] for p, t in changed.items()):
            continue
        sources = tuple(
            replace(source, text=changed[source.path]) if source.path in changed else source
            for source in texts.sources
        )
        tried = RuleTexts(sources, texts.read)
        after = linted(tried, asked)
        if _is_better(before, after, keeps={each.code for each in some} <= KEEPS_MEANING):
            return tried, changed, after
    return None


def _is_better(before: Linted, after: Linted, *, keeps: bool) -> bool:
    if before.compiled.program is None or after.compiled.program is None:
        return False
    old, new = ([each.code for each in one.found] for one in (before, after))
    if len(new) >= len(old) or set(new) - set(old):
        return False
    if not keeps:
        return True
    digests = [[each.digest for each in one.compiled.program.rulesets] for one in (before, after)
               if one.compiled.program is not None]  # fmt: skip
    return digests[0] == digests[1]


def _edited(sources: Mapping[str, Source], edits: Sequence[Edit]) -> dict[str, str]:
    """The files with their edits, laid out anew; of edits that overlap the first is made."""
    made: dict[str, str] = {}
    for path in sorted({edit.span.path for edit in edits}):
        text, last = sources[path].text, len(sources[path].text) + 1
        for edit in sorted(
            (edit for edit in edits if edit.span.path == path), key=lambda each: -each.span.start
        ):
            if edit.span.end <= last:
                text = text[: edit.span.start] + edit.text + text[edit.span.end :]
                last = edit.span.start
        source = Source(path, text)
        made[path] = format_file(parse_file(source)[0], source)
    return made
