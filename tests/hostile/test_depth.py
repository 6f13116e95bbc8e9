"""Expressions as deep as the language takes them: everything works, one level beyond is refused."""

import pytest

from apps.authoring import case_text, graphs
from apps.authoring.facts_block import read_population
from apps.authoring.meaning import compare
from apps.authoring.mutants import mutants_of
from apps.authoring.pages import Block
from apps.render.drawing import svg
from engine import bundle
from engine.checker import check
from engine.profile import NO_PROFILE
from rulelang.canonical import digest_of
from rulelang.driver import Compiled, compile_sources
from rulelang.format import format_file
from rulelang.limits import LIMITS
from rulelang.parser import parse_file
from rulelang.source import Source
from rulelang.translate import switched

HEAD = """\
规则集 深 | deep “深” “Deep”
层级 国家
文件 甲文 | doc_a “甲文件” “Document A” 发布 2025-01-01
证据 抢救 | rescue：是否 归属 就诊 提供 医师
"""
RULE = """\
规则 深规则 | deep_rule “深规则” “Deep”
    依据 甲文 “一”
    结果类型 可疑
    针对 明细
{lets}    要求 {asked}
    则 提醒
    说明 “{{明细.名称}}。” “{{line.name}}.”
"""
KNOWN = "就诊.抢救 = 否\n明细1.金额 = 50元\n明细1.名称 = “甲”\n明细1.日期 = 2026-03-03\n"
UNKNOWN = "明细1.名称 = “甲”\n明细1.日期 = 2026-03-03\n"
ASKED = "明细.金额 <= 30元"
MOST = LIMITS["levels"].most


def text_of(asked: str, lets: str = "", declared: str = "") -> str:
    return HEAD + declared + RULE.format(asked=asked, lets=lets)


def brackets(depth: int) -> str:
    asked = ASKED
    for level in range(depth):
        asked = f"（{asked} {'且' if level % 2 else '或'} 就诊.抢救）"
    return asked


def listed(depth: int) -> str:
    asked = ASKED
    for level in range(depth):
        asked = f"{'符合全部' if level % 2 else '符合其一'}｛{asked}；就诊.抢救｝"
    return asked


def members(depth: int) -> str:
    asked = "金额 <= 30元"
    for _ in range(depth):
        asked = f"任一 就诊.明细 满足（{asked}）"
    return asked


def named(parts: int, asked: str = "任一 就诊.明细 满足（{0}）") -> str:
    """Parts that name each other, one after another."""
    lets, before = "", ASKED
    for part in range(parts):
        lets += f"    记 部{part} | part{part} = {asked.format(before)}\n"
        before = f"部{part}"
    return text_of(before, lets)


def added(parts: int) -> str:
    lets, before = "", "明细.金额"
    for part in range(parts):
        lets += f"    记 部{part} | part{part} = {before} + 1元\n"
        before = f"部{part}"
    return text_of(f"{before} <= 30元", lets)


def defined(parts: int) -> str:
    declared, before = "", "明.金额 <= 30元"
    for part in range(parts):
        declared += f"定义 式{part} | def{part}（明 | l：明细） = 非 {before}\n"
        before = f"式{part}（明）"
    return text_of(before.replace("（明）", "（明细）"), declared=declared)


WITHIN = {
    "brackets": text_of(brackets(LIMITS["nesting"].most)),
    "braces": text_of(listed(LIMITS["nesting"].most)),
    "members": text_of(members(LIMITS["nesting"].most - 10)),
    "not": text_of("非 " * (MOST - 2) + "就诊.抢救"),
    "sum": text_of("明细.金额" + " + 明细.金额" * (MOST - 3) + " <= 30元"),
    "named parts": named(MOST // 3 - 3),
    "sums of named parts": added(MOST // 2 - 3),
    "definitions": defined(MOST // 2 - 3),
}
BEYOND = {
    "named parts": named(MOST // 2),
    "sums of named parts": added(MOST + 1),
    "many sums of named parts": added(4_000),
    "definitions": defined(MOST + 1),
}


def compiled(text: str) -> Compiled:
    return compile_sources([Source("deep.rule", text)], {}.get)


@pytest.mark.parametrize("text", WITHIN.values(), ids=WITHIN)
def test_at_the_limit_every_pass_comes_through(text: str) -> None:
    found = compiled(text)
    program = found.program
    assert program is not None, [each.words.zh for each in found.errors]
    again = bundle.unpack(bundle.pack(program))
    assert digest_of(again, "deep") == digest_of(program, "deep")
    for facts, class_ in ((KNOWN, ("可疑", "合规")), (UNKNOWN, ("待补充信息",))):
        (bill,) = read_population(Block("facts", "", facts, 1), program, NO_PROFILE).bills
        result = check(program, bill)
        ids = [rule.id for rule in program.rules]
        said = case_text.printed("findings", [result], program, ids, "zh")
        assert any(word in said for word in class_)
        case_text.printed("explanation", [result], program, ids, "zh")
    source = Source("deep.rule", text)
    made = Source("deep.rule", switched(source, found, "en"))
    assert digest_of(program, "deep") == digest_of(compiled(made.text).program or program, "deep")
    laid = format_file(parse_file(source)[0], source)
    assert switched(made, compiled(made.text), "zh") == laid
    assert compare(program, again) == ()
    assert svg(graphs.decision_trees(program, program.rules), "zh")
    assert mutants_of(program.rules[0], program, {})


@pytest.mark.parametrize("text", BEYOND.values(), ids=BEYOND)
def test_beyond_it_the_place_is_told(text: str) -> None:
    found = compiled(text)
    assert found.program is None
    assert {each.code for each in found.errors} == {"RL0115"}
    assert all(each.span.path == "deep.rule" for each in found.errors)


def doubled(count: int) -> str:
    """Definitions of which each uses the one before twice."""
    declared = "定义 定0（明：明细） = 明.金额\n"
    for each in range(1, count):
        declared += f"定义 定{each}（明：明细） = 定{each - 1}（明） + 定{each - 1}（明）\n"
    return text_of(f"定{count - 1}（明细） <= 30元", declared=declared)


def test_what_one_name_stands_for_is_bounded() -> None:
    assert LIMITS["expansions"].most == 1_000
    assert compiled(doubled(9)).program is not None  # 511 definitions in place of one name
    text = doubled(12)
    (told,) = compiled(text).errors
    assert told.code == "RL0115"
    assert text[told.span.start : told.span.end] == "定9"  # the first that stands for more
