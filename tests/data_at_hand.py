"""Public data that tests may lean on where it is at hand: never part of the project itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MISSING = "public data not at hand; set HEGUI_DATA to its folder"


def data_folder() -> Path | None:
    """The folder of public data: what HEGUI_DATA names, else one beside the checkout."""
    named = os.environ.get("HEGUI_DATA")
    place = Path(named) if named else ROOT.parent / "shared" / "data"
    return place if place.is_dir() else None


needs_data = pytest.mark.skipif(data_folder() is None, reason=MISSING)
