"""The parts of the language reference that are made from the tables of the language itself.

A page marks them with `<!-- generated: NAME -->` and `<!-- /generated -->`; run
`python -m apps.authoring.reference docs/language` after a change of vocabulary, units or grammar.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from rulelang import vocabulary, words
from rulelang.codes import CODES
from rulelang.diagnostics import Level
from rulelang.keywords import KEYWORDS
from rulelang.operations import FUNCTIONS
from rulelang.typenames import NAMES, WINDOW_WORDS
from rulelang.types import Type
from rulelang.units import UNITS

_REGION = re.compile(
    r"(<!-- generated: (?P<name>[\w:.-]+) -->\n).*?(<!-- /generated -->)", re.DOTALL
)
Row = tuple[str, ...]


def filled(text: str, lang: str) -> str:
    """A page with its generated parts made anew.

    Raises:
        KeyError: if it asks for a part that there is not.
    """

    def made(found: re.Match[str]) -> str:
        name, _, of = found["name"].partition(":")
        body = "".join(f"{line}\n" for line in PARTS[name](lang, of))
        return f"{found[1]}\n{body}\n{found[3]}"

    return _REGION.sub(made, text)


def main(folders: Iterable[str]) -> int:
    """Write the pages of each folder anew; those in a folder `zh` are Chinese."""
    for folder in folders:
        for page in sorted(Path(folder).rglob("*.md")):
            text = page.read_text(encoding="utf-8")
            made = filled(text, language_of(page))
            if made != text:
                page.write_text(made, encoding="utf-8")
    return 0


def language_of(page: Path) -> str:
    """The language of a page, told by its folder."""
    return "zh" if page.parent.name == "zh" else "en"


def _table(head: Row, rows: Iterable[Row]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def _pick(lang: str, zh: str, en: str) -> str:
    return en if lang == "en" else zh


def _both(lang: str, zh: str, en: str) -> tuple[str, str]:
    """Two spellings as code, the one of the reader's language first."""
    first, second = (f"`{zh}`", f"`{en}`")
    return (second, first) if lang == "en" else (first, second)


def _heads(lang: str) -> tuple[str, str]:
    return ("English", "Chinese") if lang == "en" else ("中文", "英文")


def _keywords(lang: str, _: str) -> Iterator[str]:
    rows = (_both(lang, word.zh, word.en) for word in KEYWORDS)
    yield from _table(_heads(lang), rows)


def _units(lang: str, _: str) -> Iterator[str]:
    head = (*_heads(lang), _pick(lang, "量", "kind"), _pick(lang, "折合", "worth"))
    base = {unit.dimension: unit for unit in UNITS if unit.factor == 1}

    def worth(dimension: str, factor: object) -> str:
        found = base.get(dimension)
        return "" if found is None or factor == 1 else f"{factor:f} {found.spelt(lang)}"

    rows = (
        (*_both(lang, unit.zh, unit.en), unit.kind, worth(unit.dimension, unit.factor))
        for unit in UNITS
    )
    yield from _table(head, rows)


def _type_words(type_: Type, lang: str) -> str:
    """A type in the words of a rule file."""
    known = vocabulary.load()
    if type_.kind == "collection" and type_.element is not None:
        return _pick(lang, "许多", "many ") + _type_words(type_.element, lang)
    if type_.kind == "enum" and type_.name in known.enums:
        return _pick(lang, known.enums[type_.name].zh, type_.name)
    if type_.kind in {"code", "codes"} and type_.name in known.systems:
        return _pick(lang, known.systems[type_.name].zh, type_.name)
    if type_.kind == "entity" and type_.name in known.entities:
        return _pick(lang, known.entities[type_.name].zh, type_.name)
    spellings = [name for name, found in NAMES.items() if found == type_]
    if spellings:
        return spellings[0] if lang == "zh" else spellings[-1]
    return f"{type_.kind} {type_.name}".strip()


def _facts(lang: str, kind: str) -> Iterator[str]:
    known = vocabulary.load()
    entity = known.entities[kind]
    head = (
        *_heads(lang), _pick(lang, "类型", "type"), _pick(lang, "意思", "meaning"),
        _pick(lang, "来自", "from"), _pick(lang, "由谁提供", "supplied by"),
    )  # fmt: skip
    rows = (
        (
            *_both(lang, field.zh, field.en),
            _type_words(field.type, lang),
            field.meaning.choose(lang),
            field.source,
            known.suppliers[field.supplier].choose(lang) if field.supplier else "",
        )
        for field in entity.fields.values()
    )
    yield from _table(head, rows)


def _enumerations(lang: str, _: str) -> Iterator[str]:
    known = vocabulary.load()
    head = (*_heads(lang), _pick(lang, "词", "words"), _pick(lang, "比较", "compared with"))

    def how(*, hierarchical: bool, ordered: bool) -> str:
        if hierarchical:
            return _pick(lang, "`属于`", "`under`")
        return "`<` `<=` `=`" if ordered else "`=`"

    rows = (
        (
            *_both(lang, found.zh, found.en),
            _pick(lang, "、", ", ").join(
                _pick(lang, word.zh, word.en) for word in found.words.values()
            ),
            how(hierarchical=found.hierarchical, ordered=found.ordered),
        )
        for found in known.enums.values()
    )
    yield from _table(head, rows)


def _systems(lang: str, _: str) -> Iterator[str]:
    known = vocabulary.load()
    head = (*_heads(lang), _pick(lang, "上下级", "hierarchy"), _pick(lang, "写法", "form"))
    rows = (
        (
            *_both(lang, found.zh, found.en),
            _pick(lang, "有", "yes") if found.hierarchical else _pick(lang, "无", "no"),
            f"`{found.pattern}`",
        )
        for found in known.systems.values()
    )
    yield from _table(head, rows)


def _functions(lang: str, _: str) -> Iterator[str]:
    head = (*_heads(lang), _pick(lang, "意思", "meaning"))
    rows = (
        (*_both(lang, found.zh, found.en), found.phrase.choose(lang))
        for found in FUNCTIONS.values()
    )
    yield from _table(head, rows)


def _windows(lang: str, _: str) -> Iterator[str]:
    english = {word: word for word in set(WINDOW_WORDS.values())}
    chinese = {word: name for name, word in WINDOW_WORDS.items() if name != word}
    rows = (
        _both(lang, chinese[word], english[word]) for word in dict.fromkeys(WINDOW_WORDS.values())
    )
    yield from _table(_heads(lang), rows)


_LISTS: Mapping[str, Mapping[str, str]] = {
    "authorities": words.AUTHORITIES,
    "certainties": words.CERTAINTIES,
    "stages": words.STAGES,
    "topics": words.TOPICS,
    "territories": words.TERRITORIES,
    "caps": words.CAPS,
    "openness": words.OPEN_WORDS,
    "attributes": words.ATTRIBUTES,
    "columns": words.RESERVED_COLUMNS,
}


def _listed(lang: str, name: str) -> Iterator[str]:
    yield from _table(_heads(lang), (_both(lang, zh, en) for zh, en in _LISTS[name].items()))


def _types(lang: str, _: str) -> Iterator[str]:
    names = list(NAMES)
    pairs = zip(names[::2], names[1::2], strict=True)
    yield from _table(_heads(lang), (_both(lang, zh, en) for zh, en in pairs))


def _diagnostics(lang: str, _: str) -> Iterator[str]:
    head = (_pick(lang, "编号", "code"), _pick(lang, "意思", "meaning"), "")
    rows = (
        (
            f"[{code}](../../../rulelang/pages/{code}.md)",
            _pick(lang, entry.zh, entry.en),
            _pick(lang, "错误", "error")
            if entry.level is Level.ERROR
            else _pick(lang, "警告", "warning"),
        )
        for code, entry in sorted(CODES.items())
    )
    yield from _table(head, rows)


def _grammar(_lang: str, _: str) -> Iterator[str]:
    text = files("rulelang").joinpath("grammar.lark").read_text(encoding="utf-8")
    yield "```lark"
    yield from text.rstrip().splitlines()
    yield "```"


PARTS: Mapping[str, Callable[[str, str], Iterator[str]]] = {
    "keywords": _keywords,
    "units": _units,
    "facts": _facts,
    "enumerations": _enumerations,
    "systems": _systems,
    "functions": _functions,
    "windows": _windows,
    "words": _listed,
    "types": _types,
    "diagnostics": _diagnostics,
    "grammar": _grammar,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
