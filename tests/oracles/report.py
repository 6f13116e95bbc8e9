"""`python -m tests.oracles.report [--whole] [--write]`: all oracles, their figures as docs/fidelity.md has them.

Without `--whole` every oracle is asked a fixed share of its rows, as in CI.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tests.data_at_hand import MISSING, data_folder
from tests.oracles import code_editor, counted, limits, units_of_service
from tests.oracles.figures import Figures, thinned

PAGE = Path(__file__).parents[2] / "docs" / "fidelity.md"
HEAD = """# 与外部数据的一致 Fidelity to outside data

由 `python -m tests.oracles.report --whole --write` 生成，不手改。规则是本项目的，行和应有的结论是外部公开数据的；数据不随项目发布。
Generated; do not edit. The rules are ours; the rows and the verdicts to be met are those of public data, which is not
part of the project (tests find it through `HEGUI_DATA`). CI asks a fixed share of the rows, a run with `HEGUI_LAWS=long` all.
"""


def structured(data: Path, _: Path, *, whole: bool) -> Iterable[Figures]:
    """Limits of the two libraries that were typed out."""
    for kind in limits.KINDS:
        yield limits.figures(data, kind, whole=whole)
    yield counted.courses(data, whole=whole)
    yield counted.frequencies(data)
    yield counted.periods(data)
    pairs = thinned(counted.listed_pairs(data), 80, whole=whole)
    yield counted.duplicates(data, pairs)


def editor(data: Path, place: Path, *, whole: bool) -> Iterable[Figures]:
    """Edits of diagnosis codes."""
    renamed = code_editor.Renamed()
    judge = code_editor.judge_in(place, data, renamed)
    claims = thinned(code_editor.claims(data), 200, whole=whole)
    yield code_editor.figures(judge, renamed, claims)


def units(data: Path, place: Path, *, whole: bool) -> Iterable[Figures]:
    """Units of service a day."""
    judge = units_of_service.judge_in(place, data)
    rows = thinned(units_of_service.capped(data), 200, whole=whole)
    yield units_of_service.figures(judge, rows)


ORACLES: dict[str, Callable[..., Iterable[Figures]]] = {
    "两库限定 Limits of the two libraries": structured,
    "诊断编码审核 Edits of diagnosis codes": editor,
    "每日单位数 Units of service a day": units,
}


def asked(data: Path, *, whole: bool) -> dict[str, list[Figures]]:
    """The figures of every oracle."""
    found = {}
    for title, oracle in ORACLES.items():
        with tempfile.TemporaryDirectory() as place:
            found[title] = list(oracle(data, Path(place), whole=whole))
    return found


def page(found: dict[str, list[Figures]]) -> str:
    """The figures as a document."""
    return "\n".join([HEAD, *(_section(title, lines) for title, lines in found.items())])


def _section(title: str, lines: Sequence[Figures]) -> str:
    rows = ["| 数据 | 规则 | 结论数 | 一致 | 不一致 |", "|---|---|---:|---:|---:|"]
    rows += [
        f"| {one.oracle} | {one.of} | {one.asked} | {one.agreed} | {len(one.apart)} |"
        for one in lines
    ]
    said = [f"- {one.oracle}：{text}" for one in lines for text in (*one.apart, *one.named)]
    notes = ["", "不一致的和已指明的 Apart and named:", "", *said] if said else []
    return "\n".join([f"## {title}", "", *rows, *notes, ""])


def main(arguments: Sequence[str]) -> int:
    """Print the page; with `--write`, keep it as docs/fidelity.md too."""
    data = data_folder()
    if data is None:
        print(MISSING, file=sys.stderr)  # noqa: T201 - this is a command
        return 3
    text = page(asked(data, whole="--whole" in arguments))
    print(text)  # noqa: T201 - the same
    if "--write" in arguments:
        PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
