"""`hegui doc`: writes the rule book, a folder of web pages that need no server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from apps.cli import progress
from apps.cli.options import Lang, LangOption
from apps.cli.session import (
    BAD_INPUT,
    BAD_RULES,
    Ended,
    WrongCall,
    complain_unwritable,
    is_bundle,
    load_texts,
    print_diagnostics,
    say,
)

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="[PATH...]",
        help="规则文件或文件夹，不写则用自带规则集 / rule files or folders; the shipped ones if none",
    ),
]
OutOption = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="写入的文件夹 / folder to write")
]


def doc(
    paths: Paths = [],  # noqa: B006 - the framework copies it
    *,
    out: OutOption = Path("rule-book"),
    lang: LangOption = Lang.ZH,
) -> None:
    """生成规则手册：依据、规则、知识表、案例 / Write the rule book as web pages."""
    try:
        from apps.authoring.book import book_of, pages_of
    except ImportError:
        message = say(lang.value, "缺少网页模板库：", "the template library is missing: ")
        msg = f"{message}pip install 'hegui[book]'"
        raise WrongCall(msg, "--out") from None
    if any(is_bundle(path) for path in paths):
        message = say(lang.value, "规则包没有案例和原文", "a bundle holds no cases and no texts")
        raise WrongCall(message, "PATH")
    texts = load_texts(paths, lang.value, "PATH")
    compiled = progress.compiled(texts, lang.value)
    if compiled.program is None:
        print_diagnostics(compiled, lang.value)
        raise Ended(BAD_RULES)
    count = 0
    for page in pages_of(book_of(texts, compiled, compiled.program, lang.value)):
        place = out / page.path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(page.text, encoding="utf-8")
        except OSError as error:
            complain_unwritable(error, str(place), lang.value)
            raise typer.Exit(BAD_INPUT) from None
        count += 1
    index = out / "index.html"
    print(
        say(
            lang.value,
            f"已写入 {count} 页，从 {index} 看起",
            f"wrote {count} pages; begin at {index}",
        )
    )
