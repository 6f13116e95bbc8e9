"""What names mean at one place of a rule, and the state that checking shares."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from rulelang import ast, core, types
from rulelang.check.saying import say_type
from rulelang.diagnostics import Problems, Related, Words
from rulelang.keywords import BY_TERMINAL
from rulelang.resolve import Symbol, Unit, shown
from rulelang.source import NOWHERE, Source, Span
from rulelang.types import Type
from rulelang.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Scope:
    """The names in force at one place.

    `locals` are subjects, lets and named elements by spelling, `spelt` their two spellings; `elements` the collections whose
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
    spelt: dict[str, Words] = field(default_factory=dict)

    def bind(self, spellings: tuple[str | None, ...], value: core.Expr) -> Scope:
        """This scope with one more local under its spellings."""
        names = [name for name in spellings if name]
        locals_ = {**self.locals, **dict.fromkeys(names, (value, value.type))}
        spelt = {name: Words(names[0], names[-1]) for name in names}
        return Scope(
            locals_, self.elements, self.proved, self.anchor, self.known_allowed, self.printing,
            self.guarded, {**self.spelt, **spelt},
        )  # fmt: skip

    def inside(self, element: str, type_: Type) -> Scope:
        """This scope inside the brackets of a collection."""
        return replace(self, elements=(*self.elements, (element, type_)), guarded=False)

    def unguarded(self) -> Scope:
        """This scope where no else stands behind."""
        return replace(self, guarded=False) if self.guarded else self

    def knowing(self, *conditions: core.Expr) -> Scope:
        """This scope where more conditions are known to hold."""
        if not conditions:
            return self
        proved = (*self.proved, *conditions)
        return Scope(
            self.locals, self.elements, proved, self.anchor, self.known_allowed, self.printing,
            self.guarded, self.spelt,
        )  # fmt: skip


@dataclass(eq=False)
class Declarations:
    """The checked heads of all declarations by id; rows of tables come later."""

    tables: dict[str, core.Table] = field(default_factory=dict)
    lists: dict[str, core.ListDef] = field(default_factory=dict)
    evidence: dict[str, core.EvidenceDef] = field(default_factory=dict)
    params: dict[str, core.ParamDef] = field(default_factory=dict)
    decisions: dict[str, core.DecisionDef] = field(default_factory=dict)
    enums: dict[str, dict[str, Words]] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)  # ids of definitions with mistakes (all told)
    spelt: dict[tuple[str, int], Words] = field(default_factory=dict)  # names by where they end


@dataclass(eq=False)
class Checker:
    """What the checking of one ruleset shares."""

    unit: Unit
    vocabulary: Vocabulary
    declared: Declarations
    problems: Problems
    sources: Mapping[str, Source] = field(default_factory=dict)
    spelling: ast.Spelling = "zh"
    counter: int = 0
    inlining: tuple[str, ...] = ()
    expanded: int = 0  # definitions put in place of the name at hand, one within another
    expanded_for: Span = NOWHERE  # where that name stands
    group_keys: dict[str, tuple[str, Type]] = field(default_factory=dict)
    lets: dict[str, core.Expr] = field(default_factory=dict)  # of the rule at hand
    levels: dict[str, int] = field(default_factory=dict)  # how deep those are
    sums: int = 0  # how many sums and counts were met so far
    level: int = 0  # in how many expressions the one at hand stands
    pair_names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    keyed: ast.Expr | None = None  # the base of a look-up whose arguments stand behind it
    period: str = ""  # of the rule at hand, where it is on periods
    unread: frozenset[str] = frozenset()  # let names of a rule whose clause did not parse
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

    def note(self, span: Span, zh: str, en: str) -> None:
        """Remember both spellings of the name that ends where a place ends."""
        self.declared.spelt[span.path, span.end] = _words(zh, en)

    def note_symbol(self, span: Span, symbol: Symbol | None) -> None:
        """Remember both spellings of a declared name."""
        if symbol is not None:
            name = shown(symbol.name)
            self.note(span, name.zh, name.en)

    def text(self, span: Span) -> str:
        """What the author wrote at a place, on one line; empty where that is not known."""
        return " ".join(self.written(span).split())

    def written(self, span: Span) -> str:
        """What the author wrote at a place as it stands; empty where that is not known."""
        source = self.sources.get(span.path)
        return source.snippet(span) if source is not None else ""

    def at(self, span: Span, word: str) -> Span:
        """Where `word` stands within a place; its last occurrence, the whole place if there is none."""
        source = self.sources.get(span.path)
        if source is None:
            return span
        quoted = re.escape(word)
        found = list(re.finditer(rf"(?<!\w){quoted}(?!\w)", source.snippet(span)))
        if not found:
            return span
        return Span(span.path, span.start + found[-1].start(), span.start + found[-1].end())

    def keyword(self, terminal: str) -> str:
        """A keyword as the file that is being checked spells it."""
        return BY_TERMINAL[terminal].spelt(self.spelling)

    def is_unread(self, name: str) -> bool:
        """Whether a name is accounted for: its declaration, or that of its ruleset, was told of.

        The declaration did not parse, or the ruleset that has it is not used.
        """
        if name in self.unread:
            return True
        units = (self.unit, *self.unit.uses)
        return any(name in unit.unread for unit in units) or any(
            name in other.names for other in self.unit.told
        )

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

    def word_spelt(self, enum: str, identity: str) -> Words:
        """Both spellings of a word of an enumeration."""
        written = self.declared.enums.get(enum)
        if written is not None:
            return written[identity]
        word = self.vocabulary.enums[enum].words[identity]
        return Words(word.zh, word.en)

    def enum_words(self, enum: str) -> list[str]:
        """All words of an enumeration, for suggestions."""
        written = self.declared.enums.get(enum)
        if written is not None:
            return [spelling for words in written.values() for spelling in (words.zh, words.en)]
        known = self.vocabulary.enums.get(enum)
        return [s for word in known.words.values() for s in (word.zh, word.en)] if known else []

    def say(self, type_: Type) -> Words:
        """A type in words, for messages."""
        return say_type(type_, self.vocabulary, self.declared)


@lru_cache(maxsize=10_000)
def _words(zh: str, en: str) -> Words:
    """Names are few, and the places where they stand very many."""
    return Words(zh, en)


def broken(span: Span) -> core.Lit:
    """The node that stands where something was wrong."""
    return core.Lit(type=types.ERROR, span=span, value=None)


def is_broken(*nodes: core.Expr) -> bool:
    """Whether one of the nodes has already been complained of."""
    for node in nodes:  # noqa: SIM110 - it is asked of every node
        if node.type.kind == "error":
            return True
    return False


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
    return {found.kind, wanted.kind} in ({"ratio", "number"}, {"number", "measure"})


def alike(left: Type, right: Type) -> bool:
    """Whether two values may be one value, the one or the other: of one kind and one unit."""
    if left.kind == right.kind == "measure":
        return left.name == right.name
    if {left.kind, right.kind} == {"number", "measure"}:
        return not (left.name or right.name)
    return fits(left, right)
