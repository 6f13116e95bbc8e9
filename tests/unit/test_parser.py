"""Trees, spans, and what is said of text that is no rule."""

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rulelang import ast
from rulelang.codes import CODES
from rulelang.diagnostics import Diagnostic
from rulelang.keywords import BY_TERMINAL, suggest_cut
from rulelang.lexer import lex
from rulelang.limits import LIMITS
from rulelang.parser import parse_expression, parse_file
from rulelang.source import Source, Span

SAMPLES = Path(__file__).parents[1] / "samples"
RULE = "规则 甲 “题”\n    结果类型 可疑\n    针对 明细\n{}\n    要求 明细.乙\n    则 复核\n"


def sample(name: str) -> Source:
    return Source(name, (SAMPLES / name).read_text(encoding="utf-8"))


def expression(text: str) -> ast.Expr:
    node, problems = parse_expression(Source("x", text))
    assert problems == ()
    assert node is not None
    return node


def file(text: str) -> ast.File:
    parsed, problems = parse_file(Source("x", text))
    assert [(p.code, p.words.zh) for p in problems] == []
    return parsed


def mistakes(text: str) -> list[tuple[str, str]]:
    """The code and the text in place of every mistake of a file."""
    source = Source("x", text)
    return [(p.code, source.snippet(p.span)) for p in parse_file(source)[1]]


def shape(node: Any) -> Any:
    """A node with its names of one spelling left out, so that both spellings look alike."""
    if isinstance(node, tuple):
        return tuple("*" if isinstance(part, str) else shape(part) for part in node)
    if isinstance(node, ast.Name):
        return (node.zh, node.en) if node.zh and node.en else "one spelling"
    if not is_dataclass(node):
        return node
    shown: list[Any] = [type(node).__name__]
    for part in fields(node):
        if part.name in {"span", "field_span", "spelling", "comments"}:
            continue
        value = getattr(node, part.name)
        plain = isinstance(value, str) and part.name not in {"op", "unit", "direction", "value"}
        shown.append((part.name, "*" if plain else shape(value)))
    return tuple(shown)


# ---------------------------------------------------------------- both spellings


@pytest.mark.parametrize("spelling", ["zh", "en"])
def test_the_sample_holds_every_keyword_and_parses(spelling: str) -> None:
    source = sample(f"every_construct.{spelling}.rule")
    parsed, problems = parse_file(source)
    assert problems == ()
    assert parsed.spelling == spelling
    assert {token.type for token in lex(source).tokens} >= set(BY_TERMINAL)


def test_both_spellings_give_trees_of_one_shape() -> None:
    zh, en = (parse_file(sample(f"every_construct.{lang}.rule"))[0] for lang in ("zh", "en"))
    assert len(zh.items) == len(en.items)
    for left, right in zip(zh.items, en.items, strict=True):
        assert shape(left) == shape(right)


# ---------------------------------------------------------------- nodes


def test_names_stand_by_language_not_by_order() -> None:
    zh = file("规则集 甲.乙 | a.b “题” “T”").items[0]
    en = file("ruleset a.b | 甲.乙 “题” “T”").items[0]
    assert zh == en
    assert isinstance(zh, ast.RulesetHead)
    assert zh.name == ast.Name(zh="甲.乙", en="a.b")


def test_a_name_without_second_spelling_stands_under_the_files() -> None:
    zh, en = file("引用 甲\n定义 X = 1").items[1], file("use a\ndefine X = 1").items[1]
    assert isinstance(zh, ast.Define)
    assert isinstance(en, ast.Define)
    assert (zh.name.zh, zh.name.en) == ("X", None)
    assert (en.name.zh, en.name.en) == (None, "X")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("20%", ast.Quantity(value=Decimal(20), unit="percent")),
        ("10个百分点", ast.Quantity(value=Decimal(10), unit="pp")),
        ("30 g/L", ast.Quantity(value=Decimal(30), unit="g/L")),
        ("28万元", ast.Quantity(value=Decimal(28), unit="wan_yuan")),
        ("2026-01-01", ast.Date(value=date(2026, 1, 1))),
        ("2026-01-01T08:30", ast.DateTime(value=datetime(2026, 1, 1, 8, 30))),  # noqa: DTZ001
        ("#I63.902x001+J17.0*", ast.Code(value="I63.902x001+J17.0*")),
        ("“药“占”比”", ast.Text(value="药“占”比")),
        ("a.在", ast.Member(base=ast.Ref(name="a"), field="在")),
        (
            "a[1].b（c，d）",
            ast.Call(
                base=ast.Member(
                    base=ast.Lookup(base=ast.Ref(name="a"), keys=(ast.Number(value=Decimal(1)),)),
                    field="b",
                ),
                arguments=(ast.Ref(name="c"), ast.Ref(name="d")),
            ),
        ),
        (
            "a - b - c * d",
            ast.Arithmetic(
                op="-",
                left=ast.Arithmetic(op="-", left=ast.Ref(name="a"), right=ast.Ref(name="b")),
                right=ast.Arithmetic(op="*", left=ast.Ref(name="c"), right=ast.Ref(name="d")),
            ),
        ),
        (
            "计数 前线 >= 2 且 b",
            ast.Logic(
                op="and",
                items=(
                    ast.Compare(
                        op=">=",
                        left=ast.Aggregate(op="count", collection=ast.Ref(name="前线")),
                        right=ast.Number(value=Decimal(2)),
                    ),
                    ast.Ref(name="b"),
                ),
            ),
        ),
        (
            "a 在 1 至 15",
            ast.Membership(
                op="in",
                left=ast.Ref(name="a"),
                right=ast.ClosedRange(
                    low=ast.Number(value=Decimal(1)), high=ast.Number(value=Decimal(15))
                ),
            ),
        ),
        (
            "at_least 2 {a; b; c}",
            ast.Logic(
                op="at_least",
                items=(ast.Ref(name="a"), ast.Ref(name="b"), ast.Ref(name="c")),
                needed=2,
                listed=True,
            ),
        ),
        (
            "any other patient.lines within past 14d where (a != b)",
            ast.Quantifier(
                op="any",
                collection=ast.Filtered(
                    source=ast.Member(base=ast.Ref(name="patient"), field="lines"),
                    other=True,
                    window=ast.Window(
                        direction="past", length=ast.Quantity(value=Decimal(14), unit="day")
                    ),
                    where=ast.Compare(op="!=", left=ast.Ref(name="a"), right=ast.Ref(name="b")),
                ),
            ),
        ),
    ],
)
def test_expressions(text: str, node: ast.Expr) -> None:
    assert expression(text) == node


@pytest.mark.parametrize(
    ("full", "plain"),
    [
        ("a ≥ \uff11\uff12", "a >= 12"),
        ("a ≠ b", "a != b"),
        ("（a＋b）×c", "(a+b)*c"),
        ("a　在　｛＃I63、#I64｝", "a 在 {#I63,#I64}"),
        ("表【a】\uff0eb", "表[a].b"),
    ],
)
def test_full_width_signs_read_as_ascii(full: str, plain: str) -> None:
    assert expression(full) == expression(plain)


def test_a_stretch_of_a_source_is_parsed_in_its_place() -> None:
    source = Source("x", "说明 “{明细.名称}”")
    node, problems = parse_expression(source, Span("x", 5, 10))
    assert problems == ()
    assert node is not None
    assert source.snippet(node.span) == "明细.名称"


def test_brackets_belong_to_the_span_of_what_they_hold() -> None:
    source = Source("x", "(a + b) * c")
    node, _ = parse_expression(source)
    assert isinstance(node, ast.Arithmetic)
    assert source.snippet(node.span) == source.text
    assert source.snippet(node.left.span) == "(a + b)"


def test_comments_are_kept_with_their_places() -> None:
    source = Source("x", "-- 一\n引用 甲 —— 二\n")
    parsed, problems = parse_file(source)
    assert problems == ()
    assert [text.value for text in parsed.comments] == ["一", "二"]
    assert [source.snippet(text.span) for text in parsed.comments] == ["-- 一", "—— 二"]


def test_attributes_before_the_first_rule_are_items_and_within_a_rule_heads() -> None:
    parsed = file(
        "属性 主题 价格\n" + RULE.format("").replace("    针对", "    属性 主题 数量\n针对")
    )
    assert [type(item).__name__ for item in parsed.items] == ["Attribute", "Rule"]
    rule = parsed.items[1]
    assert isinstance(rule, ast.Rule)
    assert [type(head).__name__ for head in rule.heads] == ["Certainty", "Attribute"]


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("spelling", "wanted"),
    [
        (
            "zh",
            [
                ("RL0112", "330600"),
                ("RL0123", "#C00–#C97"),
                ("RL0107", "项目编码"),
                ("RL0111", "大于"),
                ("RL0109", "或"),
                ("RL0110", "满足"),
                ("RL0118", "18岁且患者"),
                ("RL0108", "（"),
                ("RL0113", "则"),
                ("RL0104", "毛"),
            ],
        ),
        (
            "en",
            [
                ("RL0112", "330600"),
                ("RL0123", "#C00–#C97"),
                ("RL0107", "item_code"),
                ("RL0111", "exceeds"),
                ("RL0109", "or"),
                ("RL0110", "where"),
                ("RL0101", "@"),
                ("RL0108", "("),
                ("RL0113", "then"),
                ("RL0104", "jiao"),
            ],
        ),
    ],
)
def test_ten_mistakes_are_told_at_ten_places(spelling: str, wanted: list[tuple[str, str]]) -> None:
    source = sample(f"ten_mistakes.{spelling}.rule")
    parsed, problems = parse_file(source)
    assert [(p.code, source.snippet(p.span)) for p in problems] == wanted
    rules = [item for item in parsed.items if isinstance(item, ast.Rule)]
    assert [rule.broken for rule in rules] == [True, True]


def test_the_good_clauses_of_a_broken_rule_are_kept() -> None:
    parsed, _ = parse_file(sample("ten_mistakes.zh.rule"))
    first = next(item for item in parsed.items if isinstance(item, ast.Rule))
    kept = [type(clause).__name__ for clause in first.clauses]
    assert kept == ["For", "When", "Require", "Unless", "Then", "Message"]


@pytest.mark.parametrize(
    ("clause", "wanted"),
    [
        ("    当 甲 @ 乙", [("RL0101", "@")]),
        ("    当 “甲", [("RL0102", "“甲")]),
        ("    当 甲 = # I63", [("RL0103", "#")]),
        ("    当 甲 含 #I63.*", [("RL0103", "#I63.*")]),
        ("    当 甲 < 3尺", [("RL0104", "尺")]),
        ("    当 甲 < 30 ml", [("RL0104", "ml")]),
        ("    当 甲 < 5元/次", [("RL0104", "元/次")]),
        ("    当 甲 < 2026-02-30", [("RL0105", "2026-02-30")]),
        ("    当 甲 < 2026/2/3", [("RL0105", "2026/2/3")]),
        ("    when 甲", [("RL0106", "when")]),
        ("    当 甲 乙", [("RL0107", "乙")]),
        ("    当 甲。", [("RL0107", "。")]),
        ("    当 符合全部｛甲，乙｝", [("RL0107", "，")]),
        ("    当 0 < 甲 < 3", [("RL0107", "<")]),
        ("    当 甲 在 （乙，丙）", [("RL0107", "（")]),
        ("    当 （甲 在 ｛#I63｝", [("RL0108", "（")]),
        ("    当 甲）", [("RL0108", "）")]),
        ("    当 （甲］", [("RL0108", "］")]),
        ("    当 甲 且 乙 或 丙", [("RL0109", "或")]),
        ("    当 任一 甲 满足 乙", [("RL0110", "满足")]),
        ("    当 甲 不 在 乙", [("RL0111", "不 在")]),
        ("    当 甲 小于等于 3", [("RL0111", "小于等于")]),
        ("    档 甲", [("RL0107", "档")]),
        ("    当 甲 = I63.902", [("RL0112", "I63.902")]),
        ("    当 甲 = 003311040160000", [("RL0112", "003311040160000")]),
        ("    说明 “甲”", [("RL0113", "说明")]),
        ("    当甲 在 乙", [("RL0118", "当甲")]),
        ("    当 甲 在 乙且 丙", [("RL0118", "乙且")]),
        ("    当 甲且乙 丙", [("RL0118", "甲且乙"), ("RL0107", "丙")]),
        ("    环节事前，事中", [("RL0113", "针对"), ("RL0118", "环节事前")]),
        ("    当 甲 = 3岁且乙", [("RL0118", "3岁且乙")]),
        ("    当 甲 = #I63且乙", [("RL0118", "#I63且乙")]),
        ("    当 甲 = 1.2.3", [("RL0120", "1.2.3")]),
        ("    当 甲 = 3.31E+12", [("RL0120", "3.31E+12")]),
        ("    记 键 = 3", [("RL0121", "键")]),
        ("    当 甲 在 ｛#C00-C97｝", [("RL0123", "#C00-C97")]),
        ("    当 甲 == 3", [("RL0124", "==")]),
        ("    当 甲 && 乙", [("RL0124", "&&")]),
        ("    当", [("RL0125", "当")]),
        ("    当 甲\n    当 乙", [("RL0126", "当")]),
        ("    针对 明细", [("RL0126", "针对")]),
    ],
)
def test_a_mistake_in_one_clause(clause: str, wanted: list[tuple[str, str]]) -> None:
    assert mistakes(RULE.format(clause)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("规则 甲 “题”\n 针对 明细\n 要求 乙\n", [("RL0114", "规则 甲 “题”")]),
        ("补充 甲\n 则 复核\n", [("RL0113", "则"), ("RL0114", "补充 甲")]),
        ("规责 甲 “题”\n 针对 明细\n 要求 乙\n 则 复核", [("RL0111", "规责")]),
        ("当 甲\n引用 乙", [("RL0122", "当")]),
        ("随便写的话", [("RL0122", "随便写的话")]),
        ("知识表 甲 （乙：文本） 键 乙", [("RL0125", "乙")]),
        ("名单 当 ：药品编码 取自 “x.csv”", [("RL0121", "当")]),
        ("引用 甲\x00", [("RL0101", "\x00")]),
    ],
)
def test_a_mistake_outside_of_clauses(text: str, wanted: list[tuple[str, str]]) -> None:
    assert sorted(mistakes(text)) == sorted(wanted)


def test_a_misspelt_item_word_begins_its_item() -> None:
    text = RULE.format("") + "规责 丙 “题”\n    针对 明细\n    要求 乙\n    则 复核\n"
    parsed, problems = parse_file(Source("x", text))
    assert [p.code for p in problems] == ["RL0111"]
    assert [type(item).__name__ for item in parsed.items] == ["Rule", "Rule"]


@pytest.mark.parametrize(
    "text",
    [
        "（" * 200 + "a" + "）" * 200,
        "+".join(["a"] * 200),
        ".".join(["a"] * 200),
        "- " * 200 + "a",
        "符合全部｛" * 200 + "a" + "｝" * 200,
        "如果 a 那么 b 否则 " * 200 + "c",
    ],
)
def test_deep_nesting_is_a_mistake_and_no_crash(text: str) -> None:
    node, problems = parse_expression(Source("x", text))
    assert node is None
    assert [p.code for p in problems] == ["RL0115"]
    assert [code for code, _ in mistakes(RULE.format(f"    当 {text}"))] == ["RL0115"]


def test_nesting_within_the_limit_is_read() -> None:
    depth = LIMITS["nesting"].most
    assert expression("（" * depth + "a" + "）" * depth) == ast.Ref(name="a")
    assert expression(" 且 ".join(["a"] * 500))


def test_a_file_too_large_is_not_read() -> None:
    parsed, problems = parse_file(Source("x", "引用 甲\n" * 1_000_000))
    assert [p.code for p in problems] == ["RL0116"]
    assert parsed.items == ()


def test_too_many_items_are_cut_off() -> None:
    most = LIMITS["items"].most
    problems = parse_file(Source("x", "引用 甲\n" * (most + 1)))[1]
    assert [p.code for p in problems] == ["RL0117"]
    parsed, problems = parse_file(Source("x", "引用 甲 " * (most + 1)))  # on one line
    assert [p.code for p in problems] == ["RL0117"]
    assert len(parsed.items) == most


def test_a_flood_of_mistakes_is_cut_off() -> None:
    problems = parse_file(Source("x", "@ " * 100_000))[1]
    assert problems[-1].code == "RL0119"
    assert len(problems) < 1000


def repair(text: str) -> Diagnostic:
    return parse_file(Source("x", RULE.format(f"    当 {text}")))[1][0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("甲 < 30 ml", "是否指 `mL`？"),
        ("甲 < 3日", "是否指 `天`？"),
        ("甲 在 ｛#C00–#C97｝", "写作 `#C00 至 #C97`"),
        ("甲 = I63.902", "写作 `#I63.902`"),
        ("甲 = 2026年1月5日", "写作 `2026-01-05`"),
        ("甲 小于 3", "是否指 `<`？"),
        ("甲 = 18岁且乙", "是否漏了空格：`18岁 且 乙`？"),
        ("甲 == 3", "写作 `=`"),
        ("任一 甲 满足 乙", "写作 `满足（…）`"),
        ("甲 在 （乙，丙）", "写作 `｛…｝`"),
        ("如果 乙", "写作 `如果 … 那么 … 否则 …`"),
    ],
)
def test_a_repair_is_said(text: str, wanted: str) -> None:
    help_words = repair(text).help
    assert help_words is not None
    assert help_words.zh == wanted


def test_every_mistake_told_here_is_in_the_catalogue() -> None:
    found = {
        p.code for lang in ("zh", "en") for p in parse_file(sample(f"ten_mistakes.{lang}.rule"))[1]
    }
    assert found <= set(CODES)


# ---------------------------------------------------------------- glued keywords


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("药品在名单甲", "药品 在 名单甲"),
        ("药品不在名单甲", "药品 不在 名单甲"),
        ("18岁且行", "18岁 且 行"),
        ("非明细", "非 明细"),
        ("计数明细", "计数 明细"),
        ("就诊类别属于住院且已申报", "就诊类别 属于 住院 且 已申报"),
        ("药品", None),
        ("drug_in_list", None),
    ],
)
def test_names_are_cut_at_keywords(name: str, cut: str | None) -> None:
    assert suggest_cut(name, "zh") == cut


def test_a_cut_can_be_held_to_known_names() -> None:
    known = {"在院天数", "患者", "药品", "名单甲"}.__contains__
    assert suggest_cut("药品在名单甲", "zh", known) == "药品 在 名单甲"
    assert suggest_cut("药品在名单乙", "zh", known) is None
    assert suggest_cut("药品在在院天数", "zh", known) == "药品 在 在院天数"
