"""What the readers of sheets share: texts as cells, and the complaints about a whole file."""

from __future__ import annotations

from apps.config import CODES, LIMITS, Limit
from engine import errors
from engine.errors import InputError
from engine.intake.workbooks import Cell, Fault
from rulelang.diagnostics import Words

# What spreadsheet programs show in a cell that has no value.
FAULTS = frozenset(
    {"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!"}
)
_MOST_BYTES_A_CHARACTER = 4


def not_a_table(words: Words, mend: Words | None = None, place: str = "") -> InputError:
    """The complaint about a file that cannot be read, at one place or as a whole."""
    return InputError(errors.NOT_A_TABLE, words, place, mend)


def too_many(limit: Limit, place: str = "") -> InputError:
    """The complaint about a file that is over a limit of `LIMITS`."""
    words = Words(
        f"{limit.what.zh}超过上限 {limit.most}", f"{limit.what.en}: over the limit of {limit.most}"
    )
    return InputError(
        limit.code, words, place, Words("拆成几个文件", "split it into several files")
    )


def no_extra() -> InputError:
    """The complaint where the optional part for workbooks is not installed."""
    code = CODES["EN0123"]
    mend = Words(
        "pip install 'hegui[sheets]'；或改用 CSV UTF-8",
        "pip install 'hegui[sheets]', or use CSV UTF-8",
    )
    return InputError(code.code, code.title, mend=mend)


def text_cell(text: str, where: str) -> Cell:
    """A text as a cell: nothing where it is blank, a fault where it shows an error."""
    stripped = text.strip()
    if (
        len(stripped) > LIMITS["text"].most // _MOST_BYTES_A_CHARACTER
        and len(stripped.encode()) > LIMITS["text"].most
    ):
        raise too_many(LIMITS["text"], where)
    if stripped in FAULTS:
        return Fault(stripped)
    return stripped or None
