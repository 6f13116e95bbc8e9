"""Whatever rule text says: at a limit everything works, beyond it is refused at its place, and no
damage to a text or a table makes anything but diagnostics whose places lie in it.

200,000 damaged files in a long run (HEGUI_LAWS=long), 2,000 else.
"""

import os
import random
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from apps.rulesets import decode, shipped
from engine import bundle
from rulelang.codes import CODES
from rulelang.diagnostics import Diagnostic
from rulelang.driver import Compiled, compile_sources
from rulelang.format import format_file
from rulelang.keywords import KEYWORDS
from rulelang.lexer import lex
from rulelang.limits import LIMITS
from rulelang.parser import parse_file
from rulelang.prescan import refused
from rulelang.render import render
from rulelang.source import Source
from tests.perf.generator import load

ROOT = Path(__file__).parents[2]
HEADS = {
    "zh": "规则集 试 | trial “试” “Trial”\n层级 国家\n",
    "en": 'ruleset trial | 试 “试” "Trial"\nauthority national\n',
}
RULES = {
    "zh": """\
规则 深 | deep “深” “Deep”
    国家编码 GZ10000102002000
    结果类型 违规
    针对 明细
    要求 {}
    则 不予支付 明细.医保内金额
    说明 “甲” “A”
""",
    "en": """\
rule deep | 深 “深” “Deep”
    national_code GZ10000102002000
    certainty definite
    for line
    require {}
    then deny line.claimed_amount
    message “甲” “A”
""",
}


def compiled(text: str) -> Compiled:
    return compile_sources([Source("a.rule", text)], lambda _: None)


def refusal(text: str) -> tuple[str, int]:
    """The code of the only thing said of a text, and where."""
    found = compiled(text)
    assert found.program is None
    (only,) = found.diagnostics
    return only.code, only.span.start


# ---------------------------------------------------------------- limits, on both sides


NESTS = {
    "zh": ("（", "符合全部｛", "非（", "非（明细.申报医保 且 ", "任一 就诊.明细 满足（"),
    "en": ("(", "all_of {", "not (", "not (line.claimed and ", "any encounter.lines where ("),
}
CORES = {"zh": ("明细.申报医保", "申报医保"), "en": ("line.claimed", "claimed")}


@pytest.mark.parametrize(
    ("lang", "opening"), [(lang, nest) for lang, nests in NESTS.items() for nest in nests]
)
def test_nesting(lang: str, opening: str) -> None:
    most = LIMITS["nesting"].most
    core = CORES[lang][opening[0] in "任a" and opening[1] in "一n"]
    closing = {"（": "）", "｛": "｝", "(": ")", "{": "}"}
    closer = next(closing[sign] for sign in reversed(opening) if sign in closing)

    def nested(depth: int) -> str:
        return HEADS[lang] + RULES[lang].format(opening * depth + core + closer * depth)

    program = compiled(nested(most)).program
    assert program is not None
    assert bundle.unpack(bundle.pack(program)).rules == program.rules
    source = Source("a.rule", nested(most))
    written = format_file(parse_file(source)[0], source)
    assert compiled(written).program is not None
    beyond = LIMITS["nesting"].most + 1
    text = nested(beyond)
    brackets = [place for place, sign in enumerate(text) if sign in "（｛({"]
    assert refusal(text) == ("RL0115", brackets[beyond - 1])


@pytest.mark.parametrize(
    "text",
    ["“（（（｛｛｛” ", "-- （（（｛｛｛\n", '"((({{{ \\" ((" ', "“甲“（”（（（” "],
    ids=["text", "comment", "escape", "inner"],
)
def test_brackets_in_texts_and_comments_do_not_count(text: str) -> None:
    strange = compiled(HEADS["zh"] + f"文件 甲 {text * 80}\n")
    assert "RL0115" not in {found.code for found in strange.diagnostics}


def test_unclosed_brackets_end_with_their_item() -> None:
    text = HEADS["zh"] + "文件 甲 （\n" * 100
    codes = {found.code for found in compiled(text).diagnostics}
    assert codes.isdisjoint({"RL0115"})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_items(lang: str) -> None:
    line = {"zh": "属性 应用场景 住院\n", "en": "attribute setting inpatient\n"}[lang]
    most = LIMITS["items"].most - 2
    assert parse_file(Source("a", HEADS[lang] + line * most))[1] == ()
    text = HEADS[lang] + line * (most + 1)
    assert refusal(text) == ("RL0117", len(text) - len(line))


def test_clauses_of_rules_are_no_items() -> None:
    rule = (
        RULES["zh"].format("明细.申报医保").replace("    针对", "    属性 应用场景 住院\n    针对")
    )
    rules = "".join(rule.replace("深", f"深{n}", 1) for n in range(LIMITS["items"].most // 2 + 9))
    assert refused(Source("a", HEADS["zh"] + rules)) is None


def test_bytes() -> None:
    most = LIMITS["bytes"].most
    head = HEADS["zh"] + "-- "
    room = most - len(head.encode())
    text = head + "注" * (room // 3) + "x" * (room % 3)
    assert len(text.encode()) == most
    assert compiled(text).program is not None
    assert refusal(text + "x")[0] == "RL0116"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_list_written_out(lang: str) -> None:
    opening, comma, end = {
        "zh": ("名单 甲 | a：药品编码 = ｛", "，", "｝\n"),
        "en": ("list a | 甲: drug_code = {", ", ", "}\n"),
    }[lang]
    most = LIMITS["list"].most
    codes = [f"#XA{number:06}" for number in range(most + 1)]
    within = HEADS[lang] + opening + comma.join(codes[:-1]) + end
    assert refused(Source("a.rule", within)) is None
    if lang == "zh":
        program = compiled(within).program
        assert program is not None
        assert len(program.lists["trial/a"].items) == most
    text = HEADS[lang] + opening + comma.join(codes)
    assert refusal(text + end) == ("RL0127", len(text) - len(codes[-1]) - len(comma))


def test_rules_of_a_ruleset() -> None:
    """Over several files; the rules of another ruleset are its own."""
    most = LIMITS["rules"].most
    half = HEADS["zh"] + "规则 甲\n" * (most // 2)
    files = [Source("1", half), Source("2", half)]
    other = Source("0", "规则集 别 | other “别” “Other”\n" + "规则 甲\n" * 9)

    def codes(sources: Sequence[Source]) -> set[str]:
        return {found.code for found in compile_sources(sources, lambda _: None).diagnostics}

    assert "RL0128" not in codes([other, *files])
    third = Source("3", HEADS["zh"] + "规则 甲\n")
    (only,) = compile_sources([other, *files, third], lambda _: None).diagnostics
    assert (only.code, only.span.path, only.span.start) == ("RL0128", "3", len(HEADS["zh"]))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_long_chains(lang: str) -> None:
    """Conditions side by side are no nesting; sums and else-ifs are, and stop at their limit."""
    claimed, and_, then = {
        "zh": ("明细.申报医保", " 且 ", "如果 明细.申报医保 那么 明细.申报医保 否则 "),
        "en": ("line.claimed", " and ", "if line.claimed take line.claimed else "),
    }[lang]
    amount = {"zh": "明细.金额", "en": "line.amount"}[lang]
    rule = HEADS[lang] + RULES[lang]
    assert compiled(rule.format(and_.join([claimed] * 5_000))).program is not None
    most = LIMITS["levels"].most
    sums = [f"{' + '.join([amount] * count)} > 1元" for count in (most - 2, 5_000)]
    chains = [then * (most - 2) + claimed, then * 5_000 + claimed]
    for within, without in (sums, chains):
        program = compiled(
            rule.format(within.replace("元", "yuan") if lang == "en" else within)
        ).program
        assert program is not None
        assert bundle.unpack(bundle.pack(program)).rules[0].id == program.rules[0].id
        assert refusal(rule.format(without))[0] == "RL0115"


def test_a_tenth_of_the_largest_ruleset() -> None:
    """The whole is measured by tests/perf; what counts here is that it compiles as it is."""
    made = load(LIMITS["rules"].most // 10, rows=200)
    program = compile_sources(made.sources, made.read).program
    assert program is not None
    assert len(program.rules) == LIMITS["rules"].most // 10
    assert sum(len(table.rows) for table in program.tables.values()) == 200
    assert bundle.unpack(bundle.pack(program)) == program


# ---------------------------------------------------------------- damaged texts


COUNT = 200_000 if os.environ.get("HEGUI_LAWS") == "long" else 2_000
PARTS = 10
STRANGE = (
    "（", "）", "｛", "｝", "[", "]", "，", "；", "：", "|", ".", "+", "-", "*", "=", "<=", "“", "”", '"',
    "#", "#A01.9", "12", "3.5g", "7天", "2026-02-30", "\uff12", "且或", "\u200b", "\x00", "\ufffd", "\r",
    "--", "“{明细.名称}”", "“{”", "9" * 40, "\ud800", "\n规则 ", "\n    则 ",
)  # fmt: skip


@cache
def texts() -> tuple[str, ...]:
    """The shipped rule files and the rule blocks of the pages, long files cut to some items."""
    found = [source.text for source in shipped().sources]
    for page in sorted((ROOT / "tests/spec").glob("*.md")):
        blocks = page.read_text(encoding="utf-8").split("```rule\n")[1:]
        found += [block.partition("```")[0] for block in blocks]
    return tuple(found)


@cache
def words(text: str) -> tuple[str, ...]:
    """A text in pieces: tokens, and what stands between them."""
    places = sorted(
        {0, len(text)} | {p for t in lex(Source("", text)).tokens for p in (t.start, t.end)}
    )
    return tuple(text[start:end] for start, end in pairwise(places))


def token(chance: random.Random, pieces: Sequence[str]) -> str:
    word = chance.choice(KEYWORDS)
    return chance.choice([chance.choice(pieces), chance.choice(STRANGE), word.zh, word.en])


def deleted(pieces: list[str], at: int, _: random.Random) -> None:
    del pieces[at]


def doubled(pieces: list[str], at: int, _: random.Random) -> None:
    pieces.insert(at, pieces[at])


def swapped(pieces: list[str], at: int, chance: random.Random) -> None:
    other = chance.randrange(len(pieces))
    pieces[at], pieces[other] = pieces[other], pieces[at]


def replaced(pieces: list[str], at: int, chance: random.Random) -> None:
    pieces[at] = token(chance, pieces)


def inserted(pieces: list[str], at: int, chance: random.Random) -> None:
    pieces.insert(at, f" {token(chance, pieces)} ")


def truncated(pieces: list[str], at: int, _: random.Random) -> None:
    del pieces[at + 1 :]


def spliced(pieces: list[str], at: int, chance: random.Random) -> None:
    other = words(chance.choice(texts()))
    begin = chance.randrange(len(other))
    pieces[at:] = other[begin : begin + 300]


CHANGES: tuple[Callable[[list[str], int, random.Random], None], ...] = (
    deleted, deleted, doubled, swapped, replaced, replaced, inserted, truncated, spliced,
)  # fmt: skip


def damaged(chance: random.Random) -> str:
    """A text with one to six changes, near one another as often as not."""
    pieces = list(words(chance.choice(texts())))
    begin = chance.randrange(len(pieces))  # a stretch of a long file is enough
    pieces = pieces[:40] + pieces[max(40, begin) : max(40, begin) + 260]
    at = chance.randrange(len(pieces))
    for _ in range(chance.randint(1, 6)):
        if not pieces:
            break
        near = at + chance.randint(-4, 4) if chance.random() < 0.5 else chance.randrange(10**6)
        chance.choice(CHANGES)(pieces, near % len(pieces), chance)
    return "".join(pieces)


def check_places(found: Sequence[Diagnostic], sources: dict[str, Source]) -> None:
    for each in found:
        assert each.code in CODES
        for span in (each.span, *(more.span for more in each.related)):
            if span.path in sources:
                assert 0 <= span.start <= span.end <= len(sources[span.path].text)
        for lang in ("zh", "en"):
            assert render(each, sources, lang)


@pytest.mark.parametrize("part", range(PARTS))
def test_damaged_tokens_make_diagnostics_and_nothing_else(part: int) -> None:
    for number in range(COUNT // PARTS):
        seed = number * PARTS + part
        text = damaged(random.Random(seed))  # noqa: S311 - the same texts each time
        wanted = "证据事实" in text or "evidence_facts" in text
        others = [source for source in shipped().sources if wanted and "evidence" in source.path]
        sources = [Source("a.rule", text), *others]
        try:
            found = compile_sources(sources, lambda _: None)
            if found.program is not None:
                assert bundle.unpack(bundle.pack(found.program)) == found.program
            check_places(found.diagnostics, dict(found.sources))
        except Exception as error:
            error.add_note(f"seed {seed}:\n{text}")
            raise
        most = 500 + len(text)  # mistakes are told once each: no blow-up
        assert len(found.diagnostics) <= most


# ---------------------------------------------------------------- damaged bytes


TABLE_RULES = """\
规则集 试 | trial “试” “Trial”
层级 国家
名单 药 | drugs：药品编码 取自 “药.csv”
知识表 价表 | prices （药品 | drug：药品编码，价 | cap：金额，限定 | limit：文本）
    键 药品 取自 “价表.csv”
"""
CELLS = "药品,价,限定\nXB05AAR021B001010100348,30元,“限”住院\nXB05AAR021B001010100349,3元,门诊\n"


def harm(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    kinds: tuple[Callable[[], bytes], ...] = (
        lambda: data[:at] + b"\x00" + data[at:],
        lambda: data[:at] + chance.randbytes(chance.randint(1, 9)) + data[at:],
        lambda: data[:at] + b"\r" + data[at:],
        lambda: data.replace(b"\n", b"\r"),
        lambda: data.replace(b"\n", b"\r\n"),
        lambda: b"\xef\xbb\xbf" + data,
        lambda: b"\xff\xfe" + data.decode().encode("utf-16-le"),
        lambda: data.decode().encode("gb18030"),
        lambda: data[:at],
        lambda: data[:at] + data[at + 1 :],
        lambda: data[:at] + b'"' + data[at:],
        lambda: data[:at] + b"\xed\xa0\x80" + data[at:],
    )
    return chance.choice(kinds)()


@pytest.mark.parametrize("name", ["a.rule", "药.csv", "价表.csv"])
def test_damaged_bytes_make_diagnostics_with_a_place(name: str) -> None:
    files = {"a.rule": TABLE_RULES.encode(), "药.csv": CELLS.encode(), "价表.csv": CELLS.encode()}
    for seed in range(COUNT // 10):
        chance = random.Random(seed)  # noqa: S311 - the same bytes each time
        harmed = files | {name: harm(files[name], chance)}
        try:
            source = Source("a.rule", decode(harmed["a.rule"]))
            found = compile_sources([source], harmed.get)
            check_places(found.diagnostics, dict(found.sources))
            places = {each.span.path for each in found.diagnostics}
            assert places <= set(files)
            assert (found.program is None) == bool(found.errors)
        except Exception as error:
            error.add_note(f"seed {seed}: {harmed[name]!r}")
            raise


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_lines_cost_nothing(end: str) -> None:
    """Each is looked at once: were all that follow looked at from each of them, this took days."""
    assert refused(Source("a.rule", f"{end * 1_000_000}（")) is None


@pytest.mark.parametrize(
    ("name", "code"), [("a.rule", "RL0101"), ("药.csv", "RL0226"), ("价表.csv", "RL0226")]
)
def test_a_file_in_another_encoding_is_refused_at_a_place(name: str, code: str) -> None:
    """Of a table the place is where the rule file names it."""
    files = {"a.rule": TABLE_RULES.encode(), "药.csv": CELLS.encode(), "价表.csv": CELLS.encode()}
    files[name] = files[name].decode().encode("gb18030")
    source = Source("a.rule", decode(files["a.rule"]))
    found = compile_sources([source], files.get)
    assert found.program is None
    assert code in {each.code for each in found.errors}
    if name != "a.rule":
        assert name in {source.snippet(each.span).strip("“”") for each in found.errors}
