"""The keywords of the language in both spellings, and how a misspelt or glued one is recognised."""

from __future__ import annotations

from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Spelling: TypeAlias = Literal["zh", "en"]


class Keyword(NamedTuple):
    """One keyword: its terminal in the grammar and its two spellings."""

    terminal: str
    zh: str
    en: str

    def spelt(self, spelling: str) -> str:
        """The word in `spelling`."""
        return self.en if spelling == "en" else self.zh


KEYWORDS = (
    Keyword("RULESET", "规则集", "ruleset"),
    Keyword("USE", "引用", "use"),
    Keyword("AUTHORITY", "层级", "authority"),
    Keyword("REGION", "地区", "region"),
    Keyword("DOCUMENT", "文件", "document"),
    Keyword("DOCNO", "文号", "doc_no"),
    Keyword("ISSUED", "发布", "issued"),
    Keyword("INFORCE", "施行", "in_force"),
    Keyword("TABLE", "知识表", "table"),
    Keyword("LIST", "名单", "list"),
    Keyword("EVIDENCE", "证据", "evidence"),
    Keyword("PARAM", "参数", "parameter"),
    Keyword("DEFINE", "定义", "define"),
    Keyword("DECISION", "判定表", "decision"),
    Keyword("RULE", "规则", "rule"),
    Keyword("AMEND", "补充", "amend"),
    Keyword("REPEAL", "废止", "repeal"),
    Keyword("NATCODE", "国家编码", "national_code"),
    Keyword("CITE", "依据", "citing"),
    Keyword("CERTAINTY", "结果类型", "certainty"),
    Keyword("STAGES", "环节", "stages"),
    Keyword("ATTR", "属性", "attribute"),
    Keyword("OPEN", "开放", "open"),
    Keyword("CLOSED", "封闭", "closed"),
    Keyword("FOR", "针对", "for"),
    Keyword("LET", "记", "let"),
    Keyword("WHEN", "当", "when"),
    Keyword("REQUIRE", "要求", "require"),
    Keyword("FORBID", "不得", "forbid"),
    Keyword("UNLESS", "除非", "unless"),
    Keyword("THEN", "则", "then"),
    Keyword("KEEP", "保留", "keep"),
    Keyword("DEDUCTORDER", "扣减顺序", "deduct_order"),
    Keyword("MESSAGE", "说明", "message"),
    Keyword("REMEDY", "整改", "remedy"),
    Keyword("NOTE", "注", "note"),
    Keyword("KEY", "键", "key"),
    Keyword("COMPLETE", "完整", "complete"),
    Keyword("FROM", "取自", "from"),
    Keyword("BLANKANY", "空即不限", "blank_any"),
    Keyword("OWNER", "归属", "of"),
    Keyword("PROVIDER", "提供", "provided_by"),
    Keyword("VALID", "有效期", "valid_for"),
    Keyword("BOUNDS", "界", "bounds"),
    Keyword("GIVES", "得", "gives"),
    Keyword("WHATEVER", "任意", "whatever"),
    Keyword("OTHERWISE", "未列", "otherwise"),
    Keyword("STARTING", "自", "starting"),
    Keyword("TO", "至", "to"),
    Keyword("DENY", "不予支付", "deny"),
    Keyword("REDUCE", "扣减", "reduce"),
    Keyword("PAYATMOST", "限付", "pay_at_most"),
    Keyword("REMIND", "提醒", "remind"),
    Keyword("REVIEW", "复核", "review"),
    Keyword("APART", "单列", "apart"),
    Keyword("MONITOR", "监测", "monitor"),
    Keyword("AND", "且", "and"),
    Keyword("OR", "或", "or"),
    Keyword("NOT", "非", "not"),
    Keyword("IN", "在", "in"),
    Keyword("NOTIN", "不在", "not_in"),
    Keyword("UNDER", "属于", "under"),
    Keyword("NOTUNDER", "不属于", "not_under"),
    Keyword("HAS", "含", "has"),
    Keyword("KNOWN", "已知", "known"),
    Keyword("ORELSE", "缺则", "if_none"),
    Keyword("ATLEAST", "至少", "at_least"),
    Keyword("BELOW", "不满", "below"),
    Keyword("ALLOF", "符合全部", "all_of"),
    Keyword("ONEOF", "符合其一", "one_of"),
    Keyword("ANY", "任一", "any"),
    Keyword("EACH", "每个", "each"),
    Keyword("COUNT", "计数", "count"),
    Keyword("DISTINCT", "不同", "distinct"),
    Keyword("SUM", "合计", "sum"),
    Keyword("MAX", "最大", "max"),
    Keyword("MIN", "最小", "min"),
    Keyword("MEDIAN", "中位", "median"),
    Keyword("DAYS", "计日", "days_of"),
    Keyword("FIRST", "首个", "first"),
    Keyword("LAST", "末个", "last"),
    Keyword("ORDER", "按", "order_by"),
    Keyword("DESC", "倒序", "descending"),
    Keyword("OTHER", "其余", "other"),
    Keyword("AS", "作", "as"),
    Keyword("WITHIN", "于", "within"),
    Keyword("PAST", "前", "past"),
    Keyword("NEXT", "后", "next"),
    Keyword("WHERE", "满足", "where"),
    Keyword("GROUP", "分组", "grouped"),
    Keyword("PER", "每", "per"),
    Keyword("IF", "如果", "if"),
    Keyword("TAKE", "那么", "take"),
    Keyword("ELSE", "否则", "else"),
)

BY_TERMINAL: Mapping[str, Keyword] = MappingProxyType({word.terminal: word for word in KEYWORDS})

# Terminal and spelling of every reserved word.
RESERVED: Mapping[str, tuple[str, Spelling]] = MappingProxyType(
    {word.zh: (word.terminal, "zh") for word in KEYWORDS}
    | {word.en: (word.terminal, "en") for word in KEYWORDS}
)

# Words that authors write where the language has another one; the right side is the whole repair.
MISTAKEN: Mapping[str, str] = MappingProxyType(
    {
        "大于": ">", "高于": ">", "多于": ">", "超过": ">", "大于等于": ">=", "不小于": ">=",
        "不低于": ">=", "不少于": ">=", "小于": "<", "低于": "<", "少于": "<", "不足": "<",
        "小于等于": "<=", "不大于": "<=", "不超过": "<=", "不高于": "<=",
        "等于": "=", "为": "=", "不等于": "!=", "不为": "!=",
        "并且": "且", "而且": "且", "以及": "且", "同时": "且", "并": "且", "和": "且",
        "或者": "或", "不是": "非", "没有": "非", "包含": "含", "包括": "含",
        "所有": "每个", "全部": "每个", "任何": "任一", "存在": "任一", "如": "如果", "若": "如果",
        "例外": "除非", "总和": "合计", "求和": "合计", "个数": "计数", "最大值": "最大",
        "最小值": "最小", "中位数": "中位", "禁止": "不得", "必须": "要求", "应当": "要求",
        "其他": "其余", "使": "满足", "到": "至", "拒付": "不予支付", "扣款": "扣减",
        "提示": "提醒", "备注": "注", "对": "针对", "对于": "针对", "关于": "针对",
        "不可": "不得", "不能": "不得", "不准": "不得", "不允许": "不得", "规定": "要求",
        "需": "要求", "需要": "要求", "应": "要求", "须": "要求", "理由": "说明", "消息": "说明",
        "提示语": "说明", "建议": "整改", "降序": "倒序", "从大到小": "倒序", "分组按": "分组",
        "来自": "取自", "来源": "取自", "文件号": "文号", "生效": "施行", "主键": "键",
        "归属于": "归属", "提供者": "提供", "否则为": "否则",
        "is": "=", "equals": "=", "equal": "=", "exceeds": ">", "contains": "has",
        "includes": "has", "every": "each", "all": "each", "exists": "any", "some": "any",
        "such": "where", "except": "unless", "must": "require", "shall": "require",
        "prohibit": "forbid", "total": "sum", "maximum": "max", "minimum": "min", "until": "to",
        "cite": "citing", "basis": "citing", "sort": "order_by", "order": "order_by",
        "by": "order_by", "group": "grouped", "reject": "deny", "refuse": "deny",
        "desc": "descending", "effective": "in_force", "source": "from", "about": "for",
        "text": "message", "otherwise": "else", "default": "if_none", "between": "in",
    }
)  # fmt: skip

# The same where the first reading does not fit: `性别 不是 女`, `性别 是 女`.
_ELSE_MISTAKEN: Mapping[str, str] = MappingProxyType(
    {"不是": "!=", "没有": "!=", "是": "=", "is_not": "!=", "isnt": "!=", "not_equal": "!="}
)

_INFIX = frozenset(
    {
        "AND", "OR", "IN", "NOTIN", "UNDER", "NOTUNDER", "HAS", "KNOWN", "ORELSE", "ATLEAST",
        "BELOW", "TO", "AS", "WITHIN", "WHERE", "FROM", "ORDER", "TAKE", "ELSE", "WHEN", "THEN",
        "REQUIRE", "FORBID", "UNLESS", "CITE",
    }
)  # fmt: skip
# Before an operand, and so also in the middle of a glued name.
_PREFIX = frozenset(
    {
        "NOT", "ANY", "EACH", "COUNT", "DISTINCT", "SUM", "MAX", "MIN", "MEDIAN", "DAYS", "FIRST",
        "LAST", "OTHER", "IF",
    }
)  # fmt: skip
# Only at the start of a glued name: clause words, and operators whose left side stands apart.
_OPENING = _PREFIX | {
    "WHEN", "REQUIRE", "FORBID", "UNLESS", "THEN", "FOR", "LET", "CITE", "DENY", "REDUCE",
    "PAYATMOST", "REMIND", "REVIEW", "APART", "MONITOR", "CERTAINTY", "STAGES", "ATTR", "KEEP",
    "DEDUCTORDER", "IN", "NOTIN", "UNDER", "NOTUNDER", "HAS", "AND", "OR", "AS", "WITHIN",
}  # fmt: skip
_LONGEST_NAME = 60
_SHORT = 2  # a word this long is a guess too many when one of its signs differs


def _by_length(terminals: frozenset[str]) -> tuple[str, ...]:
    words = [BY_TERMINAL[terminal].zh for terminal in terminals]
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


_INFIX_WORDS = _by_length(_INFIX)
_PREFIX_WORDS = _by_length(_PREFIX)
_OPENING_WORDS = _by_length(_OPENING)


def suggest_cut(
    name: str, spelling: Spelling, known: Callable[[str], bool] | None = None
) -> str | None:
    """Cut a name at the keywords glued to it: `药品在名单甲` gives `药品 在 名单甲`.

    Only Chinese keywords are looked for: English words are parted by spaces anyway, and cutting
    at `in` or `or` would tear names. With `known`, every piece between keywords must be a known
    name (or begin with a digit); without it the first reasonable cut is offered.
    """
    if spelling == "en" or name in RESERVED or len(name) > _LONGEST_NAME:
        return None
    pieces = _cut(name, known or _plausible, _OPENING_WORDS)
    if pieces is None or len(pieces) < 2:  # noqa: PLR2004  (one piece is no cut)
        return None
    return " ".join(pieces)


def _plausible(piece: str) -> bool:
    return piece != ""


def _cut(
    text: str, known: Callable[[str], bool], prefixes: tuple[str, ...]
) -> tuple[str, ...] | None:
    """The text as names and keywords in turn, or None."""
    begun = _cut_first(text, known, prefixes)
    if begun is not None:
        return begun
    for position in range(1, len(text)):
        left = text[:position]
        if not (left[0].isdigit() or known(left)):
            continue
        for word in _INFIX_WORDS:
            if text.startswith(word, position):
                rest = text[position + len(word) :]
                tail = _cut(rest, known, _PREFIX_WORDS) if rest else ()
                if tail is not None:
                    return (left, word, *tail)
    if text[:1].isdigit() or known(text):
        return (text,)
    return None


def _cut_first(
    text: str, known: Callable[[str], bool], prefixes: tuple[str, ...]
) -> tuple[str, ...] | None:
    """A keyword that begins a clause or an operand, then the rest."""
    for word in prefixes:
        rest = text[len(word) :]
        if text.startswith(word) and rest:
            tail = _cut(rest, known, _PREFIX_WORDS)
            if tail is not None:
                return (word, *tail)
    return None


def suggest_keyword(word: str, terminals: frozenset[str], spelling: Spelling) -> str | None:
    """What the author may have meant by `word` where one of `terminals` is wanted."""
    for table in (MISTAKEN, _ELSE_MISTAKEN):
        meant = table.get(word)
        if meant is not None:
            terminal = RESERVED[meant][0] if meant in RESERVED else _operator(meant)
            if terminal in terminals:
                return meant
    if word in MISTAKEN:
        return None
    spelt = _spelt(terminals, spelling)
    lowered = word.lower()
    if lowered in spelt:
        return lowered
    if spelling == "zh":
        return _one_sign_off(word, [known for known in spelt if len(known) > _SHORT])
    close = get_close_matches(lowered, spelt, n=1, cutoff=0.75)
    return close[0] if close else None


def suggest_opening(word: str, terminals: frozenset[str], spelling: Spelling) -> str | None:
    """The same for the first word of a line, where a keyword is likelier and so a guess bolder."""
    meant = suggest_keyword(word, terminals, spelling)
    if meant is not None:
        return meant
    if spelling == "zh":
        near = [known for known in _spelt(terminals, "zh") if len(known) > 1]
        return _one_sign_off(word, near) or _one_sign_lost(word, near)
    close = get_close_matches(word.lower(), _spelt(terminals, "en"), n=1, cutoff=0.72)
    return close[0] if close else None


def _spelt(terminals: frozenset[str], spelling: Spelling) -> list[str]:
    return sorted(BY_TERMINAL[name].spelt(spelling) for name in terminals if name in BY_TERMINAL)


def _one_sign_off(word: str, known: list[str]) -> str | None:
    """The one known word that differs in a single sign; none if there are several."""
    near = [
        other
        for other in known
        if len(other) == len(word) and sum(a != b for a, b in zip(word, other, strict=True)) == 1
    ]
    return near[0] if len(near) == 1 else None


def _one_sign_lost(word: str, known: list[str]) -> str | None:
    """The one known word of three signs or more that has a sign less, or one more."""
    near = [
        other
        for other in known
        if len(other) > _SHORT and abs(len(other) - len(word)) == 1
        and _without_one(max(word, other, key=len), min(word, other, key=len))
    ]  # fmt: skip
    return near[0] if len(near) == 1 else None


def _without_one(longer: str, shorter: str) -> bool:
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))


def _operator(sign: str) -> str:
    return "EQ" if sign == "=" else "CMP"
