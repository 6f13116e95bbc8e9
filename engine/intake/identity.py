"""What a resident identity number itself says: birth date and sex. Knows no fields."""

from __future__ import annotations

import re
from datetime import date

_NUMBER = re.compile(r"[1-9]\d{5}(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)\d\d(?P<sex>\d)[\dX]", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_EARLIEST = 1850


def read_identity(text: str) -> tuple[date, str] | None:
    """Birth date and sex (male, female) of a resident number whose check digit is right, or None."""
    number = text.strip().upper()
    found = _NUMBER.fullmatch(number)
    if found is None or int(found["y"]) < _EARLIEST:
        return None
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    if _CHECKS[total % len(_CHECKS)] != number[-1]:
        return None
    try:
        birth = date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return None
    return birth, "male" if int(found["sex"]) % 2 else "female"
