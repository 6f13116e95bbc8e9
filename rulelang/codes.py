"""Catalogue of diagnostic codes: the one list of what may be said about rule text."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from rulelang.diagnostics import Level

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One code: its number never changes and is never reused; `since` is the first version."""

    code: str
    slug: str
    level: Level
    zh: str
    en: str
    since: str


def _error(code: str, slug: str, zh: str, en: str, since: str = "0.1.0") -> CodeEntry:
    return CodeEntry(code, slug, Level.ERROR, zh, en, since)


def _warning(code: str, slug: str, zh: str, en: str, since: str = "0.1.0") -> CodeEntry:
    return CodeEntry(code, slug, Level.WARNING, zh, en, since)


# One line an entry, in the order of the codes.

TEXT_AND_SYNTAX = (  # RL01xx
    _error("RL0101", "unreadable-character", "不能识别的字符", "unreadable character"),
    _error("RL0102", "unclosed-text", "引号没有配对", "quotes not in pairs"),
    _error("RL0103", "malformed-code", "编码写法不对", "malformed code"),
    _error("RL0104", "unknown-unit", "单位不在表中", "unit not in the table"),
    _error("RL0105", "malformed-date", "日期写法不对", "malformed date"),
    _error("RL0106", "mixed-spelling", "中英文关键字混用", "keywords of both spellings"),
    _error("RL0107", "unexpected-word", "此处不应出现", "not expected here"),
    _error("RL0108", "unbalanced-bracket", "括号没有配对", "brackets not in pairs"),
    _error("RL0109", "mixed-and-or", "且与或混用", "and mixed with or"),
    _error("RL0110", "where-without-brackets", "条件没有括号", "condition without brackets"),
    _error("RL0111", "misspelt-keyword", "关键字写法不对", "misspelt keyword"),
    _error("RL0112", "code-without-hash", "编码前缺 #", "code without #"),
    _error("RL0113", "clause-out-of-order", "条款次序不对", "clause out of order"),
    _error("RL0114", "missing-clause", "缺少条款", "clause missing"),
    _error("RL0115", "nested-too-deep", "嵌套太深", "nested too deep"),
    _error("RL0116", "file-too-large", "文件太大", "file too large"),
    _error("RL0117", "too-many-items", "条目太多", "too many items"),
    _error("RL0118", "missing-space", "缺少空格", "space missing"),
    _error("RL0119", "too-many-mistakes", "错误太多", "too many mistakes"),
    _error("RL0120", "malformed-number", "数的写法不对", "malformed number"),
    _error("RL0121", "reserved-word", "关键字不能作名字", "keyword used as a name"),
    _error("RL0122", "outside-item", "不在任何条目之内", "outside of any item"),
    _error("RL0123", "dash-range", "范围用了连接号", "range written with a dash"),
    _error("RL0124", "foreign-operator", "运算符写法不对", "operator of another language"),
    _error("RL0125", "unfinished", "没有写完", "not finished"),
    _error("RL0126", "repeated-clause", "条款重复", "clause repeated"),
    _error("RL0127", "list-too-long", "名单太长", "list too long"),
    _error("RL0128", "too-many-rules", "规则太多", "too many rules"),
)

NAMES = (  # RL02xx
    _error("RL0201", "unknown-name", "不认识的名称", "unknown name"),
    _error("RL0202", "declared-twice", "重复声明", "declared twice"),
    _error("RL0203", "ruleset-head", "规则集开头不对", "ruleset head missing or repeated"),
    _error("RL0204", "unknown-field", "没有这个字段", "unknown field"),
    _error("RL0205", "unknown-ruleset", "没有这个规则集", "unknown ruleset"),
    _error("RL0207", "ambiguous-name", "名称有两种意思", "name with two meanings"),
    _error("RL0208", "unknown-type", "没有这个类型", "unknown type"),
    _error("RL0209", "unknown-word", "没有这个词", "unknown word of an enumeration"),
    _error("RL0210", "unknown-document", "没有声明的文件", "undeclared document"),
    _error("RL0211", "circular-definition", "定义绕回自己", "circular definition"),
    _error("RL0212", "unknown-window", "没有这个窗口", "unknown window"),
    _error("RL0213", "not-a-value", "不能作值", "not a value"),
    _error("RL0214", "circular-use", "规则集绕回自己", "rulesets in a circle"),
    _error("RL0215", "version-unsatisfied", "版本不合用", "version that will not do"),
    _error("RL0216", "malformed-version", "版本写法不对", "malformed version"),
    _error("RL0220", "table-file-missing", "表格文件不存在", "table file missing"),
    _error("RL0221", "column-missing", "表格文件缺列", "column missing in a table file"),
    _error("RL0222", "unreadable-cell", "单元格读不懂", "unreadable cell"),
    _error("RL0223", "blank-cell", "单元格空白", "blank cell"),
    _error("RL0224", "duplicate-key", "键重复", "duplicate key"),
    _warning("RL0225", "unused-column", "表格文件有多余的列", "column not declared"),
    _error("RL0226", "not-utf8", "文件不是 UTF-8", "file not in UTF-8"),
    _error("RL0227", "overlapping-periods", "期间重叠", "overlapping periods"),
    _warning("RL0228", "repeated-row", "行重复", "row repeated"),
    _warning("RL0229", "supersedes-nothing", "没有可取代的行", "no row to supersede"),
    _warning("RL0230", "unreachable-row", "永远用不到的行", "row never in force"),
    _warning("RL0231", "outside-extent", "在完整的范围之外", "outside the declared extent"),
    _error("RL0232", "reserved-table", "保留的知识表写法不对", "reserved table written otherwise"),
    _error("RL0233", "waived-rule-unknown", "豁免的规则不存在", "waiver of an unknown rule"),
    _error("RL0234", "not-to-be-waived", "不能豁免", "not to be waived"),
    _error(
        "RL0290", "names-collide", "换写法后名称相撞", "names that collide in the other spelling"
    ),
)

TYPES = (  # RL03xx
    _error("RL0301", "wrong-type", "类型不符", "wrong type"),
    _error("RL0302", "not-a-condition", "此处应为条件", "condition wanted"),
    _error(
        "RL0304",
        "hierarchical-comparison",
        "有无上下级用词不对",
        "comparison against the hierarchy",
    ),
    _error("RL0305", "mixed-rows", "把许多行当一行用", "many rows used as one"),
    _error("RL0306", "unproved-value", "可能没有值", "value not proved"),
    _error("RL0307", "not-a-collection", "此处应为集合", "collection wanted"),
    _error("RL0308", "wrong-count", "个数不对", "wrong number of parts"),
    _error("RL0309", "wrong-subject", "与针对的对象不合", "does not fit the subject"),
    _error("RL0310", "known-not-allowed", "此处不能用 已知", "known not allowed here"),
    _error(
        "RL0311", "texts-differ", "两种文字引用的事实不同", "the two texts name different facts"
    ),
    _error("RL0312", "no-order", "不分大小", "no order"),
    _error("RL0313", "unpaired-brace", "花括号不对", "brace astray"),
    _error("RL0314", "not-allowed-here", "不能写在此处", "not allowed here"),
    _error("RL0315", "reversed-range", "范围首尾颠倒", "range ends before it starts"),
    _error("RL0316", "lines-only", "只用于明细", "for lines only"),
)

UNITS = (  # RL04xx
    _error("RL0401", "units-differ", "单位不合", "units that do not meet"),
    _error("RL0402", "no-such-arithmetic", "不能这样计算", "no such arithmetic"),
    _error("RL0403", "wrong-length", "时间长度不对", "wrong length of time"),
)

DECISIONS = (  # RL05xx
    _error("RL0501", "decision-gap", "判定表有缺口", "gap in a decision table"),
    _error("RL0502", "decision-overlap", "判定表有重叠", "overlap in a decision table"),
)

PRECEDENCE = (  # RL06xx
    _error("RL0601", "no-keep", "没有说保留哪一项", "which of a pair stays is not said"),
    _error("RL0602", "not-open", "上级没有开放", "not opened by the higher layer"),
    _error("RL0603", "not-tighter", "不是收紧", "not tighter"),
    _error("RL0604", "wrong-layer", "不是上级的规则", "not a rule of a higher layer"),
    _error("RL0605", "closed-scope", "范围已封闭", "the scope is closed"),
    _error("RL0606", "topic-not-open", "这一层不能定这类规则", "not for this layer to rule on"),
    _warning("RL0607", "unfilled-parameter", "参数没有人填", "parameter filled by nobody"),
    _error("RL0608", "filled-twice", "重复填写", "filled twice"),
    _error("RL0609", "dates-out-of-order", "日期次序不对", "dates out of order"),
)

BASIS = (  # RL07xx
    _error("RL0701", "no-certainty", "没有结果类型", "certainty missing"),
    _error("RL0703", "illustrative-complete", "示例不能完整", "illustrative yet complete"),
    _error("RL0704", "outside-bounds", "超出界", "outside its bounds"),
    _error("RL0705", "unknown-head-word", "此处不能用这个词", "word not allowed here"),
    _warning("RL0707", "no-citation", "没有依据", "no citation"),
    _error("RL0708", "period-reversed", "期间首尾颠倒", "period ends before it starts"),
    _error("RL0721", "versions-overlap", "规则的版本重叠", "versions of a rule overlap"),
    _warning("RL0722", "versions-gap", "规则的版本之间有空缺", "gap between versions of a rule"),
)

STYLE = (  # RL09xx: opinions, told by `hegui lint`
    _warning("RL0901", "one-spelling", "名称只有一种写法", "name of one spelling"),
    _warning("RL0902", "unused-declaration", "声明没有用到", "declaration not used"),
    _warning("RL0903", "unused-local", "名称没有用到", "local name not used"),
    _warning("RL0904", "exception-without-citation", "例外没有依据", "exception without citation"),
    _warning("RL0905", "message-without-fact", "说明没有事实", "message that names no fact"),
    _warning("RL0906", "shadowed-rule", "规则被另一条盖住", "shadowed rule"),
    _warning("RL0907", "dead-condition", "条件不起作用", "dead condition"),
    _warning("RL0908", "implied-condition", "条件重复", "implied condition"),
    _warning("RL0909", "date-gap", "期间有空缺", "gap between periods"),
    _warning("RL0910", "covered-member", "集合成员重复", "member covered by another"),
    _warning("RL0911", "same-title", "标题相同", "same title"),
    _warning("RL0912", "definite-on-evidence", "违规取决于证据", "definite on evidence"),
    _warning(
        "RL0913", "definite-on-illustration", "违规取决于示例", "definite on illustrative rows"
    ),
    _warning("RL0914", "idle-else", "缺则用不到", "if_none never used"),
    _warning("RL0915", "other-spelling", "名称用了另一种写法", "name in the other spelling"),
    _warning("RL0916", "deep-nesting", "括号套得太深", "deeply nested brackets"),
    _warning("RL0917", "idle-allowance", "没有要允许的", "nothing to allow"),
    _warning("RL0918", "one-language", "只有一种语言", "text in one language"),
    _warning("RL0919", "unknown-national-code", "没有这个国家编码", "no such national code"),
    _warning(
        "RL0920", "other-national-code", "国家编码是另一条规则的", "national code of another rule"
    ),
    _warning("RL0921", "code-of-no-system", "编码写法不对的行", "row with a malformed code"),
    _warning("RL0951", "no-case", "规则没有案例", "rule without a case"),
    _warning("RL0952", "no-boundary-case", "没有边界案例", "boundary without a case"),
    _warning("RL0953", "no-missing-fact-case", "没有缺事实的案例", "no case that lacks a fact"),
    _warning("RL0954", "no-excused-case", "例外没有案例", "exception without a case"),
)

TABLES = (TEXT_AND_SYNTAX, NAMES, TYPES, UNITS, DECISIONS, PRECEDENCE, BASIS, STYLE)

CODES: Mapping[str, CodeEntry] = MappingProxyType(
    {entry.code: entry for table in TABLES for entry in table}
)
