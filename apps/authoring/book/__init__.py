"""The rule book: a folder of plain web pages with the law, the rules, their tables and their cases.

Everything is in the pages themselves: they can be read from a disk, without a server or a network.
"""

from __future__ import annotations

from apps.authoring.book.model import Book, book_of
from apps.authoring.book.pages import pages_of

__all__ = ["Book", "book_of", "pages_of"]
