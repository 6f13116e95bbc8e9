"""The header of a sheet: what each column says. What it does not say is noted, never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from engine import errors
from engine.codes import half_width
from engine.errors import InputError
from engine.facts import IntakeNote, evidence_key
from engine.intake import sheet_names as names
from engine.intake.sheet_names import SHEETS, Meaning
from engine.intake.sheet_types import Enums, read_typed
from rulelang import types, vocabulary
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.intake.workbooks import Sheet, Workbook
    from rulelang.core import EvidenceDef

# Columns that are not read, whose texts no note may repeat.
_PERSONAL = frozenset(
    {
        "姓名", "患者姓名", "患者.姓名", "参保人", "参保人姓名", "身份证", "身份证号", "证件号",
        "证件号码", "电话", "联系电话", "手机", "手机号", "住址", "地址", "name", "patient_name",
        "id_number", "phone", "address",
    }
)  # fmt: skip
_SUGGESTED = 20  # so many unknown heads are each told what they may have meant
_LONGEST = 40
_WITH_ARGUMENTS = re.compile(r"(?P<name>[^\[(]+)[\[(](?P<arguments>[^\])]*)[\])]")
_DATED = ("日期", "_date")
TAKEN = "@"  # behind the key of evidence: when it was taken
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Declared:
    """The evidence that the rulesets in use declare, by id, and the words of its enumerations."""

    evidence: Mapping[str, EvidenceDef] = field(default_factory=dict)
    enums: Enums = field(default_factory=dict)


NOTHING_DECLARED = Declared()


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is read."""

    index: int
    head: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet with what its columns mean; `duty` is a key of `SHEETS`."""

    duty: str
    sheet: Sheet
    columns: tuple[Column, ...]
    personal: tuple[int, ...]  # columns that are not read and hold names or numbers of persons
    lang: str

    def has(self, kind: str, name: str) -> bool:
        """Whether a column says this."""
        return any((c.meaning.kind, c.meaning.field) == (kind, name) for c in self.columns)


def read_headers(
    workbook: Workbook, declared: Declared
) -> tuple[dict[str, Table], tuple[IntakeNote, ...]]:
    """The sheets by duty with their columns, and what is not read of them.

    Raises:
        InputError: EN0116 where a sheet or column lacks, EN0117 where something stands twice.
    """
    notes: list[IntakeNote] = []
    found: dict[str, Table] = {}
    for name, sheet in workbook.sheets.items():
        duty = _duty(name)
        if duty is None:
            if name.strip().lower() not in names.OUR_OWN | names.EVIDENCE:
                notes.append(_not_read(workbook.file, name))
        elif duty in found:
            words = Words(
                f"`{found[duty].sheet.name}` 和 `{name}` 是同一种表",
                f"`{found[duty].sheet.name}` and `{name}` are the same sheet",
            )
            raise InputError(errors.COLUMN_TWICE, words, f"{workbook.file}#{name}")
        else:
            found[duty] = _Header(workbook.file, duty, sheet, declared, notes).read()
    if "lines" not in found:
        raise _no_lines(workbook)
    return found, tuple(notes)


def _duty(name: str) -> str | None:
    folded = name.strip().lower()
    return next((duty for duty, spellings in SHEETS.items() if folded in spellings), None)


def _not_read(file: str, name: str) -> IntakeNote:
    words = Words(
        "不是 明细、就诊、诊断、手术，未读取",
        "none of lines, encounters, diagnoses, operations; not read",
    )
    return IntakeNote(f"{file}#{name}", name, None, words)


def _no_lines(workbook: Workbook) -> InputError:
    there = "、".join(f"`{name[:_LONGEST]}`" for name in list(workbook.sheets)[:5])
    words = Words("没有工作表 `明细`", "there is no sheet `lines`")
    mend = Words(
        f"现有 {there or '空工作簿'}；用 hegui template 可得模板",
        f"there are {there or 'no sheets'}; `hegui template` writes a template",
    )
    return InputError(errors.NO_COLUMN, words, workbook.file, mend)


@dataclass(frozen=True, slots=True)
class _Header:
    """One sheet's header being read."""

    file: str
    duty: str
    sheet: Sheet
    declared: Declared
    notes: list[IntakeNote]

    def read(self) -> Table:
        columns: list[Column] = []
        personal: list[int] = []
        unknown: list[tuple[int, str]] = []
        taken: dict[tuple[str, str], str] = {}
        for index, written in enumerate(self.sheet.header):
            head = fold(written)
            meanings = self._meanings(head) if head else ()
            if len(meanings) == 1:
                self._take_once(taken, meanings[0], written)
                columns.append(Column(index, written.strip(), meanings[0]))
                continue
            if head in _PERSONAL:
                personal.append(index)
            if meanings:
                self._note(index, written, _ambiguous(written, meanings, self.duty))
            elif head or self._holds_anything(index):
                unknown.append((index, written))
        self._need_key(taken)
        self._note_unknown(unknown)
        return Table(self.duty, self.sheet, tuple(columns), tuple(personal), self._language(taken))

    def _meanings(self, head: str) -> tuple[Meaning, ...]:
        owner, dot, name = head.partition(".")
        if not dot:
            found = names.bare(self.duty).get(head, ())
            return found or tuple(self._evidence(head, None))
        kind = names.owner_named(owner, self.duty)
        if kind is None:
            return ()
        known = names.of_kind(kind).get(name)
        return (known,) if known is not None else tuple(self._evidence(name, kind))

    def _evidence(self, written: str, owner: str | None) -> Iterator[Meaning]:
        """Evidence under this name: of one owner, or of whoever may stand on the sheet.

        A column `<name>日期` (`<name>_date`) says when it was taken.
        """
        parts = _WITH_ARGUMENTS.fullmatch(written)
        name = written if parts is None else parts["name"]
        taken = next((name.removesuffix(end) for end in _DATED if name.endswith(end)), "")
        sent = [] if parts is None else [part for part in parts["arguments"].split(",") if part]
        for known in self.declared.evidence.values():
            owners = names.OWNERS[self.duty] if owner is None else (owner,)
            is_date = bool(taken) and taken in _spellings(known)
            if known.owner not in owners or not (is_date or name in _spellings(known)):
                continue
            arguments = self._arguments(known, sent)
            if arguments is not None and known.word != "series" and known.type.kind != "entity":
                key = evidence_key(known.id, arguments)
                if is_date:
                    yield Meaning(known.owner, key + TAKEN, "", types.DATETIME)
                elif not known.fields:
                    yield Meaning(known.owner, key, "", known.type)

    def _arguments(self, known: EvidenceDef, sent: list[str]) -> tuple[str, ...] | None:
        """The arguments of an evidence fact as its key has them; None where they do not fit."""
        found: list[str] = []
        for text, column in zip(sent, known.parameters, strict=False):
            choices = read_typed(column.type, self.declared.enums)(text).value.choices
            if choices is None or len(choices) != 1:
                return None
            found.append(str(next(iter(choices))))
        return tuple(found) if len(found) == len(sent) == len(known.parameters) else None

    def _take_once(self, taken: dict[tuple[str, str], str], meaning: Meaning, head: str) -> None:
        before = taken.get((meaning.kind, meaning.field))
        if before is not None:
            words = Words(
                f"列 `{before}` 和 `{head}` 是同一内容",
                f"the columns `{before}` and `{head}` say the same thing",
            )
            mend = Words("只保留一列", "keep one of them")
            raise InputError(errors.COLUMN_TWICE, words, self._place(head), mend)
        taken[meaning.kind, meaning.field] = head

    def _need_key(self, taken: Mapping[tuple[str, str], str]) -> None:
        if names.KEY in taken:
            return
        words = Words(
            f"`{self.sheet.name}` 缺少列 `就诊号`",
            f"`{self.sheet.name}` lacks the column `encounter_no`",
        )
        mend = Words(
            "第一行应是列名，不要合并的标题；用 hegui template 可得模板",
            "the first row holds the heads, without merged titles; `hegui template` writes one",
        )
        raise InputError(errors.NO_COLUMN, words, f"{self.file}#{self.sheet.name}!R1", mend)

    def _language(self, taken: Mapping[tuple[str, str], str]) -> str:
        return "en" if taken[names.KEY].strip().isascii() else "zh"

    def _holds_anything(self, index: int) -> bool:
        return any(
            index < len(row.cells) and row.cells[index] is not None for row in self.sheet.rows
        )

    def _place(self, head: str) -> str:
        return f"{self.file}#{self.sheet.name}!R1C{head.strip()[:_LONGEST]}"

    def _note(self, index: int, head: str, words: Words) -> None:
        shown = head.strip()[:_LONGEST] or f"{index + 1}"
        self.notes.append(IntakeNote(self._place(shown), shown, None, words))

    def _note_unknown(self, unknown: list[tuple[int, str]]) -> None:
        for index, head in unknown[:_SUGGESTED]:
            self._note(index, head, _unknown(head, self._known_heads()))
        rest = unknown[_SUGGESTED:]
        if rest:
            words = Words(
                f"还有 {len(rest)} 列不认识，未读取", f"{len(rest)} more unknown columns; not read"
            )
            self._note(rest[0][0], rest[0][1], words)

    def _known_heads(self) -> list[str]:
        evidence = [
            spelling
            for known in self.declared.evidence.values()
            if known.owner in names.OWNERS[self.duty]
            for spelling in _spellings(known)
        ]
        return [*names.bare(self.duty), *evidence]


def fold(head: str) -> str:
    """A head without what makes no difference: width, blanks, large letters."""
    return _BLANKS.sub("", half_width(head)).lower()


def _spellings(known: EvidenceDef) -> tuple[str, str]:
    return fold(known.name.zh), fold(known.name.en)


def _ambiguous(head: str, meanings: tuple[Meaning, ...], duty: str) -> Words:
    entities = vocabulary.load().entities
    owners = [
        entities[m.kind] for m in meanings if m.kind in names.OWNERS[duty] and m.kind in entities
    ]
    name = fold(head)
    zh = "、".join(f"`{owner.zh}.{name}`" for owner in owners)
    en = ", ".join(f"`{owner.en}.{name}`" for owner in owners)
    return Words(f"不知是谁的，未读取；写作 {zh}", f"not clear whose it is, not read; write {en}")  # fmt: skip


def _unknown(head: str, known: list[str]) -> Words:
    if not head.strip():
        return Words("没有列名，未读取", "a column without a head; not read")
    close = get_close_matches(fold(head)[:_LONGEST].rpartition(".")[2], known, n=1, cutoff=0.5)
    zh, en = "不是词汇表中的事实，未读取", "no fact of the vocabulary; not read"
    if close:
        zh, en = f"{zh}；是否指 `{close[0]}`？", f"{en}; is `{close[0]}` meant?"
    return Words(zh, en)
