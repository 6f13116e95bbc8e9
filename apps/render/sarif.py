"""Diagnostics as SARIF 2.1.0, the form that code review and editors read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from apps.render.answer import tool_version
from rulelang.codes import CODES
from rulelang.diagnostics import Diagnostic, Edit, Words
from rulelang.source import Source, Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def document(
    found: Sequence[Diagnostic], sources: Mapping[str, Source], lang: str
) -> dict[str, Any]:
    """One run with its results and the codes that they have; texts in `lang`, "zh" or "en".

    Columns count code points, as they do everywhere here; the run says so.
    """
    codes = sorted({each.code for each in found})
    driver = {
        "name": "hegui",
        "semanticVersion": tool_version(),
        "language": "en-US" if lang == "en" else "zh-CN",
        "rules": [_rule(code, lang) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, codes.index(each.code), sources, lang) for each in found],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str, lang: str) -> dict[str, Any]:
    entry = CODES[code]
    page = files("rulelang").joinpath("pages", f"{code}.md").read_text(encoding="utf-8")
    _, chinese, english, *_ = (line for line in page.split("\n") if line)
    return {
        "id": code,
        "name": entry.slug,
        "shortDescription": {"text": entry.en if lang == "en" else entry.zh},
        "help": {"text": english if lang == "en" else chinese, "markdown": page},
        "defaultConfiguration": {"level": entry.level.value},
    }


def _result(
    found: Diagnostic, index: int, sources: Mapping[str, Source], lang: str
) -> dict[str, Any]:
    mend = found.help.choose(lang) if found.help is not None else ""
    message = found.words.choose(lang)
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": CODES[found.code].level.value,
        "message": {"text": f"{message}\n{mend}" if mend else message},
        "locations": [_location(found.span, sources)],
    }
    if found.related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": each.words.choose(lang)}}
            | _location(each.span, sources)
            for number, each in enumerate(found.related, start=1)
        ]
    if found.edits:
        result["fixes"] = [_fix(found.help or found.words, found.edits, sources, lang)]
    return result


def _fix(
    words: Words, edits: Sequence[Edit], sources: Mapping[str, Source], lang: str
) -> dict[str, Any]:
    by_file: dict[str, list[Edit]] = {}
    for edit in edits:
        by_file.setdefault(edit.span.path, []).append(edit)
    changes = [
        {
            "artifactLocation": {"uri": _uri(path)},
            "replacements": [
                {
                    "deletedRegion": _region(edit.span, sources[path]),
                    "insertedContent": {"text": edit.text},
                }
                for edit in those
            ],
        }
        for path, those in sorted(by_file.items())
    ]
    return {"description": {"text": words.choose(lang)}, "artifactChanges": changes}


def _location(span: Span, sources: Mapping[str, Source]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(span.path)}}
    source = sources.get(span.path)
    if source is not None:
        place["region"] = _region(span, source)
    return {"physicalLocation": place}


def _region(span: Span, source: Source) -> dict[str, int]:
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    return {
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
        "charOffset": span.start,
        "charLength": span.end - span.start,
    }


def _uri(path: str) -> str:
    """A path as an URI: from the root as `file:`, else relative."""
    place = PurePosixPath(path.replace("\\", "/"))
    return f"file://{quote(str(place))}" if place.is_absolute() else quote(str(place))
