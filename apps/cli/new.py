"""`hegui new`: writes a ruleset to begin with, with its table and its cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from apps.cli.choices import Lang
from apps.cli.options import LangOption
from apps.cli.session import BAD_INPUT, WrongCall, complain_unwritable, say

FolderArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="新文件夹 / a folder that does not exist yet")
]
NameOption = Annotated[
    str,
    typer.Option(
        "--name", metavar="中文|english", help="规则集的两种名称 / both names of the ruleset"
    ),
]
TitleOption = Annotated[str, typer.Option("--title", help="标题 / title")]
AuthorityOption = Annotated[
    str,
    typer.Option(
        "--authority",
        help="层级 / layer: national, province, city, county, institution",
    ),
]
RegionOption = Annotated[
    str, typer.Option("--region", metavar="DIVISION", help="六位区划编码 / division, six digits")
]


def new(
    folder: FolderArgument,
    *,
    name: NameOption = "我的.限次 | my.limits",
    title: TitleOption = "我的规则集",
    authority: AuthorityOption = "institution",
    region: RegionOption = "",
    lang: LangOption = Lang.ZH,
) -> None:
    """新建规则集：一条规则、一张知识表、一页案例 / Begin a ruleset that runs as it is."""
    from apps.authoring.starting import Start, WrongStartError, checked, files_of

    zh, _, en = (part.strip() for part in name.replace("｜", "|").partition("|"))
    start = Start(zh, en or zh, title, authority, region.lstrip("#"), lang.value)
    try:
        made = files_of(checked(start))
    except WrongStartError as error:
        raise WrongCall(error.words.choose(lang.value), f"--{error.part}") from None
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = say(
            lang.value, f"`{folder}` 已存在且不是空的", f"`{folder}` exists and is not empty"
        )
        raise WrongCall(message, "FOLDER")
    for inside, text in made.items():
        place = folder / inside
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        except OSError as error:
            complain_unwritable(error, str(place), lang.value)
            raise typer.Exit(BAD_INPUT) from None
        print(place)
    print(say(lang.value, f"接着：hegui test {folder}", f"next: hegui test {folder}"))
