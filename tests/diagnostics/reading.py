"""The pages of codes (`rulelang/pages`): how they are read, run and written anew."""

import re
from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from apps.authoring.case_opinions import on_cases
from rulelang.ast import Spelling
from rulelang.diagnostics import Diagnostic
from rulelang.driver import Compiled, compile_sources
from rulelang.lint import lint
from rulelang.render import render
from rulelang.source import Source
from rulelang.translate import collisions, switched

FOLDER = Path(str(files("rulelang"))) / "pages"
CHINESE, ENGLISH, MENDED = "中文", "English", "改好之后 / Mended"
LANGS = {CHINESE: "zh", ENGLISH: "en"}
OPINIONS = "RL09"  # told by `hegui lint`
OF_CASES = "RL0951"  # and those from here on by the pages of cases beside the rules
COLLISION = "RL0290"  # found by a switch of spelling, not by compiling
ENCODINGS = {"gbk": "gb18030"}  # what may stand behind a file's name; UTF-8 where nothing does

_FENCE = re.compile(r"(?P<marks>`{3,})(?P<info>[^`]*)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block of a section; `line` is the index of its first line of content."""

    section: str
    kind: str
    arguments: tuple[str, ...]
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its title line, its prose, its blocks."""

    path: Path
    title: str
    prose: tuple[str, ...]
    sections: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def code(self) -> str:
        return self.path.stem

    def only(self, kind: str, section: str) -> Block | None:
        found = [b for b in self.blocks if (b.kind, b.section) == (kind, section)]
        assert len(found) <= 1, f"{self.code}: {len(found)} blocks `{kind}` in `{section}`"
        return found[0] if found else None

    def files(self) -> Mapping[str, bytes]:
        """The files beside the rules, each in its encoding."""
        return {
            block.arguments[0]: block.text.encode(ENCODINGS.get(" ".join(block.arguments[1:]), "utf-8"))
            for block in self.blocks
            if block.kind == "file"
        }  # fmt: skip


def pages(prefix: str) -> list[Path]:
    return sorted(FOLDER.glob(f"{prefix}*.md"))


@cache
def read(path: Path) -> Page:
    return parse(path, path.read_text(encoding="utf-8"))


def parse(path: Path, text: str) -> Page:
    lines = text.splitlines()
    section = ""
    prose, sections, blocks = [], [], []
    number = 1
    while number < len(lines):
        line = lines[number]
        fence = _FENCE.fullmatch(line)
        number += 1
        if fence is not None:
            end = lines.index(fence["marks"], number)
            kind, *arguments = fence["info"].split()
            content = "".join(f"{each}\n" for each in lines[number:end])
            blocks.append(Block(section, kind, tuple(arguments), content, number))
            number = end + 1
        elif line.startswith("## "):
            section = line.removeprefix("## ")
            sections.append(section)
        elif line.strip() and not section:
            prose.append(line)
    return Page(path, lines[0], tuple(prose), tuple(sections), tuple(blocks))


@cache
def compiled(page: Page, section: str) -> Compiled:
    """The rule blocks of a section, each a file, compiled with the files of the page."""
    blocks = [b for b in page.blocks if (b.kind, b.section) == ("rule", section)]
    assert blocks, f"{page.code}: no rule in `{section}`"
    sources = []
    for number, block in enumerate(blocks):
        text = block.text
        for argument in block.arguments:  # ×N: the last line is repeated N times
            last = text.splitlines(keepends=True)[-1]
            text += last * (int(argument.removeprefix("×")) - 1)
        first = "example" if section == ENGLISH else "例子"
        sources.append(Source(f"{first}{number + 1 if number else ''}.rule", text))
    source, read_file = sources[0], page.files().get
    found = compile_sources(sources, read_file)
    if page.code.startswith(OPINIONS):
        more = of_cases(page, section, source) if page.code >= OF_CASES else ()
        said = lint(found, set(found.sources), more) if found.program else found.diagnostics
        return replace(found, diagnostics=said)
    if page.code == COLLISION:
        other: Spelling = "zh" if section == ENGLISH else "en"
        made = Source(source.path, switched(source, found, other))
        after = compile_sources([made], read_file)
        return replace(found, diagnostics=collisions(found, after, source, made))
    return found


def of_cases(page: Page, section: str, source: Source) -> tuple[Diagnostic, ...]:
    """What the pages of a page say of its rules; those in the folder 已改 belong to the mended ones."""
    wanted = "已改" if section == MENDED else "cases"
    with TemporaryDirectory() as name, chdir(name):
        Path(source.path).write_text(source.text, encoding="utf-8")
        Path("cases").mkdir()
        for path, data in page.files().items():
            folder, _, rest = path.partition("/")
            if folder == wanted:
                (Path("cases") / rest).write_bytes(data)
        return tuple(on_cases(compile_sources([source], lambda _: None), [source.path]))


def printed(page: Page, section: str) -> str:
    """The diagnostics of a section as they are printed; of one code only where the block names it."""
    wanted = page.only("diagnostics", section)
    assert wanted is not None, f"{page.code}: no diagnostics in `{section}`"
    found = compiled(page, section)
    return "\n".join(
        render(each, found.sources, LANGS[section])
        for each in found.diagnostics
        if not wanted.arguments or each.code in wanted.arguments
    )


def rewritten(page: Page, texts: Mapping[Block, str]) -> str:
    """The page with the content of some blocks replaced."""
    lines = page.path.read_text(encoding="utf-8").splitlines(keepends=True)
    for block in sorted(texts, key=lambda block: -block.line):
        lines[block.line : block.line + len(block.text.splitlines())] = [texts[block]]
    return "".join(lines)


def all_blocks(kind: str, prefix: str) -> Iterator[tuple[Page, Block]]:
    for path in pages(prefix):
        page = read(path)
        yield from ((page, block) for block in page.blocks if block.kind == kind)
