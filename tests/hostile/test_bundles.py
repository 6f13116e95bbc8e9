"""Whatever happens to the cache of compiled rules: nothing crashes and no answer changes."""

import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from apps import bundles
from apps.cli.main import run
from apps.rulesets import RuleTexts, load
from engine import bundle
from engine.errors import DAMAGED_BUNDLE, BundleError
from rulelang.version import __version__
from tests.requests import as_bytes, at_settlement, encounter, line, patient, request

ROOT = Path(__file__).parents[2]
SEEDS = range(60)

RULES = """\
规则集 试验 | trial “试验” “Trial”
层级 国家
名单 贵药 | dear：药品编码 = ｛#XB05AAR021B001010100348，#XB05AAR021B001010100349｝
知识表 价表 | prices （药品 | drug：药品编码，价 | cap：金额）
    键 药品 取自 “价表.csv”
规则 限金额 | amount_limit “单行金额” “Amount of a line”
    国家编码 GZ10000102002000
    结果类型 违规
    针对 明细
    当 明细.药品 在 价表 且 明细.药品 在 贵药
    要求 明细.金额 <= 价表[明细.药品].价
    则 不予支付 明细.医保内金额
    说明 “{明细.名称}超过30元。” “{line.name} is over 30 yuan.”
"""
CELLS = "药品,价\nXB05AAR021B001010100348,30元\n"


class World(NamedTuple):
    """Rules, a request and a cache; `asked` gives status and both outputs of a check."""

    rules: Path
    cache: Path
    asked: Callable[[], tuple[int, str, str]]

    @property
    def texts(self) -> RuleTexts:
        return load([str(self.rules)])

    @property
    def key(self) -> str:
        return bundles.key_of(self.texts)

    @property
    def kept(self) -> Path:
        return self.cache / f"{self.key}{bundles.ENDING}"


def written(folder: Path, text: str = RULES) -> Path:
    folder.mkdir()
    (folder / "trial.rule").write_text(text, encoding="utf-8")
    (folder / "价表.csv").write_text(CELLS, encoding="utf-8")
    return folder


@pytest.fixture
def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> World:
    rules = written(tmp_path / "rules")
    path = tmp_path / "request.json"
    tree = at_settlement(request(patient(encounter(fsi_order_dtos=[line(1, sumamt=50)]))))
    path.write_bytes(as_bytes(tree))
    cache = tmp_path / "cache"
    monkeypatch.setenv("HEGUI_CACHE", str(cache))

    def asked() -> tuple[int, str, str]:
        status = run(["check", str(path), "--rulesets", str(rules), "--format", "json", "--all"])
        out, err = capsys.readouterr()
        return status, out, err

    return World(rules, cache, asked)


@pytest.fixture
def uncached(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    """What is answered without any cache."""
    with monkeypatch.context() as patched:
        patched.setattr(bundles, "kept", lambda *_: None)
        patched.setattr(bundles, "keep", lambda *_: None)
        found = world.asked()
    assert found[0] == 1
    assert '"outcome": "violated"' in found[1]
    assert found[2] == ""
    assert not world.cache.exists()
    return found


def never_compiled(_: RuleTexts) -> None:
    raise AssertionError


# ---------------------------------------------------------------- what a cache is for


def test_a_cached_bundle_is_used_and_answers_the_same(
    world: World, uncached: tuple[int, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.asked() == uncached
    assert list(world.cache.iterdir()) == [world.kept]
    monkeypatch.setattr(RuleTexts, "compile", never_compiled)
    assert world.asked() == uncached


def test_other_rules_or_tables_are_never_answered_by_the_old_ones(world: World) -> None:
    before = world.asked()
    (world.rules / "价表.csv").write_text(CELLS.replace("30", "90"), encoding="utf-8")
    assert world.asked()[0] == 0
    (world.rules / "价表.csv").write_text(CELLS, encoding="utf-8")
    text = RULES.replace("结果类型 违规", "结果类型 可疑")
    (world.rules / "trial.rule").write_text(text, encoding="utf-8")
    assert '"outcome": "suspected"' in world.asked()[1]
    (world.rules / "trial.rule").write_text(RULES, encoding="utf-8")
    assert world.asked() == before
    assert len(list(world.cache.iterdir())) == 3


# ---------------------------------------------------------------- corruptions


def with_header(data: bytes, change: Callable[[list[bytes]], None]) -> bytes:
    head, _, body = data.partition(b"\n")
    words = head.split(b" ")
    change(words)
    return b" ".join(words) + b"\n" + body


def sealed(key: bytes, body: bytes) -> bytes:
    """A bundle of any body whose digest is right."""
    digest = sha256(key + b"\n" + body).hexdigest().encode()
    words = (bundle.MAGIC, str(bundle.FORMAT).encode(), __version__.encode(), key, digest)
    return b" ".join(words) + b"\n" + body


def flipped(data: bytes, chance: random.Random) -> bytes:
    harmed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        harmed[chance.randrange(len(harmed))] ^= 1 << chance.randrange(8)
    return bytes(harmed)


def flipped_in_the_header(data: bytes, chance: random.Random) -> bytes:
    end = data.index(b"\n")
    return flipped(data[:end], chance) + data[end:]


def truncated(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def lengthened(data: bytes, chance: random.Random) -> bytes:
    return data + chance.randbytes(chance.randint(1, 2000))


def zeroed(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + b"\0" * min(512, len(data) - start) + data[start + 512 :]


def garbage(data: bytes, chance: random.Random) -> bytes:
    return chance.randbytes(len(data))


def emptied(data: bytes, _: random.Random) -> bytes:
    return data[:0]


def headless(data: bytes, _: random.Random) -> bytes:
    return data.partition(b"\n")[2]


def stale(data: bytes, chance: random.Random) -> bytes:
    def older(words: list[bytes]) -> None:
        words[chance.choice([1, 2])] = b"0"

    return with_header(data, older)


def huge_number(data: bytes, chance: random.Random) -> bytes:
    key = data.split(b" ")[3]
    number = chance.choice([b"9" * 5000, b"1e999999999", b"-" + b"1" * 4200, b'[-2, "1E+9"]'])
    return sealed(key, chance.choice([number, b"[" + number + b"]", b"[-1," + number + b"]"]))


def nested(data: bytes, chance: random.Random) -> bytes:
    depth = chance.choice([1_000, 100_000])
    return sealed(data.split(b" ")[3], b"[-1," * depth + b"0" + b"]" * depth)


def other_shapes(data: bytes, chance: random.Random) -> bytes:
    bodies = (b"null", b"{}", b'"x"', b"[]", b"[[]]", b'["a"]', b"[99999]", b"[0]", b"[-4,[]]")
    return sealed(data.split(b" ")[3], chance.choice(bodies) if chance.random() < 0.9 else b"\xff")


CORRUPTIONS = (
    flipped, flipped_in_the_header, truncated, lengthened, zeroed, garbage, emptied, headless,
    stale, huge_number, nested, other_shapes,
)  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_bundle_is_as_good_as_none(
    world: World, uncached: tuple[int, str, str], seed: int
) -> None:
    world.asked()
    whole = world.kept.read_bytes()
    chance = random.Random(seed)  # noqa: S311 - the same corruptions each time
    corruption = CORRUPTIONS[seed % len(CORRUPTIONS)]
    world.kept.write_bytes(corruption(whole, chance))
    assert world.kept.read_bytes() != whole
    assert bundles.kept(world.texts, world.key) is None
    assert world.asked() == uncached
    assert world.kept.read_bytes() == whole


def test_bundles_of_other_rules_are_not_taken(
    world: World, uncached: tuple[int, str, str], tmp_path: Path
) -> None:
    world.asked()
    whole = world.kept.read_bytes()
    others = load([str(written(tmp_path / "other", RULES.replace("违规", "可疑")))])
    program = others.compile().program
    assert program is not None
    foreign = bundle.pack(program, bundles.key_of(others))
    own_head, other_body = whole.partition(b"\n")[0], foreign.partition(b"\n")[2]
    for harmed in (foreign, own_head + b"\n" + other_body):
        world.kept.write_bytes(harmed)
        assert world.asked() == uncached
        assert world.kept.read_bytes() == whole


def test_what_is_read_when_asked_for_is_what_was_written(world: World) -> None:
    program = world.texts.compile().program
    assert program is not None
    data = bundle.pack(program)
    assert bundle.unpack(data) == program
    assert program == bundle.unpack(data)
    assert bundle.pack(bundle.unpack(data)) == data
    table = bundle.unpack(data).tables["trial/prices"]
    assert list(table.rows) == list(program.tables["trial/prices"].rows)
    assert table.rows[-1:] == program.tables["trial/prices"].rows
    assert hash(bundle.unpack(data).rules[0]) == hash(program.rules[0])


@pytest.mark.parametrize("wrong", [b"[99999]", b"[", b"[-6,0,1]", b'[-2,"x"]', b"[1]", b"\xff"])
def test_a_part_written_wrongly_under_a_right_digest_is_damage_when_it_is_read(
    world: World, wrong: bytes
) -> None:
    program = world.texts.compile().program
    assert program is not None
    head, _, body = bundle.pack(program).partition(b"\n")
    main, _, parts = body.partition(b"\n")
    harmed = sealed(head.split(b" ")[3], main + b"\n" + wrong.ljust(len(parts)))
    taken = bundle.unpack(harmed)
    with pytest.raises(BundleError) as refused:
        list(taken.rules)
    assert refused.value.code == DAMAGED_BUNDLE
    with pytest.raises(BundleError):  # and again
        list(taken.rules)


# ---------------------------------------------------------------- places


def test_a_folder_in_the_place_of_the_bundle_stays(world: World, uncached) -> None:
    world.kept.mkdir(parents=True)
    (world.kept / "something").write_text("mine")
    assert world.asked() == uncached
    assert [path.name for path in world.kept.iterdir()] == ["something"]
    assert list(world.cache.iterdir()) == [world.kept]


def test_a_file_in_the_place_of_the_cache_stays(world: World, uncached, monkeypatch) -> None:
    world.cache.write_text("mine")
    assert world.asked() == uncached
    monkeypatch.setenv("HEGUI_CACHE", str(world.cache / "below"))
    assert world.asked() == uncached
    assert world.cache.read_text() == "mine"


def test_links_that_lead_nowhere_or_round_are_no_cache(world: World, uncached) -> None:
    world.cache.mkdir()
    world.kept.symlink_to(world.kept)
    assert world.asked() == uncached
    world.kept.unlink()
    world.cache.rmdir()
    world.cache.symlink_to(world.cache)
    assert world.asked() == uncached


def test_permissions_keep_no_one_from_an_answer(world: World, uncached) -> None:
    world.asked()
    for mode_of_file, mode_of_folder in ((0o000, 0o700), (0o400, 0o500), (0o000, 0o000)):
        world.kept.chmod(mode_of_file)
        world.cache.chmod(mode_of_folder)
        try:
            assert world.asked() == uncached
        finally:
            world.cache.chmod(0o700)
            world.kept.chmod(0o600)


@pytest.mark.parametrize("call", ["read_bytes", "write_bytes", "replace", "mkdir", "glob"])
def test_a_system_that_refuses_keeps_no_one_from_an_answer(
    world: World, uncached, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """The same as for permissions, which do not bind a superuser."""
    plain = getattr(Path, call)

    def refused(self: Path, *arguments: object, **options: object) -> object:
        if self.is_relative_to(world.cache):
            raise PermissionError(13, "Permission denied", str(self))
        return plain(self, *arguments, **options)

    monkeypatch.setattr(Path, call, refused)
    assert world.asked() == uncached
    assert world.asked() == uncached
    assert not world.cache.exists() or not list(world.cache.rglob("*.part"))


def test_an_account_without_a_home_has_no_cache(world: World, uncached, monkeypatch) -> None:
    def homeless() -> Path:
        message = "Could not determine home directory."
        raise RuntimeError(message)

    monkeypatch.setattr(Path, "home", homeless)
    for name in ("HEGUI_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    assert world.asked() == uncached


def test_the_oldest_bundles_go(world: World, uncached) -> None:
    world.cache.mkdir()
    for number in range(bundles.KEPT + 5):
        (world.cache / f"{number:064d}{bundles.ENDING}").write_bytes(b"")
    assert world.asked() == uncached
    assert world.kept.exists()
    assert len(list(world.cache.iterdir())) == bundles.KEPT


# ---------------------------------------------------------------- at once


def test_processes_that_write_at_once_all_answer(world: World, uncached) -> None:
    command = [
        sys.executable, "-m", "apps.cli.main", "check", str(world.rules.parent / "request.json"),
        "--rulesets", str(world.rules), "--format", "json", "--all",
    ]  # fmt: skip
    shutil.rmtree(world.cache, ignore_errors=True)
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    answers = [(*process.communicate(), process.returncode) for process in started]
    assert answers == [(uncached[1].encode(), b"", 1)] * 2
    assert list(world.cache.iterdir()) == [world.kept]
    assert bundles.kept(world.texts, world.key) is not None
