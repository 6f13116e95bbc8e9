"""What bundles are made of: the classes that are written, by number, and the marks of all else.

A value is JSON: a text, a whole number, yes, no or nothing as it is; all else a list that begins with
the number of its class or with a mark. A change here, or of a class, is another FORMAT.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass

from rulelang import calendar, core, diagnostics, source, types

FORMAT = 7

CLASSES: tuple[type, ...] = (
    source.Span,
    diagnostics.Words,
    diagnostics.Diagnostic,
    diagnostics.Related,
    diagnostics.Edit,
    types.Type,
    calendar.AgeLimit,
    calendar.Window,
    *(
        found
        for name in sorted(core.__all__)
        if isinstance(found := getattr(core, name), type) and is_dataclass(found)
    ),
)
NAMES = tuple(tuple(item.name for item in fields(kind)) for kind in CLASSES)
DEFERRED = frozenset({core.Program, core.Rule, core.Table, core.ListDef})
SHARED = frozenset({types.Type, core.Document})  # written once, however often they occur

TUPLE, DECIMAL, DATE, DATETIME, DICT, LATER, ROWS, SHARE = range(-1, -9, -1)
ALIKE, FEW = -9, -10  # of columns: one value in all rows; some values, and of each row the sign
SIGNS = "".join(map(chr, range(0x4E00, 0x9000)))  # of the first value, the second, and so on
