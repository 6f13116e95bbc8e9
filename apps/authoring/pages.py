"""Markdown pages that hold tests: headings name them, fenced blocks are their parts.

Knows the form of a page and nothing of what its blocks mean. A heading's section holds blocks or
further sections; what describes the world (rule, file, request, profile) carries down.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

GIVEN = frozenset({"facts", "change"})
EXPECTED = frozenset({"findings", "notes", "explanation", "diagnostics"})
CARRIED = frozenset({"rule", "file", "request", "profile"})
KINDS = GIVEN | EXPECTED | CARRIED

# `规则集：国家.药品支付限定，国家.…` at the start of a line sets something for its section.
SETTINGS: Mapping[str, str] = {
    "规则集": "rulesets",
    "检查": "focus",
    "语言": "lang",
    "知悉日": "known_on",
}

_FENCE = re.compile(r"(?P<marks>`{3,})(?P<info>[^`]*)")
_HEADING = re.compile(r"(?P<marks>#{1,6})\s+(?P<title>.*?)\s*#*\s*")
_SETTING = re.compile(rf"(?P<name>{'|'.join(SETTINGS)})[：:]\s*(?P<value>.*\S)\s*")


class PageError(Exception):
    """A page that is not well formed; its reader is the page's author."""

    def __init__(self, line: int, zh: str, en: str) -> None:
        super().__init__(zh)
        self.line = line
        self.zh = zh
        self.en = en

    def choose(self, lang: str) -> str:
        """The sentence in `lang`, with its line."""
        return f"line {self.line}: {self.en}" if lang == "en" else f"第 {self.line} 行：{self.zh}"


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. `line` is that of its first line of content, counted from 1."""

    kind: str
    argument: str
    text: str
    line: int

    @property
    def lines(self) -> tuple[str, ...]:
        """Its lines of content."""
        return tuple(self.text.splitlines())


@dataclass(slots=True)
class _Section:
    """A heading with what stands below it, while the page is read."""

    title: str
    level: int
    line: int
    blocks: list[Block] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    sections: list[_Section] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Case:
    """One test: a section without subsections, with all that carries down to it."""

    name: str
    line: int
    rules: tuple[Block, ...]
    files: Mapping[str, Block]
    request: Block | None
    profile: Block | None
    settings: Mapping[str, str]
    given: tuple[Block, ...]
    expected: tuple[Block, ...]

    def only(self, kind: str) -> Block | None:
        """The block of a kind of which a section holds at most one."""
        return next((b for b in (*self.given, *self.expected) if b.kind == kind), None)

    def named(self, setting: str) -> tuple[str, ...]:
        """The names that a setting lists."""
        value = self.settings.get(setting, "")
        return tuple(name.strip() for name in re.split("[，,]", value) if name.strip())


@dataclass(frozen=True, slots=True)
class Page:
    """One file with its tests in order."""

    path: str
    text: str
    cases: tuple[Case, ...]


def read_page(path: str, text: str) -> Page:
    """The tests of a page.

    Raises:
        PageError: if a block is not closed, or a section holds both a test and sections.
    """
    root = _Section(path.rsplit("/", 1)[-1].removesuffix(".md"), 0, 1)
    _read(text.splitlines(), root)
    return Page(path, text, tuple(_cases(root, ())))


def _read(lines: list[str], root: _Section) -> None:
    """Hang sections and blocks below `root`."""
    open_sections = [root]
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        heading = _HEADING.fullmatch(line)
        fence = _FENCE.fullmatch(line.rstrip())
        if heading is not None:
            level = len(heading["marks"])
            while open_sections[-1].level >= level:
                open_sections.pop()
            section = _Section(heading["title"], level, number)
            open_sections[-1].sections.append(section)
            open_sections.append(section)
        elif fence is not None:
            end = _closing(lines, number, fence["marks"])
            block = _block(fence["info"], lines[number:end], number)
            if block is not None:
                open_sections[-1].blocks.append(block)
            number = end + 1
        elif (setting := _SETTING.fullmatch(line)) is not None:
            open_sections[-1].settings[SETTINGS[setting["name"]]] = setting["value"]


def _closing(lines: list[str], start: int, marks: str) -> int:
    """The index of the line that closes a fence opened just before `start`."""
    for index in range(start, len(lines)):
        found = lines[index].strip()
        if found.startswith(marks) and set(found) == {"`"}:
            return index
    raise PageError(start, "代码块没有结束", "the block is not closed")


def _block(info: str, content: list[str], opened: int) -> Block | None:
    kind, _, argument = info.strip().partition(" ")
    if kind not in KINDS:
        return None
    if kind == "file" and not argument.strip():
        raise PageError(opened, "`file` 块要写文件名", "a `file` block needs a file name")
    return Block(kind, argument.strip(), "".join(f"{line}\n" for line in content), opened + 1)


def _cases(section: _Section, above: tuple[_Section, ...]) -> Iterable[Case]:
    chain = (*above, section)
    tests = [block for block in section.blocks if block.kind not in CARRIED]
    if section.sections:
        if tests:
            raise PageError(
                tests[0].line - 1,
                f"“{section.title}”下有小节，不能再直接写 `{tests[0].kind}` 块",
                f"“{section.title}” holds sections, so it cannot hold a `{tests[0].kind}` block",
            )
        for child in section.sections:
            yield from _cases(child, chain)
    elif section.blocks:
        yield _case(section, chain, tests)


def _case(section: _Section, chain: tuple[_Section, ...], tests: list[Block]) -> Case:
    _refuse_repetition(section.blocks)
    carried = [block for part in chain for block in part.blocks if block.kind in CARRIED]
    expected = tuple(block for block in tests if block.kind in EXPECTED)
    given = tuple(block for block in tests if block.kind in GIVEN)
    if given and not expected:
        raise PageError(
            section.line,
            f"“{section.title}”没有写预期（findings、notes、explanation 或 diagnostics）",
            f"“{section.title}” expects nothing (findings, notes, explanation or diagnostics)",
        )
    settings: dict[str, str] = {}
    for part in chain:
        settings.update(part.settings)
    titles = [part.title for part in chain if part.level > 0] or [section.title]
    return Case(
        name=" / ".join(titles),
        line=section.line,
        rules=tuple(block for block in carried if block.kind == "rule"),
        files={block.argument: block for block in carried if block.kind == "file"},
        request=_nearest("request", carried),
        profile=_nearest("profile", carried),
        settings=settings,
        given=given,
        expected=expected,
    )


def _nearest(kind: str, carried: list[Block]) -> Block | None:
    return next((block for block in reversed(carried) if block.kind == kind), None)


def _refuse_repetition(blocks: list[Block]) -> None:
    """One block of a kind a section, but for rules, files and findings' own kinds."""
    seen: set[str] = set()
    for block in blocks:
        if block.kind in {"rule", "file"}:
            continue
        if block.kind in seen:
            raise PageError(
                block.line - 1,
                f"一节只能有一个 `{block.kind}` 块",
                f"a section holds one `{block.kind}` block",
            )
        seen.add(block.kind)
    if {"facts", "request"} <= seen or {"facts", "change"} <= seen:
        facts = next(block for block in blocks if block.kind == "facts")
        raise PageError(
            facts.line - 1,
            "`facts` 不能与 `request` 或 `change` 写在同一节",
            "`facts` does not stand beside `request` or `change`",
        )


def rewrite(page: Page, texts: Mapping[Block, str]) -> str:
    """The page with the content of some blocks replaced."""
    lines = page.text.splitlines(keepends=True)
    for block in sorted(texts, key=lambda block: -block.line):
        start = block.line - 1
        lines[start : start + len(block.lines)] = texts[block].splitlines(keepends=True)
    return "".join(lines)
