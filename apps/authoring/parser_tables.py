"""Writes the parser's tables beside the grammar: `python -m apps.authoring.parser_tables`.

To be run after each change of the grammar or of the keywords; a test says so where it was forgotten.
Without it every process analyses the grammar anew, which takes most of a second.
"""

from __future__ import annotations

import sys

from rulelang import tables, tables_file


def main() -> int:
    """Build the tables and write them, the same text each time."""
    tables.KEPT.write_text(tables_file.write(tables.build(), tables.grammar()), encoding="utf-8")
    sys.stdout.write(f"{tables.KEPT.name}: {tables.KEPT.stat().st_size}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
