"""From tokens to alternatives: what `或` joins, what `且` adds, and when neither can be told.

Where the sentence leaves open how far an "or" reaches, the joined words stay one condition in the
note's own words: nothing is typed that the text does not say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from apps.knowledge.notes.ages import YOUTH, both
from apps.knowledge.notes.ages_join import joined_ages
from apps.knowledge.notes.model import Ages, Branch, Course, Diagnosis, Evidence, Kind
from apps.knowledge.notes.patterns import ABBREVIATION
from apps.knowledge.notes.scanning import Token

TERM = 20
MOST_BRANCHES = 16
_ATTRIBUTES = frozenset((Kind.STAGE, Kind.MARKER, Kind.PRIOR))
_ENDS = frozenset((Kind.PURPOSE, Kind.LINE))
_SILENT = ("fill", "patient")


def quoted(kind: Kind, words: str) -> tuple[Evidence, ...]:
    """The words as one condition, cut into pieces of at most 20 characters; none for no words."""
    plain = ABBREVIATION.sub("", words).strip("的，。；：、且并")
    if plain.startswith("(") and plain.endswith(")"):
        plain = plain[1:-1]
    if not plain:
        return ()
    pieces = tuple(plain[at : at + TERM] for at in range(0, len(plain), TERM))
    return (Evidence(kind, pieces),)


def resolve(tokens: Sequence[Token]) -> tuple[Branch, ...]:
    """The alternatives that one part of a note allows."""
    branches: tuple[Branch, ...] = (Branch(),)
    for clause in _clauses(joined_ages(tokens)):
        found = _clause(clause)
        branches = product(branches, found, clause)
    return branches


def product(
    left: tuple[Branch, ...], right: tuple[Branch, ...], clause: Sequence[Token]
) -> tuple[Branch, ...]:
    """Every alternative of the one with every alternative of the other."""
    if len(left) * len(right) > MOST_BRANCHES:
        right = (Branch(evidence=quoted(Kind.SCOPE, _words(clause))),)
    return tuple(merge(one, other) for one in left for other in right)


def merge(one: Branch, other: Branch) -> Branch:
    """Both together. Where both name a diagnosis, the latter's words become evidence."""
    evidence = [*one.evidence, *(item for item in other.evidence if item not in one.evidence)]
    diagnoses = one.diagnoses or other.diagnoses
    if one.diagnoses and other.diagnoses and one.diagnoses != other.diagnoses:
        evidence += quoted(Kind.DIAGNOSIS, "或".join(item.words for item in other.diagnoses))
    ages = one.ages or other.ages
    if one.ages and other.ages:
        ages = both(one.ages, other.ages)
    for mine, theirs, kind in (
        (one.sex, other.sex, Kind.STATE),
        (one.level, other.level, Kind.PRESCRIBER),
        (one.care, other.care, Kind.STATE),
        (one.fund, other.fund, Kind.FUND),
    ):
        if mine and theirs and mine != theirs:
            evidence += quoted(kind, theirs)
    if one.course and other.course and one.course != other.course:
        evidence += quoted(Kind.QUOTA, f"{other.course.number}{other.course.unit}")
    return Branch(
        diagnoses,
        ages,
        one.sex or other.sex,
        one.level or other.level,
        one.care or other.care,
        one.fund or other.fund,
        one.course or other.course,
        tuple(dict.fromkeys(evidence)),
    )


def _clauses(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Parts between commas and "且"; a part that begins with "或" stays with the one before."""
    clause: list[Token] = []
    for place, token in enumerate(tokens):
        opens = tokens[place + 1] if place + 1 < len(tokens) else None
        if token.sort == "joint" and not (opens and opens.sort == "separator"):
            if clause:
                yield clause
            clause = []
        else:
            clause.append(token)
    if clause:
        yield clause


def _clause(tokens: Sequence[Token]) -> tuple[Branch, ...]:
    """The alternatives of one clause: whole patients joined by "或", else one noun phrase."""
    if any(token.sort == "joint" for token in tokens):
        return _open(tokens)
    parts, tail = _patients(tokens)
    if len(parts) == 1:
        return _phrase(tokens)
    if not all(token.sort == "evidence" and token.value in _ENDS for token in tail):
        return _open(tokens)
    found = [branch for part in parts for branch in _phrase(part)]
    if len(found) > MOST_BRANCHES:
        return _open(tokens)
    return tuple(merge(branch, _all_of(tail)) for branch in found)


def _patients(tokens: Sequence[Token]) -> tuple[list[list[Token]], list[Token]]:
    """Cuts "…患者或…" after each 患者 that a separator follows; and what stands after the last."""
    parts: list[list[Token]] = [[]]
    for place, token in enumerate(tokens):
        after_patient = place > 0 and tokens[place - 1].sort == "patient"
        if token.sort == "separator" and after_patient:
            parts.append([])
        else:
            parts[-1].append(token)
    last = parts[-1]
    ends = [place for place, token in enumerate(last) if token.sort == "patient"]
    tail = [token for token in last[ends[-1] + 1 :] if token.sort not in _SILENT] if ends else []
    if tail and len(parts) > 1:
        parts[-1] = last[: ends[-1] + 1]
    return [part for part in parts if part], tail


def _phrase(tokens: Sequence[Token]) -> tuple[Branch, ...]:
    groups = _groups(tokens)
    if len(groups) <= 1:
        return (_all_of(tokens),)
    sorts = {token.sort for group in groups for token in group} - {*_SILENT, "separator"}
    if sorts <= {"evidence", "unread"}:
        return (_one_condition(tokens),)
    if all(_stands(group) for group in groups):
        return tuple(_all_of(group) for group in groups)
    return _units(groups, tokens)


def _stands(group: Sequence[Token]) -> bool:
    """A group that is one whole condition by itself: a fund, an age, a state, a diagnosis."""
    telling = [token for token in group if token.sort not in (*_SILENT, "separator")]
    if len(telling) != 1:
        return False
    token = telling[0]
    return token.sort in ("fund", "age") or (token.sort == "evidence" and token.standing)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A diagnosis with what stands before it, close behind it, and after it."""

    before: Branch
    noun: Branch
    close: Branch
    after: Branch


def _units(groups: list[list[Token]], tokens: Sequence[Token]) -> tuple[Branch, ...]:
    """Diagnoses joined by "、或": attributes before the first go with all that have none."""
    units: list[_Unit] = []
    waiting: list[Token] = []
    for group in groups:
        places = [i for i, token in enumerate(group) if token.sort == "diagnosis"]
        if not places:
            waiting += group
            continue
        before = _attributes(waiting, group[: places[-1]])
        if before is None:
            return _open(tokens)
        units.append(_unit(before, group[places[-1] :]))
        waiting = []
    if any(token.sort not in _SILENT for token in waiting) or not units:
        return _open(tokens)
    return _united(units) or _open(tokens)


def _unit(before: Branch, rest: Sequence[Token]) -> _Unit:
    """Parts what stands close behind a diagnosis from what ends the phrase."""
    close: list[Token] = []
    at = 1
    while at < len(rest) and rest[at].sort == "evidence" and rest[at].value not in _ENDS:
        close.append(rest[at])
        at += 1
    return _Unit(before, _all_of(rest[:1]), _all_of(close), _all_of(rest[at:]))


def _attributes(waiting: Sequence[Token], before: Sequence[Token]) -> Branch | None:
    """What stands before a diagnosis; joined attributes are one condition. None: cannot be told."""
    before = [token for token in before if token.sort not in (*_SILENT, "separator")]
    if not any(token.sort not in _SILENT for token in waiting):
        return _all_of(before)
    typed = [token for token in before if token.sort not in ("evidence", "diagnosis")]
    rest = [token for token in before if token.sort == "evidence"]
    first, joined = _apart(waiting)
    if not rest or not all(_is_attribute(token) for token in (*joined, *rest)):
        return None
    words = "".join(token.text for token in (*joined, *rest))
    branch = merge(_all_of(first), Branch(evidence=quoted(Kind.STAGE, words)))
    return merge(branch, _all_of(typed))


def _apart(waiting: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """What comes before the first joined attribute, and the joined with their separators."""
    ends = next(i for i, token in enumerate(waiting) if token.sort == "separator")
    at = max((i for i in range(ends) if waiting[i].sort not in _SILENT), default=0)
    return list(waiting[:at]), [t for t in waiting[at:] if t.sort not in _SILENT]


def _is_attribute(token: Token) -> bool:
    if token.sort == "separator":
        return True
    return token.sort == "evidence" and token.value in _ATTRIBUTES and not token.standing


def _united(units: Sequence[_Unit]) -> tuple[Branch, ...]:
    """The units as alternatives; none where it cannot be told what belongs to which."""
    first, last = units[0], units[-1]
    typed = replace(first.before, evidence=())
    found: list[Branch] = []
    for unit in units:
        own = merge(typed, unit.before)
        if unit.before == Branch():
            own = first.before
        elif unit is not first and _other_kinds(first.before, unit.before):
            return ()
        if unit is not last and _other_kinds(last.close, unit.close):
            return ()
        branch = merge(merge(own, unit.noun), unit.close)
        branch = merge(branch, _with_tail(unit.after, last.after))
        previous = found[-1] if found else None
        if previous is not None and _same_but_diagnoses(previous, branch):
            found[-1] = replace(previous, diagnoses=(*previous.diagnoses, *branch.diagnoses))
        else:
            found.append(branch)
    return tuple(found)


def _other_kinds(one: Branch, other: Branch) -> bool:
    """Whether the one has a condition of a kind that the other has none of."""
    kinds = {item.kind for item in other.evidence}
    return any(item.kind not in kinds for item in one.evidence)


def _with_tail(own: Branch, tail: Branch) -> Branch:
    """The tail of the last noun holds for the earlier ones, but for what they say themselves."""
    kinds = {item.kind for item in own.evidence}
    rest = tuple(item for item in tail.evidence if item.kind not in kinds)
    return merge(own, replace(tail, evidence=rest))


def _same_but_diagnoses(one: Branch, other: Branch) -> bool:
    return replace(one, diagnoses=()) == replace(other, diagnoses=())


def _groups(tokens: Sequence[Token]) -> list[list[Token]]:
    """The tokens between separators; each group but the last keeps the separator that ends it."""
    groups: list[list[Token]] = [[]]
    for token in tokens:
        groups[-1].append(token)
        if token.sort == "separator":
            groups.append([])
    return [group for group in groups if any(t.sort not in (*_SILENT, "separator") for t in group)]


def _all_of(tokens: Sequence[Token]) -> Branch:
    """Every token of a group at once; of several diagnoses in a row the last is the noun.

    Diagnoses that touch are one name that no table has (双相情感障碍 with 躁狂发作): it is not the last.
    """
    branch = Branch()
    tokens = list(_compounds(tokens))
    nouns = [token for token in tokens if token.sort == "diagnosis"]
    for token in tokens:
        if token.sort == "diagnosis" and token is not nouns[-1]:
            branch = merge(branch, Branch(evidence=quoted(Kind.DIAGNOSIS, token.text)))
        else:
            branch = merge(branch, _alone(token))
    return branch


def _compounds(tokens: Sequence[Token]) -> Iterator[Token]:
    held: list[Token] = []
    for token in (*tokens, None):
        if token is not None and token.sort == "diagnosis":
            held.append(token)
            continue
        if len(held) > 1:
            yield Token("evidence", "".join(one.text for one in held), Kind.DIAGNOSIS)
        else:
            yield from held
        held = []
        if token is not None:
            yield token


def _alone(token: Token) -> Branch:
    match token.value:
        case Diagnosis() as held:
            wider = quoted(Kind.DIAGNOSIS, held.words) if held.wider else ()
            return Branch(diagnoses=(held,), evidence=wider)
        case Ages() as ages:
            return (
                Branch(evidence=quoted(Kind.STATE, token.text))
                if ages == YOUTH
                else Branch(ages=ages)
            )
        case Course() as course:
            return Branch(course=course)
        case Kind() as kind:
            return Branch(evidence=quoted(kind, token.text))
        case str() as value:
            return _plain(token, value)
        case None:
            kind = Kind.UNREAD
            return Branch(evidence=quoted(kind, token.text)) if token.sort == "unread" else Branch()


def _plain(token: Token, value: str) -> Branch:
    match token.sort:
        case "sex":
            return Branch(sex=value)
        case "level":
            return Branch(level=value)
        case "care":
            return Branch(care=value)
        case _:
            return Branch(fund=value)


def _one_condition(tokens: Sequence[Token]) -> Branch:
    kinds = [token.value for token in tokens if isinstance(token.value, Kind)]
    unread = any(token.sort == "unread" for token in tokens)
    kind = Kind.UNREAD if unread or not kinds else kinds[0]
    return Branch(evidence=quoted(kind, _words(tokens)))


def _open(tokens: Sequence[Token]) -> tuple[Branch, ...]:
    """How far the "or" reaches is open: the whole stays one condition in the note's words."""
    telling = [token for token in tokens if token.sort not in _SILENT]
    if len(telling) > 1 and telling[0].sort == "level" and telling[1].sort != "separator":
        at = tokens.index(telling[0]) + 1
        return (merge(_alone(telling[0]), _open(tokens[at:])[0]),)
    return (Branch(evidence=quoted(Kind.SCOPE, _words(tokens))),)


def _words(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens if token.sort != "patient")
