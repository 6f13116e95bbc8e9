"""Rule texts in both spellings from one choice: pairs of text, and the declarations that trial rules lean on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from unittest.mock import patch

from hypothesis import strategies as st

from rulelang import driver
from rulelang.driver import Compiled, compile_sources
from rulelang.parser import parse_file
from rulelang.source import Source

FOLDER = "trial"


@dataclass(frozen=True, slots=True)
class Both:
    """One text in Chinese and in English spelling."""

    zh: str
    en: str

    def in_lang(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


NOTHING = Both("", "")


def both(zh: str, en: str, *parts: Both) -> Both:
    """A text with places `{0}`, `{1}` ... for other texts; braces are written twice."""
    return Both(zh.format(*(p.zh for p in parts)), en.format(*(p.en for p in parts)))


def same(text: str) -> Both:
    return Both(text, text)


def joined(parts: Iterable[Both], zh: str, en: str) -> Both:
    listed = list(parts)
    return Both(zh.join(p.zh for p in listed), en.join(p.en for p in listed))


# ---------------------------------------------------------------- what can be named

DRUGS = tuple(f"X{'ABCDE'[n]}{n:021d}" for n in range(5))  # the last two stand in no catalogue
ITEMS = tuple(f"{n:015d}" for n in (110200001, 110200002, 110200003, 110200004))
DIAGNOSES = ("I63.900", "I63.9", "K74.100", "C50.900x001", "R18.x00", "E11.900")
ICD_SETS = ("I63", "I63.9", "K74", "C00 至 C97", "R18", "E11.900", "I60 至 I64")
CLASSES = ("XA10BA02", "XA10", "XL01XX", "ZA01A")

HEAD = Both(
    """规则集 试验 | trial “试验规则” “Trial rules”
层级 国家
文件 文一 | doc1 “某目录” “A catalogue” 发布 2025-12-07
属性 主题 数量
证据 甲证 | proof_a：是否 归属 就诊 提供 医师
证据 乙证 | proof_b：是否 归属 就诊 提供 医师
证据 丙证 | proof_c：是否 归属 就诊 提供 医师
证据 丁证 | proof_d：是否 归属 就诊 提供 医师
证据 标记 | mark：是否 归属 明细 提供 医师
证据 白蛋白值 | albumin：数值 g/L 归属 患者 提供 检验，医师 有效期 前 7天
证据 评分 | score：数值 归属 就诊 提供 医师
证据 起病 | onset：日期时间 归属 就诊 提供 医师
证据 左右 | side_of：｛左 | left，右 | right｝ 归属 明细 提供 医师
证据 视力 | acuity （眼 | side：左右）：数值 归属 患者 提供 医师
证据 审批 | approved （眼 | side：左右）：是否 归属 患者 提供 医保办 登记
证据 疗程 | courses：（药类 | class：药品分类，起始 | begun：日期，结局 | outcome：｛有效 | worked，无效 | failed｝） 归属 患者 提供 医师 多次
知识表 药品表 | known_drugs （药品 | drug：药品编码，名称 | name：文本） 键 药品 取自 “known_drugs.csv”
知识表 项目表 | known_items （项目 | item：项目编码，名称 | name：文本） 键 项目 取自 “known_items.csv”
知识表 药品性别 | sex_of （药品 | drug：药品编码，性别 | sex：性别） 键 药品 完整 于 药品表 取自 “sex_of.csv” 依据 文一 “一”
知识表 上限表 | limits （药品 | drug：药品编码，上量 | most：数量 空即不限，上价 | cap：金额 空即不限，下龄 | min_age：年龄 空即不限，折扣 | share：比例，准许 | allowed：是否）
    键 药品 取自 “limits.csv”
知识表 适应表 | uses （药品 | drug：药品编码，病 | codes：诊断编码集，下龄 | min_age：年龄 空即不限，限额 | ceiling：金额 空即不限） 键 药品 多行 完整 于 药品表 取自 “uses.csv”
知识表 诊断性别 | sex_of_diagnosis （诊断 | diagnosis：诊断编码，性别 | sex：性别） 键 诊断 属于 完整 取自 “sex_of_diagnosis.csv”
知识表 重复表 | overlaps （甲项 | first_item：项目编码，乙项 | second_item：项目编码，区间 | stretch：窗口） 键 甲项，乙项 完整 于 项目表 取自 “overlaps.csv”
知识表 频次表 | often （项目 | item：项目编码，每日 | per_day：数量，组别 | bundle：文本） 键 项目 完整 于 项目表 取自 “often.csv”
名单 名单甲 | list_a：药品编码 = ｛#{0}，#{1}｝
名单 名单乙 | list_b：诊断编码 = ｛#I63，#K74｝
名单 名单丙 | list_c：诊断编码 = ｛#E11｝ 示例
参数 岁限 | child_age：年龄 = 18岁，自 2026-03-06 14岁 开放 省级 收紧降低
参数 天限 | most_days：时长 = 3天，自 2026-03-06 2天
参数 额限 | most_money：金额 = 50元，自 2026-03-06 80元
参数 方式 | handling：｛只提醒 | remind_only，扣差额 | take_off｝ = 只提醒，自 2026-03-06 扣差额
判定表 先付 | first_share （转 | referred：是否，处 | place：就医范围）：比例 ｛
    是，跨省 得 10%；
    否，省内异地 得 15%；
    否，跨省 得 20%；
    是，省内异地 得 不明；
    任意，本地 得 0%
｝
定义 同侧 | same_side （本 | this：明细） = 患者.明细 于 至今 满足（左右 = 本.左右）
定义 五元 | five = 5元
""",
    """ruleset trial | 试验 “试验规则” “Trial rules”
authority national
document doc1 | 文一 “某目录” “A catalogue” issued 2025-12-07
attribute topic quantity
evidence proof_a | 甲证: yes_no of encounter provided_by physician
evidence proof_b | 乙证: yes_no of encounter provided_by physician
evidence proof_c | 丙证: yes_no of encounter provided_by physician
evidence proof_d | 丁证: yes_no of encounter provided_by physician
evidence mark | 标记: yes_no of line provided_by physician
evidence albumin | 白蛋白值: value g/L of patient provided_by laboratory, physician valid_for past 7d
evidence score | 评分: value of encounter provided_by physician
evidence onset | 起病: datetime of encounter provided_by physician
evidence side_of | 左右: {{left | 左, right | 右}} of line provided_by physician
evidence acuity | 视力 (side | 眼: side_of): value of patient provided_by physician
evidence approved | 审批 (side | 眼: side_of): yes_no of patient provided_by insurance_office registered
evidence courses | 疗程: (class | 药类: drug_class, begun | 起始: date, outcome | 结局: {{worked | 有效, failed | 无效}}) of patient provided_by physician series
table known_drugs | 药品表 (drug | 药品: drug_code, name | 名称: text) key drug from "known_drugs.csv"
table known_items | 项目表 (item | 项目: item_code, name | 名称: text) key item from "known_items.csv"
table sex_of | 药品性别 (drug | 药品: drug_code, sex | 性别: sex) key drug complete within known_drugs from "sex_of.csv" citing doc1 "一"
table limits | 上限表 (drug | 药品: drug_code, most | 上量: quantity blank_any, cap | 上价: money blank_any, min_age | 下龄: age blank_any, share | 折扣: ratio, allowed | 准许: yes_no)
    key drug from "limits.csv"
table uses | 适应表 (drug | 药品: drug_code, codes | 病: diagnosis_codes, min_age | 下龄: age blank_any, ceiling | 限额: money blank_any) key drug many complete within known_drugs from "uses.csv"
table sex_of_diagnosis | 诊断性别 (diagnosis | 诊断: diagnosis_code, sex | 性别: sex) key diagnosis under complete from "sex_of_diagnosis.csv"
table overlaps | 重复表 (first_item | 甲项: item_code, second_item | 乙项: item_code, stretch | 区间: window) key first_item, second_item complete within known_items from "overlaps.csv"
table often | 频次表 (item | 项目: item_code, per_day | 每日: quantity, bundle | 组别: text) key item complete within known_items from "often.csv"
list list_a | 名单甲: drug_code = {{#{0}, #{1}}}
list list_b | 名单乙: diagnosis_code = {{#I63, #K74}}
list list_c | 名单丙: diagnosis_code = {{#E11}} illustrative
parameter child_age | 岁限: age = 18yo, starting 2026-03-06 14yo open province tighten_down
parameter most_days | 天限: duration = 3d, starting 2026-03-06 2d
parameter most_money | 额限: money = 50yuan, starting 2026-03-06 80yuan
parameter handling | 方式: {{remind_only | 只提醒, take_off | 扣差额}} = remind_only, starting 2026-03-06 take_off
decision first_share | 先付 (referred | 转: yes_no, place | 处: care_place): ratio {{
    yes, other_province gives 10%;
    no, same_province gives 15%;
    no, other_province gives 20%;
    yes, same_province gives not_stated;
    whatever, local gives 0%
}}
define same_side | 同侧 (this | 本: line) = patient.lines within so_far where (side_of = this.side_of)
define five | 五元 = 5yuan
""",
)


def head() -> Both:
    zh = HEAD.zh.replace("{0}", DRUGS[0]).replace("{1}", DRUGS[1])
    return Both(zh, HEAD.en.format(DRUGS[0], DRUGS[1]))


# ---------------------------------------------------------------- tables

STARTS = "生效,失效"


@st.composite
def table_files(draw: st.DrawFn) -> dict[str, str]:
    """The CSV files of the declared tables: rows blank and full, dated, many, and none."""
    sexes, ages = st.sampled_from(["男", "女"]), st.sampled_from(["", "12岁", "6月龄", "18岁"])
    yes_no = st.sampled_from(["是", "否"])
    money, count = st.sampled_from(["", "5", "12.50"]), st.sampled_from(["", "3盒", "1支", "0盒"])
    files = {
        "known_drugs.csv": _rows(
            "药品,名称", [(code, f"药{n}") for n, code in enumerate(DRUGS[:3])]
        ),
        "known_items.csv": _rows(
            "项目,名称", [(code, f"项{n}") for n, code in enumerate(ITEMS[:3])]
        ),
    }
    some = st.lists(st.sampled_from(DRUGS[:4]), unique=True, max_size=3).map(sorted)
    files["sex_of.csv"] = _rows("药品,性别", [(code, draw(sexes)) for code in draw(some)])
    columns = "药品,上量,上价,下龄,折扣,准许," + STARTS
    rows: list[Sequence[str]] = []
    for code in draw(some):
        for period in draw(st.sampled_from([[("", "")], [("", "2026-03-06"), ("2026-03-06", "")],
                                            [("2026-03-04", "2026-03-08")]])):  # fmt: skip
            cells = (draw(count), draw(money), draw(ages), draw(st.sampled_from(["50%", "100%"])))
            rows.append((code, *cells, draw(yes_no), *period))
    files["limits.csv"] = _rows(columns, rows)
    uses = [
        (code, draw(st.sampled_from(["I63", "K74；C00至C97", "R18"])), draw(ages), draw(money))
        for code in draw(st.lists(st.sampled_from(DRUGS[:3]), max_size=3))
    ]
    files["uses.csv"] = _rows("药品,病,下龄,限额", uses)
    above = draw(
        st.lists(st.sampled_from(["I63", "I63.9", "K74", "C50.9"]), unique=True, max_size=3)
    )
    files["sex_of_diagnosis.csv"] = _rows("诊断,性别", [(code, draw(sexes)) for code in above])
    windows = st.sampled_from(["同日", "6小时", "同次", "前 2天", "同小时", "1个月"])
    pairs = draw(
        st.lists(st.tuples(st.sampled_from(ITEMS), st.sampled_from(ITEMS)), unique=True, max_size=3)
    )
    files["overlaps.csv"] = _rows("甲项,乙项,区间", [(*pair, draw(windows)) for pair in pairs])
    held = draw(st.lists(st.sampled_from(ITEMS), unique=True, max_size=3))
    files["often.csv"] = _rows(
        "项目,每日,组别",
        [(code, draw(st.sampled_from(["1次", "3次"])), draw(st.sampled_from(["甲组", "乙组"]))) for code in held],
    )  # fmt: skip
    return files


def _rows(columns: str, rows: Iterable[Sequence[str]]) -> str:
    return "\n".join([columns, *(",".join(row) for row in rows)]) + "\n"


@cache
def plain_tables() -> dict[str, str]:
    """One fixed set of rows, for tests that are about something else."""
    first, second = DRUGS[:2]
    return {
        "known_drugs.csv": _rows(
            "药品,名称", [(code, f"药{n}") for n, code in enumerate(DRUGS[:3])]
        ),
        "known_items.csv": _rows(
            "项目,名称", [(code, f"项{n}") for n, code in enumerate(ITEMS[:3])]
        ),
        "sex_of.csv": _rows("药品,性别", [(first, "女")]),
        "limits.csv": _rows(
            "药品,上量,上价,下龄,折扣,准许," + STARTS,
            [
                (first, "3盒", "", "12岁", "50%", "是", "", ""),
                (second, "", "5", "", "100%", "否", "", ""),
            ],
        ),
        "uses.csv": _rows(
            "药品,病,下龄,限额", [(first, "I63", "", "5"), (first, "K74", "12岁", "")]
        ),
        "sex_of_diagnosis.csv": _rows("诊断,性别", [("I63", "男"), ("I63.9", "女")]),
        "overlaps.csv": _rows("甲项,乙项,区间", [(ITEMS[0], ITEMS[1], "同日")]),
        "often.csv": _rows("项目,每日,组别", [(ITEMS[0], "1次", "甲组")]),
    }


# ---------------------------------------------------------------- whole texts


@dataclass(frozen=True)
class Trial:
    """A ruleset of trial rules in both spellings with the files of its tables."""

    rules: tuple[Both, ...]
    files: dict[str, str] = field(default_factory=plain_tables)

    @property
    def about(self) -> str:
        """What the rules speak of, for the facts that a bill needs."""
        return joined(self.rules, "\n", "\n").en

    def text(self, lang: str) -> str:
        return joined([head(), *self.rules], "\n", "\n").in_lang(lang)

    def compiled(self, lang: str = "zh") -> Compiled:
        """The program; the declarations stand in a file of their own, which is parsed once."""
        first = head().in_lang(lang)
        rules = joined(self.rules, "\n", "\n").in_lang(lang)
        return compile_files(
            [
                Source(f"{FOLDER}/head.rule", first),
                Source(f"{FOLDER}/trial.rule", f"{first.splitlines()[0]}\n{rules}"),
            ],
            self.files,
        )


def compile_text(text: str, files: dict[str, str]) -> Compiled:
    return compile_files([Source(f"{FOLDER}/trial.rule", text)], files)


def compile_files(sources: Sequence[Source], files: dict[str, str]) -> Compiled:
    """The program of some files; the parse of a text that comes again is remembered."""

    def read(path: str) -> bytes | None:
        found = files.get(path.removeprefix(f"{FOLDER}/"))
        return None if found is None else found.encode()

    with patch.object(driver, "parse_file", _parsed):
        return compile_sources(sources, read)


_parsed = lru_cache(maxsize=64)(parse_file)  # the declarations, above all
