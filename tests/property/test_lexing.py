"""The short way of the lexer says what its definition says, whatever the text."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulelang import lexer
from rulelang.source import Source
from tests.laws import law
from tests.property.test_front import PIECES, TEXTS

# What stands beside each other here may be one token, two, or a mistake.
BESIDE = [
    ".", "。", "：", ":", "，", ",", "×", "-", "—", "--", "=", "<", ">", "!", "&&", "/", "%", "#", "“", "”",
    '"', "'", "\\", " ", "\t", "\n", "\r\n", "\u3000", "\x1f", "\u200e", "\ufffd", "0", "7", "007", "\uff11\uff12",
    "٣", "2.50", "1.2.3", "1234567890", "1,000", "1，2", "2026-01-31", "2026年1月2日", "1e5", "天", "g", "g/L",
    "G/l", "mg/kg/天", "×10⁹/L", "元", "以上", "且", "规则", "rule", "and", "A12", "I63.9", "#I63.9", "#A12 - B13",
    "+J17*", "_", "²", "Ⅱ期", "e\u0301", "𠀀", "名", "x1",
]  # fmt: skip


def carefully(text: str) -> lexer.Lexed:
    """A text read by the definition alone."""
    with patch.object(
        lexer, "_read_ordinary", lambda _reading, _comments, _known, position: position
    ):
        return lexer.lex(Source("x", text))


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_the_samples(name: str) -> None:
    assert lexer.lex(Source("x", TEXTS[name])) == carefully(TEXTS[name])


@law()
@given(
    st.lists(
        st.sampled_from([*BESIDE, *sorted(set(PIECES["every_construct.zh.rule"]))]), max_size=15
    )
)
def test_tokens_beside_each_other(parts: list[str]) -> None:
    text = "".join(parts)
    assert lexer.lex(Source("x", text)) == carefully(text)
