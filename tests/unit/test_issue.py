"""`hegui export issue`: no suspicion is issued before experts have accepted it."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.checking import answer
from apps.cli.main import run
from apps.cli.session import Options, open_session
from apps.knowledge.issuing import ISSUED_HEADS, Issue, read_decisions
from apps.render.answer import Answer

DEMO = Path(__file__).parents[2] / "rulesets" / "demo"
BILL, PROFILE = DEMO / "inpatient_3102.json", DEMO / "demo.toml"
HEAD = "就诊号,规则编号,行号,决定,决定人,日期\n"
WAITING = ("待专家讨论", "否")


@pytest.fixture(scope="module")
def bill() -> Answer:
    session = open_session(Options("zh", profile=str(PROFILE)))
    return answer(session.program, BILL.read_bytes(), BILL.name, session.asked)


class Sheet:
    """What becomes of the bill's findings with some decisions."""

    def __init__(self, bill: Answer, folder: Path, *decisions: str) -> None:
        path = folder / "decisions.csv"
        path.write_text(HEAD + "".join(f"{row}\n" for row in decisions), encoding="utf-8")
        known, refused = read_decisions(path)
        issue = Issue(known)
        heads = [head.zh for head in ISSUED_HEADS]
        self.rows = [dict(zip(heads, row, strict=True)) for row in issue.rows(bill, "zh")]
        self.told = [
            (one.place.row, one.kind) for one in (*refused, *issue.refused, *issue.unused())
        ]

    def suspicions(self) -> Iterator[dict[str, str]]:
        return (row for row in self.rows if row["结论"] == "可疑")

    def state_of(self, key: str) -> tuple[str, str]:
        (row,) = [row for row in self.rows if key_of(row) == key]
        return row["状态"], row["下发"]


def key_of(row: dict[str, str]) -> str:
    return f"{row['就诊号']},{row['规则编号']},{row['行号']}"


@pytest.fixture
def key(bill: Answer, tmp_path: Path) -> str:
    """One suspicion, as a decision names it."""
    return key_of(next(Sheet(bill, tmp_path).suspicions()))


def test_without_decisions_only_what_is_definite_is_issued(bill: Answer, tmp_path: Path) -> None:
    found = {(row["结论"], row["状态"], row["下发"]) for row in Sheet(bill, tmp_path).rows}
    assert found == {("违规", "事实充分，待送达", "是"), ("可疑", *WAITING)}


@pytest.mark.parametrize(
    ("decided", "state"),
    [
        (("认可,甲,2026-05-01",), ("专家认可", "是")),
        (("不认可,甲,2026-05-01",), ("专家不认可，撤销", "否")),
        (("请示,甲,2026-05-01",), ("已请示上级", "否")),
        (("认可,乙,2026-05-09", "请示,甲,2026-05-01"), ("专家认可", "是")),
        (("请示,甲,2026-05-01", "不认可,乙,2026-05-09"), ("专家不认可，撤销", "否")),
    ],
)
def test_decisions_count_in_the_order_of_their_dates(
    bill: Answer, tmp_path: Path, key: str, decided: tuple[str, ...], state: tuple[str, str]
) -> None:
    sheet = Sheet(bill, tmp_path, *(f"{key},{each}" for each in decided))
    assert sheet.state_of(key) == state
    assert sheet.told == []
    others = [row for row in sheet.suspicions() if key_of(row) != key]
    assert {(row["状态"], row["下发"]) for row in others} <= {WAITING}


def test_what_was_decided_is_final(bill: Answer, tmp_path: Path, key: str) -> None:
    sheet = Sheet(bill, tmp_path, f"{key},不认可,甲,2026-05-01", f"{key},认可,乙,2026-05-02")
    assert sheet.state_of(key) == ("专家不认可，撤销", "否")
    assert sheet.told == [(3, "final")]


@pytest.mark.parametrize(
    "row", ["认可,,2026-05-01", "也许,甲,2026-05-01", "认可,甲,五月", ",甲,2026-05-01"]
)
def test_what_is_no_decision_decides_nothing(
    bill: Answer, tmp_path: Path, key: str, row: str
) -> None:
    sheet = Sheet(bill, tmp_path, f"{key},{row}")
    assert sheet.state_of(key) == WAITING
    assert sheet.told == [(2, "no-decision")]


def test_a_decision_about_no_finding_is_told(bill: Answer, tmp_path: Path) -> None:
    sheet = Sheet(bill, tmp_path, "没有这次就诊,没有这条规则,,认可,甲,2026-05-01")
    assert sheet.told == [(2, "no-finding")]


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text(HEAD + "没有,没有,,认可,甲,2026-05-01\n", encoding="utf-8")
    command = ["export", "issue", str(BILL), "--profile", str(PROFILE), "--decisions", str(path)]
    assert run(command) == 2
    out, err = capsys.readouterr()
    assert {row["下发"] for row in csv.DictReader(io.StringIO(out))} == {"是", "否"}
    assert err == "decisions.csv:2 没有这样的违规或可疑\n"
