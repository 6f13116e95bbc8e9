"""The workbook that users fill in: its sheets, what each column means, words to choose from."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.sheet_writing import TEXT, column_range, new_workbook
from engine.intake.evidence_rows import NAMES
from engine.intake.sheet_names import KEY, SHEETS, Meaning, explained, head_of, of_kind
from rulelang import vocabulary
from rulelang.diagnostics import Words

Example = Words | Decimal | datetime | None
_ROWS = 5_000  # so many rows have lists to choose from: the lines of a bill
_YES_NO = (Words("是", "yes"), Words("否", "no"))
_README = Words("说明", "README")
_OPTIONS = Words("选项", "options")
EVIDENCE_SHEET = Words("证据", "evidence")
_LOOKS: Mapping[str, str | int] = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss", "money": "0.00##", "quantity": "0.####"}  # fmt: skip
_MOMENT = datetime(2026, 3, 7, 9, 30)  # noqa: DTZ001 - of the made-up line


def _same(text: str) -> Words:
    return Words(text, text)


_NUMBER = Words("示例就诊1", "EXAMPLE-1")

# Sheet by sheet: whose fact, which, and what the made-up line says.
_COLUMNS: Mapping[str, tuple[tuple[str, str, Example], ...]] = {
    "lines": (
        (*KEY, _NUMBER),
        ("line", "line_no", _same("EXAMPLE-L1")),
        ("line", "under_audit", Words("是", "yes")),
        ("line", "list_type", Words("西药中成药", "western_and_patent")),
        ("line", "code", _same("XEXAMPLE000000000000000")),
        ("line", "name", Words("虚构药品（示例，请删除本行）", "invented drug (example, delete this row)")),
        ("line", "spec", _same("0.1g×10")),
        ("line", "quantity", Decimal(2)),
        ("line", "unit", Words("盒", "box")),
        ("line", "price", Decimal("12.5")),
        ("line", "amount", Decimal(25)),
        ("line", "time", _MOMENT),
        ("line", "charge_class", Words("西药", "western_drugs")),
        ("line", "class", Words("乙", "class_b")),
        ("line", "claimed", Words("是", "yes")),
        ("line", "claimed_amount", None),
        ("line", "first_pay", None),
        ("line", "price_cap", None),
        ("line", "refund_of", None),
        ("line", "rx_no", _same("EXAMPLE-RX1")),
        ("line", "dose", None),
        ("line", "days_supply", None),
        ("line", "route", None),
        ("line", "discharge_drug", Words("否", "no")),
        ("line", "herb_use", None),
        ("line", "order_dept", _same("A03")),
        ("line", "doctor", _same("EXAMPLE-DR1")),
        ("line", "title", Words("主治医师", "attending_physician")),
        ("line", "perform_dept", None),
    ),
    "encounters": (
        (*KEY, _NUMBER),
        ("patient", "person", Words("示例人员1", "EXAMPLE-PERSON-1")),
        ("patient", "sex", Words("男", "male")),
        ("patient", "birth_date", datetime(1960, 1, 1)),  # noqa: DTZ001 - a civil date
        ("patient", "pool_area", _same("330600")),
        ("encounter", "scheme", Words("职工", "employee")),
        ("encounter", "care_type", Words("普通住院", "inpatient_general")),
        ("encounter", "admitted", datetime(2026, 3, 6, 9)),  # noqa: DTZ001
        ("encounter", "discharged", datetime(2026, 3, 9, 10)),  # noqa: DTZ001
        ("encounter", "dept", _same("A03")),
        ("encounter", "pregnancy", None),
        ("encounter", "special_disease", None),
        ("encounter", "total", Decimal(25)),
        ("encounter", "fund_paid", None),
        ("encounter", "pay_method", None),
        ("encounter", "group_code", None),
        ("encounter", "group_total", None),
        ("encounter", "referred", None),
        ("institution", "id", _same("HEXAMPLE0001")),
        ("institution", "division", _same("330602")),
        ("institution", "level", Words("二级甲等", "level2_a")),
        ("institution", "kind", Words("综合医院", "general_hospital")),
        ("institution", "price_class", None),
        ("bill", "scene", Decimal(8)),
        ("bill", "asked_at", datetime(2026, 3, 9, 10, 30)),  # noqa: DTZ001
        ("bill", "settled_at", None),
        ("bill", "place_of_care", None),
    ),
    "diagnoses": (
        (*KEY, _NUMBER),
        ("diagnosis", "code", _same("J06.900")),
        ("diagnosis", "name", Words("虚构诊断（示例，请删除本行）", "invented (example, delete this row)")),
        ("diagnosis", "main", Words("是", "yes")),
        ("diagnosis", "kind", Words("出院诊断", "on_discharge")),
        ("diagnosis", "date", datetime(2026, 3, 9, 10)),  # noqa: DTZ001
        ("diagnosis", "on_admission", None),
    ),
}  # fmt: skip

# The columns of the sheet of evidence by what they say, as `engine.intake.evidence_rows` reads them.
_EVIDENCE: Mapping[str, Words] = {
    "evidence": Words("哪一项证据，名称见规则集，如 血清白蛋白；两处同名的写 患者.血清白蛋白",
                      "which, as the ruleset declares it, such as serum_albumin; patient.serum_albumin where two have one name"),
    "patient": Words("谁的：人员编号；只有一人时可不填", "whose: the person's number; needed only where there are several"),
    "encounter": Words("哪次就诊：就诊号", "of which encounter, by its number"),
    "line": Words("哪一行明细：行号", "of which line, by its number"),
    "institution": Words("哪个机构：机构编码；只有一个时可不填", "of which institution, by its code; needed only where there are several"),
    "period": Words("机构、科室、医师一个期间的值（如期初库存、机构.销售量）：2026-03、2026-Q1、2026；审核期间时把本文件也写在 --evidence 后",
                    "of an institution, a department or a doctor in a period (opening stock, institution.sold): 2026-03, 2026-Q1, 2026; "
                    "to check periods, name this file behind --evidence too"),
    "argument": Words("证据的参数，如 左眼", "the argument, such as which eye"),
    "value": Words("值：28、28 g/L、<0.1、是；不知道就不要这一行", "the value: 28, 28 g/L, <0.1, yes; leave the row out where it is not known"),
    "date": Words("取得的日期或时间，或起止两日 2026-03-01~2026-03-05", "when it was taken: a date, a time, or two dates 2026-03-01~2026-03-05"),
    "provider": Words("由谁提供，须是规则集允许的一方", "who provided it; has to be one whom the ruleset admits"),
    "complete": Words("多次的证据：是否这些就是全部", "of a series: whether these are all"),
    "since": Words("多次的证据：自哪一日起是全部", "of a series: since which day these are all"),
}  # fmt: skip

_HINTS = (
    Words(
        "每次就诊在“就诊”表占一行，它的明细和诊断各占一行，以就诊号相连。示例行请删除。",
        "An encounter is one row of `encounters`; its lines and diagnoses are rows, joined by encounter_no. "
        "Delete the example rows.",
    ),
    Words(
        "编码和各种号必须是文本（这些列已设为文本）；成为数字的编码会丢失前导零和末尾数字，会被拒收。",
        "Codes and numbers of things are texts (these columns are formatted so); a code that became a number "
        "has lost digits and is refused.",
    ),
    Words(
        "不知道的留空：空白是“未知”，不是“无”或 0。不用的列可以删除；词汇表中的其他事实也可以作列，例如 就诊.抢救。",
        "Leave blank what is not known: blank is unknown, not none or 0. Columns may be deleted; any other fact "
        "of the vocabulary may be one too, such as encounter.rescue.",
    ),
    Words(
        "单据里没有的事实（化验值、病历所见、期初库存）填在“证据”表，一行一个值；没有就让它空着。",
        "What bills do not carry (laboratory values, findings of the record, opening stock) goes on the sheet "
        "`evidence`, a value a row; leave it empty where there is none.",
    ),
    Words(
        "可选的词在下拉框中，也可填国家接口的代码（如 310、21）。",
        "Words can be chosen from the list; codes of the national interface (310, 21) do as well.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of the template."""

    duty: str
    head: str
    meaning: Meaning
    example: Example

    @property
    def words(self) -> tuple[Words, ...]:
        """The words that can be chosen, if there are some."""
        if self.meaning.type.kind == "yes_no":
            return _YES_NO
        if self.meaning.type.kind != "enum":
            return ()
        known = vocabulary.load().enums[self.meaning.type.name]
        return tuple(Words(word.zh, word.en) for word in known.words.values())


def columns(duty: str, lang: str) -> tuple[_Column, ...]:
    """The columns of one sheet of the template."""
    found = []
    for kind, field, example in _COLUMNS[duty]:
        meaning = next(one for one in of_kind(kind).values() if one.field == field)
        found.append(_Column(duty, head_of(meaning, duty, lang), meaning, example))
    return tuple(found)


def template(lang: str = "zh") -> bytes:
    """An empty workbook to be filled in, with one made-up line.

    Raises:
        InputError: EN0123 where the optional part is not installed.
    """
    made = io.BytesIO()
    with new_workbook(made) as book:
        every = {duty: columns(duty, lang) for duty in _COLUMNS}
        sheets = {duty: book.add_worksheet(Words(*SHEETS[duty]).choose(lang)) for duty in _COLUMNS}
        _evidence(book, lang)
        _readme(book, [column for found in every.values() for column in found], lang)
        places = _options(book, every.values(), lang)
        for duty, found in every.items():
            _sheet(book, sheets[duty], found, places, lang)
    return made.getvalue()


def _sheet(
    book: Any,
    sheet: Any,
    found: Sequence[_Column],
    places: Mapping[tuple[Words, ...], str],
    lang: str,
) -> None:
    heading = book.add_format({"bold": True, "bottom": 1, "num_format": TEXT})
    sheet.freeze_panes(1, 1)
    for index, column in enumerate(found):
        look = book.add_format({"num_format": _LOOKS.get(column.meaning.type.kind, TEXT)})
        sheet.set_column(index, index, _width(column), look)
        sheet.write_string(0, index, column.head, heading)
        if column.words:
            rule = {
                "validate": "list",
                "source": places[column.words],
                "error_type": "warning",  # a code of the interface is allowed too
                "input_title": column.head[:32],
                "input_message": explained(column.meaning).choose(lang)[:255],
            }
            sheet.data_validation(1, index, _ROWS, index, rule)
        _example(sheet, index, column, look, lang)


def evidence_heads(lang: str) -> dict[str, str]:
    """The heads of the sheet of evidence by what they say."""
    return {
        name: next(word for word in NAMES[name] if word.isascii() == (lang == "en"))
        for name in _EVIDENCE
    }


def _evidence(book: Any, lang: str) -> None:
    """The sheet of evidence: its heads alone, since which there is depends on the rulesets."""
    sheet = book.add_worksheet(EVIDENCE_SHEET.choose(lang))
    heading = book.add_format({"bold": True, "bottom": 1, "num_format": TEXT})
    look = book.add_format({"num_format": TEXT})
    sheet.freeze_panes(1, 1)
    for index, (name, head) in enumerate(evidence_heads(lang).items()):
        sheet.set_column(index, index, 14, look)
        sheet.write_string(0, index, head, heading)
        words = _words_of_evidence(name)
        if words:
            source = [word.choose(lang) for word in words]
            rule = {"validate": "list", "source": source, "error_type": "warning"}
            sheet.data_validation(1, index, _ROWS, index, rule)


def _words_of_evidence(name: str) -> tuple[Words, ...]:
    if name == "provider":
        found = vocabulary.load().suppliers
        return tuple(Words(each.zh, key) for key, each in found.items())
    return _YES_NO if name == "complete" else ()


def _width(column: _Column) -> int:
    return {"code": 26, "datetime": 20, "date": 12}.get(column.meaning.type.kind, 14)


def _example(sheet: Any, index: int, column: _Column, look: Any, lang: str) -> None:
    match column.example:
        case None:
            return
        case Words():
            sheet.write_string(1, index, column.example.choose(lang), look)
        case Decimal():
            sheet.write_number(1, index, column.example, look)
        case datetime():
            sheet.write_datetime(1, index, column.example, look)


def _readme(book: Any, found: Sequence[_Column], lang: str) -> None:
    sheet = book.add_worksheet(_README.choose(lang))
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    heading = book.add_format({"bold": True, "bottom": 1})
    for index, width in enumerate((12, 24, 8, 60, 16, 50)):
        sheet.set_column(index, index, width)
    for row, hint in enumerate(_HINTS):
        sheet.merge_range(row, 0, row, 5, hint.choose(lang), wrap)
        sheet.set_row(row, 32)
    start = len(_HINTS) + 1
    heads = (
        Words("工作表", "sheet"),
        Words("列", "column"),
        Words("必填", "required"),
        Words("含义", "meaning"),
        Words("由谁提供", "supplied by"),
        Words("可选的词", "words"),
    )
    for index, head in enumerate(heads):
        sheet.write_string(start, index, head.choose(lang), heading)
    told = [*(_explanation(column, lang) for column in found), *_evidence_explained(lang)]
    for row, texts in enumerate(told, start=start + 1):
        for index, text in enumerate(texts):
            sheet.write_string(row, index, text, wrap)


def _explanation(column: _Column, lang: str) -> Iterator[str]:
    yield Words(*SHEETS[column.duty]).choose(lang)
    yield column.head
    required = (column.meaning.kind, column.meaning.field) == KEY
    yield Words("是", "yes").choose(lang) if required else ""
    yield explained(column.meaning).choose(lang)
    yield _supplier(column.meaning, lang)
    yield Words("、", ", ").choose(lang).join(word.choose(lang) for word in column.words)


def _evidence_explained(lang: str) -> Iterator[tuple[str, ...]]:
    required = {"evidence", "value"}
    for name, head in evidence_heads(lang).items():
        words = (
            Words("、", ", ").choose(lang).join(w.choose(lang) for w in _words_of_evidence(name))
        )
        needed = Words("是", "yes").choose(lang) if name in required else ""
        yield EVIDENCE_SHEET.choose(lang), head, needed, _EVIDENCE[name].choose(lang), "", words


def _supplier(meaning: Meaning, lang: str) -> str:
    known = vocabulary.load().field(meaning.kind, meaning.field)
    words = None if known is None else vocabulary.load().suppliers.get(known.supplier)
    return "" if words is None else words.choose(lang)


def _options(
    book: Any, every: Iterable[Sequence[_Column]], lang: str
) -> dict[tuple[Words, ...], str]:
    """A hidden sheet with all words, and the range in which each list of them stands."""
    name = _OPTIONS.choose(lang)
    sheet = book.add_worksheet(name)
    sheet.hide()
    found: dict[tuple[Words, ...], str] = {}
    for column in (column for columns_ in every for column in columns_):
        if not column.words or column.words in found:
            continue
        index = len(found)
        for row, word in enumerate(column.words):
            sheet.write_string(row, index, word.choose(lang))
        found[column.words] = f"='{name}'!{column_range(index, len(column.words))}"
    return found
