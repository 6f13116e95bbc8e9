"""Rulesets of any size, of the kind that authors write: limits by sex, age, diagnosis, days, prices.

Nothing here is law: names, codes and figures are made up, the same ones each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rulelang.source import Source

if TYPE_CHECKING:
    from pathlib import Path

RULES_A_FILE = 2_500
TABLES = 20
LISTS_EVERY = 25  # rules

HEAD = """\
-- Made up to measure with: no law says any of this.
规则集 试量 | load “试量” “Load”
层级 国家
文件 试文 | paper “试验文件” “Trial paper” 文号 “试2026第1号” 发布 2026-01-01
施行 自 2026-01-01
属性 主题 支付范围
证据 抢救 | rescue：是否 归属 就诊 提供 医师
证据 重症 | severe：是否 归属 就诊 提供 医师
证据 白蛋白值 | albumin_value：数值 g/L 归属 患者 提供 检验，医师 有效期 前 7天
参数 小儿 | small：年龄 = 14岁 界 6岁 至 18岁 开放 省级 收紧降低 依据 试文 “一”
名单 重病 | serious：诊断编码 = ｛#K74，#C00 至 #C97，#I63｝ 依据 试文 “二”
"""

TABLE = """\
知识表 限定{i} | limits_{i} （
    药品 | drug：药品编码，
    最小年龄 | min_age：年龄 空即不限，
    单价 | price：金额，
    最多天数 | days：时长，
    限定 | limit：文本
）
    键 药品 取自 “限定{i}.csv” 依据 试文 “三”
"""
COLUMNS = "药品,最小年龄,单价,最多天数,限定,来源,知识点,批次,发布日期\n"
HEADS = {
    "zh": "规则集 试量 | load “试量” “Load”\n",
    "en": "ruleset load | 试量 “试量” “Load”\n",
}

LIST = {
    "zh": "名单 药组{i} | drugs_{i}：药品编码 = ｛{codes}｝ 依据 试文 “四”\n",
    "en": "list drugs_{i} | 药组{i}: drug_code = {{{codes}}} citing paper “四”\n",
}

OPENING = {
    "zh": """\
规则 规则{n} | rule_{n} “药品限定支付第{n}条” “Payment limit number {n}”
    依据 试文 “第{n}条”
    结果类型 可疑
    环节 事前，事中，事后
    针对 明细
    当 明细.药品 在 药组{i} 且 明细.申报医保
""",
    "en": """\
rule rule_{n} | 规则{n} “药品限定支付第{n}条” “Payment limit number {n}”
    citing paper “第{n}条”
    certainty suspect
    stages before, during, after
    for line
    when line.drug in drugs_{i} and line.claimed
""",
}
CLOSING = {
    "zh": """\
    则 不予支付 明细.医保内金额
    说明 “{{明细.名称}}限第{n}条所列情形支付；本次年龄：{{患者.年龄}}。不符合的，基金不予支付。”
         “{{line.name}} is payable as number {n} says; age on record: {{patient.age}}. Otherwise the fund does not pay.”
    整改 “核对登记和编码：有误且有据可查的，更正后重传；无误的，经知情同意转为自费。”
         “Check record and code. If the record shows a mistake, correct it and send again; else bill as self-pay.”
""",
    "en": """\
    then deny line.claimed_amount
    message “{{明细.名称}}限第{n}条所列情形支付；本次年龄：{{患者.年龄}}。不符合的，基金不予支付。”
         “{{line.name}} is payable as number {n} says; age on record: {{patient.age}}. Otherwise the fund does not pay.”
    remedy “核对登记和编码：有误且有据可查的，更正后重传；无误的，经知情同意转为自费。”
         “Check record and code. If the record shows a mistake, correct it and send again; else bill as self-pay.”
""",
}
MIDDLES = {
    "zh": (
        """\
    要求 符合全部｛
        符合其一｛就诊.抢救；就诊.重症；符合全部｛就诊.诊断 含 重病；就诊.诊断 含 #R18｝｝；
        患者.白蛋白值 < {a} g/L
    ｝
""",
        """\
    记 首剂 | first_dose = 最小 时间 取自 就诊.明细 满足（药品 在 药组{i}） 缺则 明细.时间
    记 已用 | used = 计日 就诊.明细 于 至今 满足（药品 在 药组{i}）
    要求 符合全部｛就诊.诊断 含 #I63；相隔（首剂，明细.时间） <= {a}天；已用 <= 21天｝
    除非 就诊.抢救 依据 试文 “第{n}条但书”
""",
        """\
    记 年限 | lowest = 限定{t}[明细.药品].最小年龄 缺则 0岁
    记 上限 | cap = 限定{t}[明细.药品].单价 缺则 明细.单价
    要求 符合全部｛患者.年龄 >= 年限；明细.单价 <= 上限；非 患者.年龄 < 小儿｝
""",
        """\
    要求 任一 就诊.诊断 作 诊 | d 满足（诊.编码 属于 重病） 且 患者.性别 = 女 且 患者.年龄 >= {a}岁
""",
        """\
    要求 符合其一｛机构.级别 >= 二级；合计 数量 取自 就诊.明细 满足（药品 = 明细.药品） <= {a}次 + 2次 * 3｝
""",
    ),
    "en": (
        """\
    require all_of {{
        one_of {{encounter.rescue; encounter.severe; all_of {{encounter.diagnoses has serious; encounter.diagnoses has #R18}}}};
        patient.albumin_value < {a} g/L
    }}
""",
        """\
    let first_dose | 首剂 = min time from encounter.lines where (drug in drugs_{i}) if_none line.time
    let used | 已用 = days_of encounter.lines within so_far where (drug in drugs_{i})
    require all_of {{encounter.diagnoses has #I63; gap(first_dose, line.time) <= {a}d; used <= 21d}}
    unless encounter.rescue citing paper “第{n}条但书”
""",
        """\
    let lowest | 年限 = limits_{t}[line.drug].min_age if_none 0yo
    let cap | 上限 = limits_{t}[line.drug].price if_none line.price
    require all_of {{patient.age >= lowest; line.price <= cap; not patient.age < small}}
""",
        """\
    require any encounter.diagnoses as d | 诊 where (d.code under serious) and patient.sex = female and patient.age >= {a}yo
""",
        """\
    require one_of {{institution.level >= level2; sum quantity from encounter.lines where (drug = line.drug) <= {a}time + 2time * 3}}
""",
    ),
}


@dataclass(frozen=True)
class Load:
    """Generated rule texts and the bytes of their tables, by path."""

    sources: tuple[Source, ...]
    tables: dict[str, bytes] = field(repr=False)

    def read(self, path: str) -> bytes | None:
        """The bytes of a table."""
        return self.tables.get(path)

    def write(self, folder: Path) -> None:
        """Write all files below a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for source in self.sources:
            (folder / source.path).write_text(source.text, encoding="utf-8")
        for path, data in self.tables.items():
            (folder / path).write_bytes(data)


def load(rules: int, rows: int = 0) -> Load:
    """A ruleset of so many rules in files of both spellings, with so many table rows."""
    sources = [Source("00.rule", HEAD + "".join(TABLE.format(i=i) for i in range(TABLES)))]
    for number, first in enumerate(range(0, rules, RULES_A_FILE), 1):
        spelling = "zh" if number % 2 else "en"
        last = min(rules, first + RULES_A_FILE)
        texts = [HEADS[spelling], *(_rule(n, spelling) for n in range(first, last))]
        sources.append(Source(f"{number:02}.rule", "".join(texts)))
    tables = {f"限定{i}.csv": _rows(i, rows // TABLES) for i in range(TABLES)}
    return Load(tuple(sources), tables)


def _rule(n: int, spelling: str) -> str:
    names = {"n": n, "i": n // LISTS_EVERY, "t": n % TABLES, "a": 10 + n % 25}
    text = (OPENING[spelling] + MIDDLES[spelling][n % 5] + CLOSING[spelling]).format(**names)
    if n % LISTS_EVERY == 0:
        codes = ("，" if spelling == "zh" else ", ").join(f"#{drug(n + k)}" for k in range(20))
        text = LIST[spelling].format(i=names["i"], codes=codes) + text
    return text


def drug(number: int) -> str:
    """A made-up drug code."""
    return f"XZ99ZZZ{number:016}"


def _rows(table: int, count: int) -> bytes:
    lines = [
        f"{drug(1000 * table + n)},{n % 18}岁,{n % 90}.50元,{1 + n % 30}天,限{n % 7}类,"
        f"试量文件 第{n % 13}批,KP-{table:02}{n:010},第{n % 13}批,2026-01-{1 + n % 28:02}\n"
        for n in range(count)
    ]
    return (COLUMNS + "".join(lines)).encode()
