"""The parser's tables as a text, so that not every process analyses the grammar anew.

Lark makes the tables and reads them back; the text says of which grammar and by which lark they were
made, and those of another are not taken.
"""

from __future__ import annotations

import json
from hashlib import sha256
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_NUMBER = "#"  # a mapping whose keys are numbers, which JSON has not


def key_of(grammar: str) -> str:
    """What tables are made of: a grammar and the version of lark that analyses it."""
    return f"lark {lark.__version__} {sha256(grammar.encode()).hexdigest()}"


def write(parser: lark.Lark, grammar: str) -> str:
    """The tables of a parser as JSON, without its lexer and whatever else is code."""
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    data["parser"]["parser"] = _in_order(data["parser"]["parser"])
    plain = _plain({"key": key_of(grammar), "data": data, "memo": memo})
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n"


def read(text: str, grammar: str, lexer: type) -> lark.Lark | None:
    """The parser of which `text` holds the tables; None if it is of another grammar or lark."""
    found = json.loads(text, object_pairs_hook=_mapping)
    if found["key"] != key_of(grammar):
        return None
    found["data"]["options"]["lexer"] = found["data"]["parser"]["lexer_conf"]["lexer_type"] = lexer
    return lark.Lark.load(found)


def _in_order(table: dict[str, Any]) -> dict[str, Any]:
    """A table with names in order and states numbered as they are come to: lark's numbers vary."""
    names = sorted(table["tokens"].values())
    place = {token: names.index(name) for token, name in table["tokens"].items()}
    starts, ends = (dict(sorted(table[key].items())) for key in ("start_states", "end_states"))
    waiting = [*starts.values()]
    numbers = {state: number for number, state in enumerate(waiting)}
    states: dict[int, dict[int, tuple[int, Any]]] = {}
    for state in waiting:  # grows as it is read
        row = states[numbers[state]] = {}
        actions = {place[token]: action for token, action in table["states"][state].items()}
        for token, (reduces, target) in sorted(actions.items(), key=itemgetter(0)):
            if not reduces and target not in numbers:
                numbers[target] = len(numbers)
                waiting.append(target)
            row[token] = (reduces, target if reduces else numbers[target])
    return {
        **table,
        "tokens": dict(enumerate(names)),
        "states": states,
        "start_states": {name: numbers[state] for name, state in starts.items()},
        "end_states": {name: numbers[state] for name, state in ends.items()},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        pairs = [(key, _plain(part)) for key, part in value.items()]
        numbered = pairs and not isinstance(pairs[0][0], str)
        return {_BY_NUMBER: pairs} if numbered else dict(pairs)
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, type) else value


def _mapping(pairs: list[tuple[str, Any]]) -> Mapping[Any, Any]:
    if len(pairs) == 1 and pairs[0][0] == _BY_NUMBER:
        return dict(pairs[0][1])
    return dict(pairs)
