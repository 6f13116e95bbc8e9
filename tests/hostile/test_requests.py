"""Hostile requests through the command line: refused with code and place, in little time and memory."""

import copy
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.cli.main import run
from apps.config import LIMITS
from engine.errors import InputError
from engine.intake.reading import MOST_FIELDS, read_request
from tests.requests import as_bytes, at_settlement, encounter, item, line, patient, request

ROOT = Path(__file__).parents[2]
MEGABYTE = 1024 * 1024
MOST_SECONDS = 10.0  # against running away: five times the aim, because machines are busy
MOST_MEMORY = 300 * MEGABYTE

RULES = """\
规则集 试验 | trial “试验” “Trial”
层级 国家
规则 限金额 | amount_limit “单行金额” “Amount of a line”
    国家编码 GZ10000102002000
    结果类型 违规
    针对 明细
    要求 明细.金额 <= 30元 且 明细.数量 <= 3瓶
    则 限付 数量 2瓶
    说明 “{明细.名称}超过30元。” “{line.name} is over 30 yuan.”
规则 一日一次 | once_a_day “一日一次” “Once a day”
    国家编码 GZ10000301001000
    结果类型 可疑
    针对 明细 分组 明细.项目，明细.日期
    记 用量 | n = 合计 数量 取自 组.明细
    要求 用量 <= 1次
    则 限付 数量 1次
规则 限女性 | for_women “限女性” “For women”
    国家编码 GZ10000301004000
    结果类型 违规
    针对 就诊
    要求 患者.性别 = 女 且 患者.年龄 < 40岁 且 就诊.诊断 含 #K74.600
    则 复核
"""


def good() -> dict[str, Any]:
    return at_settlement(request(patient(encounter(fsi_order_dtos=[line(1, sumamt=50), item(2)]))))


def bytes_of(**changes: Any) -> bytes:
    """The good request with fields of its first line changed."""
    tree = good()
    tree["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0]["fsi_order_dtos"][0] |= (
        changes
    )
    return as_bytes(tree)


def lines_of(count: int) -> bytes:
    many = [line(number % 20 + 1, rx_id=f"L{number}") for number in range(count)]
    return as_bytes(request(patient(encounter(fsi_order_dtos=many))))


GOOD = as_bytes(good())
CNT = b'"cnt": 2'
FIRST_LINE = "/input/data/patient_dtos/0/fsi_encounter_dtos/0/fsi_order_dtos/0"


def with_number(text: bytes) -> bytes:
    assert GOOD.count(CNT) >= 1
    return GOOD.replace(CNT, b'"cnt": ' + text, 1)


# name: the bytes, the code, and what is said of the place
REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "empty": (lambda: b"", "EN0102", "line 1, column 1"),
    "only a mark": (lambda: b"\xef\xbb\xbf", "EN0102", "line 1, column 1"),
    "blanks": (lambda: b" \n\n ", "EN0102", "line 3, column 2"),
    "cut off": (lambda: GOOD[:-40], "EN0102", "line 1, column"),
    "something behind": (lambda: GOOD + b"{}", "EN0102", "line 1, column"),
    "a comma too many": (lambda: GOOD[:-1] + b",}", "EN0102", "line 1, column"),
    "a line break in a text": (lambda: bytes_of().replace(b"IMS", b"I\nS"), "EN0102", "line 1, column"),
    "zeros": (lambda: bytes(100_000), "EN0102", "line 1, column 1"),
    "quotes": (lambda: b'"' * (5 * MEGABYTE), "EN0102", "line 1, column 3"),
    "backslashes": (lambda: b'["' + b"\\" * 4_999_999, "EN0102", "line 1, column 2"),
    "gbk": (lambda: GOOD.decode().encode("gbk"), "EN0101", "byte"),
    "utf-16": (lambda: GOOD.decode().encode("utf-16"), "EN0101", "byte 1"),
    "utf-16 without a mark": (lambda: GOOD.decode().encode("utf-16-le"), "EN0101", "byte"),
    "utf-32": (lambda: GOOD.decode().encode("utf-32"), "EN0101", "byte 1"),
    "raw surrogate": (lambda: GOOD.replace(b"IMS", b"\xed\xa0\x80"), "EN0101", "byte"),
    "chance": (lambda: b"{" + random.Random(1).randbytes(100_000), "EN0101", "byte"),  # noqa: S311
    "too large": (lambda: GOOD[:-1] + b" " * (5 * MEGABYTE) + b"}", "EN0103", ""),
    "far too large": (lambda: b'{"a":"' + b"x" * (30 * MEGABYTE) + b'"}', "EN0103", ""),
    "deep lists": (lambda: b"[" * 10_000 + b"]" * 10_000, "EN0104", "byte 33"),
    "deep objects": (lambda: b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "EN0104", "byte 161"),
    "deep and open": (lambda: b"[" * (5 * MEGABYTE), "EN0104", "byte 33"),
    "deep inside": (
        lambda: GOOD.replace(b'"IMS"', b"[" * 10_000 + b"]" * 10_000),
        "EN0104",
        "byte",
    ),
    "too many lines": (lambda: lines_of(5_001), "EN0105", FIRST_LINE.removesuffix("/0")),
    "empty lines": (
        lambda: bytes_of().replace(b'"fsi_order_dtos": [', b'"fsi_order_dtos": [' + b"{}," * 400_000),
        "EN0105",
        FIRST_LINE.removesuffix("/0"),
    ),
    "a list of numbers": (lambda: b"[" + b"0," * 2_400_000 + b"0]", "EN0105", ""),
    "lists of lists": (lambda: b"[" + b"[]," * 1_700_000 + b"0]", "EN0105", ""),
    "an object of numbers": (
        lambda: b"{" + b",".join(b'"%d":0' % n for n in range(400_000)) + b"}",
        "EN0111",
        "",
    ),
    "long text": (lambda: bytes_of(hilist_name="药" * 30_000), "EN0106", f"{FIRST_LINE}/hilist_name"),
    "long key": (lambda: bytes_of(**{"k" * 70_000: 1}), "EN0106", FIRST_LINE),
    "long number": (lambda: with_number(b"9" * 4_900_000), "EN0106", f"{FIRST_LINE}/cnt"),
    "long fraction": (lambda: with_number(b"0." + b"9" * 100_000), "EN0106", f"{FIRST_LINE}/cnt"),
    "key twice": (lambda: GOOD.replace(CNT, CNT + b", " + CNT, 1), "EN0108", FIRST_LINE),
    "nan": (lambda: with_number(b"NaN"), "EN0109", f"{FIRST_LINE}/cnt"),
    "infinity": (lambda: with_number(b"-Infinity"), "EN0109", f"{FIRST_LINE}/cnt"),
    "half a character": (lambda: bytes_of(hilist_name="@").replace(b'"@"', b'"\\ud800"'), "EN0110", f"{FIRST_LINE}/hilist_name"),
    "half a key": (lambda: bytes_of(**{"@": 1}).replace(b'"@"', b'"\\udfff"'), "EN0110", FIRST_LINE),
    "null": (lambda: b"null", "EN0111", ""),
    "a number": (lambda: b"17", "EN0111", ""),
    "a text": (lambda: b'"3101"', "EN0111", ""),
    "a list": (lambda: b"[]", "EN0111", ""),
    "an object": (lambda: b"{}", "EN0111", ""),
    "no patients": (lambda: as_bytes({"infno": "3101", "input": {}}), "EN0112", "/patient_dtos"),
    "no encounters": (
        lambda: as_bytes(request(patient(fsi_encounter_dtos=None))),
        "EN0113",
        "/input/data/patient_dtos/0/fsi_encounter_dtos",
    ),
}  # fmt: skip

# What costs most to refuse.
HEAVY = (
    "quotes", "far too large", "deep and open", "too many lines", "empty lines", "lists of lists",
    "a list of numbers", "an object of numbers",
)  # fmt: skip

# Odd, but a number is only a value: it becomes unknown or is taken as it is.
ODD_NUMBERS = (
    b"1e999999999", b"-1E-999999999", b"1e99", b"1e40", b"1e30", b"1e-40", b"-0.0", b"1e" + b"9" * 5000,
    b"9" * 41, b"9" * 40, b"-" + b"9" * 40, b"0." + b"1" * 79, b"true", b"[1, 2]", b'{"a": 1}', b'"1e5"',
    b'"1_000"', b'"NaN"', b'"\\u0661"', b'"\\u0000"', b'"' + b"9" * 60_000 + b'"',
)  # fmt: skip


class Said(SimpleNamespace):
    """Status, standard output and standard error of one call."""

    status: int
    out: str
    err: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the rules, and with the cache that they are compiled into."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "trial.rule").write_text(RULES, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HEGUI_CACHE", str(folder / "cache"))
        assert run(["check", str(written(folder, GOOD)), "--rulesets", str(folder)]) == 1
    return folder


@pytest.fixture
def rules(place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HEGUI_CACHE", str(place / "cache"))
    return str(place)


@pytest.fixture
def hegui(capsys: pytest.CaptureFixture[str], rules: str) -> Callable[..., Said]:
    def call(*inputs: object, form: str = "json") -> Said:
        arguments = ["check", *map(str, inputs), "--rulesets", rules, "--format", form]
        status = run(arguments)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Said(status=status, out=out, err=err)

    return call


def written(tmp_path: Path, data: bytes, name: str = "request.json") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_the_request_that_the_others_are_made_of_is_good(hegui, tmp_path: Path) -> None:
    said = hegui(written(tmp_path, GOOD))
    assert (said.status, said.err) == (1, "")
    (bill,) = json.loads(said.out)["bills"]
    assert [finding["outcome"] for finding in bill["findings"]] == ["violated", "violated"]


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_code_and_place_and_quickly(hegui, tmp_path: Path, name: str) -> None:
    make, code, place = REFUSED[name]
    path = written(tmp_path, make())
    began = time.process_time()
    said = hegui(path)
    taken = time.process_time() - began
    assert (said.status, said.out) == (2, "")
    assert f"error[{code}]" in said.err
    assert f"--> {path} {place}".rstrip() in said.err
    assert len(said.err) < 2_000
    assert taken < MOST_SECONDS


def test_good_ones_beside_bad_ones_are_answered_whole(hegui, tmp_path: Path) -> None:
    paths, wanted = [], []
    for number, name in enumerate(REFUSED):
        if name in HEAVY:
            continue
        paths += [
            written(tmp_path, REFUSED[name][0](), f"{number}-bad.json"),
            written(tmp_path, GOOD, f"{number}-good.json"),
        ]
        wanted.append(str(paths[-1]))
    said = hegui(*paths)
    assert said.status == 2
    assert [json.loads(text)["source"] for text in said.out.splitlines()] == wanted
    for bad in paths[::2]:
        assert f"--> {bad}" in said.err
    replies = [json.loads(text) for text in hegui(*paths, form="nhsa").out.splitlines()]
    assert [reply["infcode"] for reply in replies] == [-1, 0] * len(wanted)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda folder: folder / "none.json", "EN0120"),
        (lambda folder: folder / ("n" * 5000), "EN0120"),
        (lambda folder: f"{folder}/\0.json", "EN0120"),
        (lambda folder: f"{folder}/\udcff.json", "EN0120"),
        (lambda folder: folder, "EN0121"),
        (lambda folder: Path("/dev/zero"), "EN0103"),
    ],
    ids=["missing", "long name", "nul", "odd name", "empty folder", "endless"],
)
def test_what_is_no_file_is_said(
    hegui, tmp_path: Path, make: Callable[[Path], object], code: str
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    said = hegui(make(folder), written(tmp_path, GOOD))
    assert said.status == 2
    assert f"error[{code}]" in said.err
    assert len(json.loads(said.out)["bills"]) == 1


# ---------------------------------------------------------------- odd, not refused


@pytest.mark.parametrize(
    "field", ["cnt", "pric", "sumamt", "rx_id", "drord_begn_date", "hilist_code"]
)
def test_odd_values_leave_a_note_or_nothing_but_an_answer(
    hegui, tmp_path: Path, field: str
) -> None:
    path = tmp_path / "request.json"
    mark = "@@@"
    text = bytes_of(**{field: mark})
    for number, value in enumerate(ODD_NUMBERS):
        path.write_bytes(text.replace(f'"{mark}"'.encode(), value))
        said = hegui(path, form=("json", "text", "nhsa")[number % 3])
        assert (said.status, said.err) in {(0, ""), (1, "")}, value[:50]


def test_at_the_limits_it_is_still_answered(hegui, tmp_path: Path) -> None:
    texts = {"hilist_name": "药" * (64 * 1024 // 3), "memo": "x" * 64 * 1024}
    wide = {f"field_{number}": None for number in range(MOST_FIELDS - 60)}
    deep: Any = 1
    for _ in range(32 - 9):
        deep = [deep]
    assert hegui(written(tmp_path, bytes_of(**texts, **wide, deep=deep))).status == 1


def nodes(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a tree with one of its keys."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in list(pairs):
        yield tree, key
        if isinstance(value, dict | list):
            yield from nodes(value)


ODD_VALUES: tuple[Any, ...] = (
    None, "", "-", [], {}, [[]], [{}], [None], {"a": {}}, True, -1, 0, 10**39, "0", "x" * 1000, "\uff11\uff12",
    "2026-02-30", "9999-12-31 23:59:59", "0001-01-01", "2026/3/5 9:12:33", 1772672400000, "\u202e药\x00",
    "#", "K74.600x", "￥12", "12.5.1", "1e3", ["a", "b"], {"0": {}},
)  # fmt: skip


@pytest.mark.parametrize("seed", range(90))
def test_requests_with_odd_parts_never_break_anything(hegui, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same requests each time
    tree = copy.deepcopy(good())
    for _ in range(chance.randint(1, 6)):
        holder, key = chance.choice(list(nodes(tree)))
        kind = chance.randrange(4)
        if kind == 0 and isinstance(holder, dict):
            del holder[key]
        elif kind == 1 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        elif kind == 2 and isinstance(holder, dict):
            holder[chance.choice(["odd", "infno", key.upper()])] = holder.pop(key)
        else:
            holder[key] = copy.deepcopy(chance.choice(ODD_VALUES))
    path = written(tmp_path, as_bytes(tree))
    said = hegui(path, form=chance.choice(["json", "nhsa", "text"]))
    assert said.status in {0, 1, 2}
    assert "EN09" not in said.err
    assert said.status != 2 or "error[EN01" in said.err


@pytest.mark.parametrize("seed", range(40))
def test_damaged_bytes_never_break_anything(hegui, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same damage each time
    data = bytearray(GOOD)
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(data))
        data[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
    said = hegui(written(tmp_path, bytes(data)))
    assert said.status in {0, 1, 2}
    assert "EN09" not in said.err


# ---------------------------------------------------------------- nesting


def depth_of(text: str) -> int:
    """How deep brackets outside texts go, sign by sign."""
    depth = most = 0
    inside = escaped = False
    for sign in text:
        if inside:
            inside = escaped or sign != '"'
            escaped = sign == "\\" and not escaped
        elif sign == '"':
            inside = True
        elif sign in "[{":
            depth += 1
            most = max(most, depth)
        elif sign in "]}":
            depth -= 1
    return most


VALUES = st.recursive(
    st.sampled_from(["0", '""', '"[["', '"\\""', '"\\\\"', '"\\\\\\"{"', '"a]"']),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda parts: "[" + ",".join(parts) + "]"),
        inner.map(lambda part: '{"[": ' + part + "}"),
        inner.map(lambda part: "[" * 29 + part + "]" * 29),
    ),
    max_leaves=8,
)


@given(VALUES)
def test_brackets_in_texts_are_no_nesting(text: str) -> None:
    limit = LIMITS["nesting"].most
    try:
        read_request(text.encode())
        code = ""
    except InputError as error:
        code = error.code
    assert (code == "EN0104") is (depth_of(text) > limit)


# ---------------------------------------------------------------- in a process of its own

# A small process between, because a child's largest memory is not less than its parent's was.
MEASURED = """
import json, resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
done = subprocess.run([sys.executable, "-m", "apps.cli.main", *sys.argv[1:]], capture_output=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, done.stdout.decode(), done.stderr.decode(),
                  used.ru_utime + used.ru_stime, used.ru_maxrss * 1024]))
"""


def measured(*arguments: str) -> list[Any]:
    """Status, both outputs, seconds and bytes of one call in a process with limits."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env={**os.environ, "HEGUI_LANG": "zh"},
    )
    found: list[Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", HEAVY)
def test_refusing_takes_little_time_and_memory(rules: str, tmp_path: Path, name: str) -> None:
    make, code, _ = REFUSED[name]
    arguments = ["check", str(written(tmp_path, make())), "--rulesets", rules, "--format", "nhsa"]
    status, out, err, seconds, memory = measured(*arguments)
    assert status == 2
    assert json.loads(out)["infcode"] == -1
    assert f"error[{code}]" in err
    assert "Traceback" not in err
    assert memory < MOST_MEMORY
    assert seconds < 2 * MOST_SECONDS  # with the start of the process
