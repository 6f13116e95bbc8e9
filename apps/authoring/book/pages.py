"""The pages of the rule book, filled from their templates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from apps.authoring.book.model import MOST_ROWS, Book, slug
from apps.render.text import citation_text
from rulelang import core
from rulelang.diagnostics import Words


@dataclass(frozen=True, slots=True)
class Made:
    """One page: its place in the folder, and its text."""

    path: str
    text: str


def pages_of(book: Book) -> Iterator[Made]:
    """All pages, the first one the index."""
    templates = _templates(book.lang)
    drawing = Markup(book.drawing)  # noqa: S704 - a drawing of ours, its texts escaped
    yield _made(templates, "index.html", "index.html", book=book, root="", drawing=drawing)
    yield _made(templates, "law.html", "law.html", book=book, root="")
    for rule in book.rules:
        trees = [Markup(each.tree) for each in (rule, *rule.earlier)]  # noqa: S704 - the same
        path = f"rules/{rule.slug}.html"
        yield _made(templates, "rule.html", path, book=book, root="../", shown=rule, trees=trees)
    for table in book.tables:
        using = _using(book, table.id)
        path = f"tables/{slug(table.id)}.html"
        yield _made(
            templates, "table.html", path, book=book, root="../", table=table, using=using,
            most=MOST_ROWS,
        )  # fmt: skip
    for listed in book.lists:
        using = _using(book, listed.id)
        path = f"tables/{slug(listed.id)}.html"
        yield _made(templates, "list.html", path, book=book, root="../", listed=listed, using=using)


def _made(templates: Environment, name: str, path: str, **values: Any) -> Made:
    return Made(path, templates.get_template(f"{name}.j2").render(**values))


def _using(book: Book, id_: str) -> tuple[core.Rule, ...]:
    """The rules that look into a table or list."""
    return tuple(
        shown.rule
        for shown in book.rules
        if id_ in {*(table.id for table in shown.tables), *(listed.id for listed in shown.lists)}
    )


def _templates(lang: str) -> Environment:
    found = Environment(
        loader=PackageLoader("apps.authoring.book"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

    def say(zh: str, en: str) -> str:
        return en if lang == "en" else zh

    def words(text: Words) -> str:
        return text.choose(lang)

    found.globals.update(say=say, words=words, slug=slug, lang=lang)
    found.filters["cited"] = lambda citation: citation_text(citation, lang)
    return found
