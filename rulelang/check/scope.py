"""What names mean at one place of a rule, and the state that checking shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from rulelang import ast, core, types
from rulelang.diagnostics import Problems, Related, Words
from rulelang.resolve import Symbol, Unit
from rulelang.source import Span
from rulelang.types import Type
from rulelang.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Scope:
    """The names in force at one place.

    `locals` are subjects, lets and named elements by spelling; `elements` the collections whose
    members' fields are bare names, the innermost last; `proved` the conditions that hold here
    (S10.1); `anchor` the subject that windows are measured from; `known_allowed` where 已知 may
    stand (S6.1); `printing` in messages, where a collection's column may be named.
    """

    locals: dict[str, tuple[core.Expr, Type]] = field(default_factory=dict)
    elements: tuple[tuple[str, Type], ...] = ()
    proved: tuple[core.Expr, ...] = ()
    anchor: core.Expr | None = None
    known_allowed: bool = False
    printing: bool = False
    guarded: bool = False  # an else stands behind: no proof of a value is wanted

    def bind(self, spellings: tuple[str | None, ...], value: core.Expr) -> Scope:
        """This scope with one more local under its spellings."""
        more = {name: (value, value.type) for name in spellings if name}
        return replace(self, locals={**self.locals, **more})

    def inside(self, element: str, type_: Type) -> Scope:
        """This scope inside the brackets of a collection."""
        return replace(self, elements=(*self.elements, (element, type_)), guarded=False)

    def knowing(self, *conditions: core.Expr) -> Scope:
        """This scope where more conditions are known to hold."""
        return replace(self, proved=(*self.proved, *conditions))


@dataclass(eq=False)
class Declarations:
    """The checked heads of all declarations by id; rows of tables come later."""

    tables: dict[str, core.Table] = field(default_factory=dict)
    lists: dict[str, core.ListDef] = field(default_factory=dict)
    evidence: dict[str, core.EvidenceDef] = field(default_factory=dict)
    params: dict[str, core.ParamDef] = field(default_factory=dict)
    decisions: dict[str, core.DecisionDef] = field(default_factory=dict)
    enums: dict[str, dict[str, Words]] = field(default_factory=dict)


@dataclass(eq=False)
class Checker:
    """What the checking of one ruleset shares."""

    unit: Unit
    vocabulary: Vocabulary
    declared: Declarations
    problems: Problems
    spelling: ast.Spelling = "zh"
    counter: int = 0
    inlining: tuple[str, ...] = ()
    group_keys: dict[str, tuple[str, Type]] = field(default_factory=dict)
    pair_names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    expr: Callable[[Checker, ast.Expr, Scope, Type | None], core.Expr] = field(
        default=None  # type: ignore[assignment]
    )

    def fresh(self) -> str:
        """A local name that nothing else uses within a rule."""
        self.counter += 1
        return f"_{self.counter}"

    def fail(
        self,
        code: str,
        span: Span,
        words: tuple[str, str],
        mend: tuple[str, str] | Words | None = None,
        related: tuple[Related, ...] = (),
    ) -> core.Lit:
        """Record a mistake; the returned node keeps checking going without further complaints."""
        help_words = Words(*mend) if isinstance(mend, tuple) else mend
        self.problems.add(code, span, words[0], words[1], help_words, related)
        return broken(span)

    def evidence_of(self, owner: str, name: str) -> core.EvidenceDef | None:
        """The evidence fact `name` of an entity kind, where one is declared or used here."""
        symbol = self.unit.find(name)
        if symbol is None or not isinstance(symbol.node, ast.Evidence):
            return None
        found = self.declared.evidence.get(symbol.id)
        return found if found is not None and found.owner == owner else None

    def evidence_names(self, owner: str) -> list[str]:
        """All spellings of the evidence facts that an entity kind has here."""
        return [
            name
            for name, symbol in self.unit.visible().items()
            if isinstance(symbol.node, ast.Evidence)
            and (known := self.declared.evidence.get(symbol.id)) is not None
            and known.owner == owner
        ]

    def enum_word(self, enum: str, name: str) -> str | None:
        """The identity of a word of an enumeration, by either spelling."""
        written = self.declared.enums.get(enum)
        if written is not None:
            for identity, words in written.items():
                if name in {identity, words.zh, words.en}:
                    return identity
            return None
        if enum not in self.vocabulary.enums:
            return None
        word = self.vocabulary.word(enum, name)
        return word.en if word is not None else None

    def enum_words(self, enum: str) -> list[str]:
        """All words of an enumeration, for suggestions."""
        written = self.declared.enums.get(enum)
        if written is not None:
            return [spelling for words in written.values() for spelling in (words.zh, words.en)]
        known = self.vocabulary.enums.get(enum)
        return [s for word in known.words.values() for s in (word.zh, word.en)] if known else []

    def say(self, type_: Type) -> Words:
        """A type in words, for messages."""
        return say_type(type_, self)


def broken(span: Span) -> core.Lit:
    """The node that stands where something was wrong."""
    return core.Lit(type=types.ERROR, span=span, value=None)


def is_broken(*nodes: core.Expr) -> bool:
    """Whether one of the nodes has already been complained of."""
    return any(node.type.kind == "error" for node in nodes)


_TYPE_WORDS = {
    "yes_no": ("是否", "yes or no"),
    "text": ("文本", "a text"),
    "number": ("数", "a number"),
    "money": ("金额", "an amount of money"),
    "ratio": ("比例", "a ratio"),
    "points": ("百分点", "percentage points"),
    "date": ("日期", "a date"),
    "datetime": ("日期时间", "a date and time"),
    "age": ("年龄", "an age"),
    "days": ("天数", "a number of days"),
    "months": ("月数", "a number of months"),
    "seconds": ("时长（小时、分钟）", "a length of hours"),
    "interval": ("时间差", "a difference of times"),
    "quantity": ("数量", "a quantity"),
    "rate": ("频次", "a rate"),
    "window": ("窗口", "a window"),
    "tuple": ("组合键", "a composite key"),
    "error": ("（有误）", "(in error)"),
}


def say_type(type_: Type, checker: Checker) -> Words:
    """A type in both languages, as an author would call it."""
    vocabulary = checker.vocabulary
    match type_.kind:
        case "code" | "codes":
            system = vocabulary.systems.get(type_.name)
            zh, en = (system.zh, system.en) if system else (type_.name, type_.name)
            many = type_.kind == "codes"
            return Words(f"{zh}{'集' if many else ''}", f"{'codes' if many else 'a code'} of {en}")
        case "enum":
            known = vocabulary.enums.get(type_.name)
            return Words(known.zh, known.en) if known else Words("枚举", "an enumeration")
        case "entity":
            kind = vocabulary.entities.get(type_.name)
            return Words(kind.zh, f"a {kind.en}") if kind else Words("一行", "a row")
        case "collection":
            return Words("集合（多个）", "a collection")
        case "measure":
            return Words(
                f"数值 {type_.name}".strip(), f"a value in {type_.name}".removesuffix(" in ")
            )
        case _:
            return Words(*_TYPE_WORDS[type_.kind])


def table_of(checker: Checker, symbol: Symbol | None) -> core.Table | None:
    """The table that a symbol declares."""
    if symbol is None or not isinstance(symbol.node, ast.Table):
        return None
    return checker.declared.tables.get(symbol.id)


def fits(found: Type, wanted: Type) -> bool:
    """Whether a value of one type may stand where another is wanted."""
    if found == wanted or "error" in {found.kind, wanted.kind}:
        return True
    if found.kind == wanted.kind:
        return found.kind not in {"code", "codes", "enum", "entity", "collection", "tuple"} or (
            found.kind == "code" and "" in {found.name, wanted.name}
        )
    return {found.kind, wanted.kind} <= {"ratio", "number"} or (found.kind, wanted.kind) in {
        ("seconds", "days"),
        ("number", "measure"),
        ("measure", "number"),
        ("datetime", "date"),
    }
