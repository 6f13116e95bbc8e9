"""`python -m tests.oracles.report [--whole] [--write]`: all oracles, their figures as docs/fidelity.md has them.

Without `--whole` every oracle is asked a fixed share of its rows, as in CI.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tests.data_at_hand import MISSING, data_folder
from tests.oracles import (
    case_files,
    code_editor,
    counted,
    limits,
    second_reading,
    units_of_service,
)
from tests.oracles.figures import Figures, thinned

CLEAN, PLANTED = "audit-bench-yingyan（无违规的）", "audit-bench-yingyan（有埋设的）"
PAGE = Path(__file__).parents[2] / "docs" / "fidelity.md"
HEAD = """# 与外部数据的一致 Fidelity to outside data

由 `python -m tests.oracles.report --write` 生成，不手改；加 `--whole` 问全部的行，不加则问固定的一部分。规则是本项目的，行和应有的结论是外部公开数据的；数据不随项目发布。
Generated; do not edit. `--whole` asks all rows, otherwise a fixed share of the larger tables is asked, as in CI. The rules
are ours; the rows and the verdicts to be met are those of public data, which is not part of the project (tests find it
through `HEGUI_DATA`; with `HEGUI_LAWS=long` they ask all rows too).
"""
OF_ALL = "本页的数字问了全部的行。 The figures of this page are of all rows.\n"
OF_SOME = "本页的数字只问了一部分的行。 The figures of this page are of a share of the rows.\n"


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


def benchmark(data: Path, _: Path, **_share: bool) -> Iterable[Figures]:
    """Case files, all of them in every run: what is said of clean ones, and what was planted."""
    clean, planted = [], []
    for case in case_files.cases(data):
        found = case_files.findings(case)
        if case.clean:
            clean.append((case.name, case_files.failed(found), case_files.undetermined(found)))
        planted += [(case.name, one, case_files.finders(found, one)) for one in case.planted]
    apart = tuple(f"{name}：{'、'.join(failed)}" for name, failed, _ in clean if failed)
    yield Figures(
        CLEAN,
        "全部国家规则",
        len(clean),
        apart,
        tuple(opened_in(name, opened) for name, _, opened in clean),
    )
    named = tuple(
        f"{name} {one} 由 {'、'.join(rules)} 发现"
        if rules
        else f"{name} {one} 未发现，需要：{case_files.NEEDS.get(one, '规则')}"
        for name, one, rules in planted
    )
    yield Figures(
        PLANTED, "埋设的编号中发现的", sum(bool(rules) for _, _, rules in planted), (), named
    )


def opened_in(name: str, opened: Sequence[str]) -> str:
    """How many findings a clean case leaves open, and what they lack."""
    listed = "；".join(f"{count}项 {text}" for text, count in Counter(opened).most_common())
    return f"{name} 待补充 {len(opened)} 项" + (f"：{listed}" if listed else "")


def readings(data: Path, _: Path, **_share: bool) -> Iterable[Figures]:
    """Another reading of the same limits, all of it in every run."""
    return second_reading.figures(data)


ORACLES: dict[str, Callable[..., Iterable[Figures]]] = {
    "两库限定 Limits of the two libraries": structured,
    "诊断编码审核 Edits of diagnosis codes": editor,
    "每日单位数 Units of service a day": units,
    "病历案例 Case files": benchmark,
    "另一份整理 Another reading": readings,
}


def asked(data: Path, *, whole: bool) -> dict[str, list[Figures]]:
    """The figures of every oracle."""
    found = {}
    for title, oracle in ORACLES.items():
        with tempfile.TemporaryDirectory() as place:
            found[title] = list(oracle(data, Path(place), whole=whole))
    return found


def page(found: dict[str, list[Figures]], *, whole: bool) -> str:
    """The figures as a document."""
    sections = (_section(title, lines) for title, lines in found.items())
    return "\n".join([HEAD, OF_ALL if whole else OF_SOME, *sections])


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
    whole = "--whole" in arguments
    text = page(asked(data, whole=whole), whole=whole)
    print(text)  # noqa: T201 - the same
    if "--write" in arguments:
        PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
