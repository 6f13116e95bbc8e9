"""The version of the whole distribution; pyproject.toml says the same, and a test compares."""

from __future__ import annotations

__version__ = "0.1.0"
