"""The grammar has no conflict, knows every keyword, and its tables in the file are those that it makes."""

import json
import re
from pathlib import Path
from typing import Any

import lark
import pytest

from rulelang import tables, tables_file
from rulelang.keywords import BY_TERMINAL


def test_the_grammar_has_no_conflict() -> None:
    tables.build(strict=True)


def test_strict_means_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards the test above: with one ambiguous rule more the tables are refused."""
    real = Path.read_text
    ambiguous = "\n!?sum_again: sum PLUS sum\n?again: sum_again | again AND again\n"

    def read(path: Path, encoding: str | None = None) -> str:
        text = real(path, encoding=encoding)
        return text.replace("?expr: unary\n", "?expr: unary | again\n") + ambiguous

    monkeypatch.setattr(Path, "read_text", read)
    with pytest.raises(Exception, match=r"(Shift|Reduce)/Reduce"):
        tables.build(strict=True)


def test_every_keyword_is_used_by_the_grammar() -> None:
    grammar = Path(tables.__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    rules = "\n".join(line.split("//")[0] for line in grammar.splitlines())
    used = set(re.findall(r"\b_?[A-Z]+\b", rules))
    assert used == {*BY_TERMINAL, *tables.LITERALS, *tables.SIGNS}


# ---------------------------------------------------------------- the file


def walked(parser: lark.Lark, start: str) -> list[Any]:
    """What the tables do in each state, by numbers in the order in which the states are come to."""
    conf = parser.parse_interactive(start=start).parser_state.parse_conf
    numbers = {conf.start_state: 0}
    waiting, found = [conf.start_state], []
    for state in waiting:
        row = []
        for name, (_, target) in sorted(conf.states[state].items(), key=lambda item: str(item[0])):
            if isinstance(target, int):
                if target not in numbers:
                    numbers[target] = len(numbers)
                    waiting.append(target)
                row.append((str(name), numbers[target]))
            else:
                options = target.options
                row.append((str(name), str(target), str(target.alias), options.expand1))
        found.append(row)
    assert conf.end_state in numbers
    return [numbers[conf.end_state], *found]


def test_the_kept_tables_are_of_this_grammar() -> None:
    """Else they cost every process a second: run `python -m apps.authoring.parser_tables`."""
    text = tables.KEPT.read_text(encoding="utf-8")
    kept, now = json.loads(text)["key"], tables_file.key_of(tables.grammar())
    assert kept.split()[-1] == now.split()[-1]
    assert kept != now or text == tables_file.write(tables.build(), tables.grammar())


def test_read_and_built_tables_do_the_same() -> None:
    built = tables.build()
    written = tables_file.write(built, tables.grammar())
    read = tables_file.read(written, tables.grammar(), tables.NoLexer)
    assert read is not None
    kept = tables.kept()
    for start in ("item", "chunk", "expr"):
        wanted = walked(built, start)
        assert len(wanted) > 100
        assert walked(read, start) == wanted
        assert kept is None or walked(kept, start) == wanted


def test_tables_of_another_grammar_or_lark_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    text = tables_file.write(tables.build(), tables.grammar())
    assert tables_file.read(text, tables.grammar() + " ", tables.NoLexer) is None
    monkeypatch.setattr(lark, "__version__", "1.0.0")
    assert tables_file.read(text, tables.grammar(), tables.NoLexer) is None
