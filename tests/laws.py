"""How many cases a named law is tried on: 2,000 in CI, 20,000 in a long run (HEGUI_LAWS=long).

A case is one thing that the law is asserted on by itself: a text, a set of rules with a bill, a
comparison with a bill. One example of Hypothesis may hold several, which are then different from one
another; `each` says how many it holds at the least.
"""

import os

from hypothesis import settings

CASES = {"ci": 2_000, "long": 20_000}


def law(each: int = 1) -> settings:
    """The setting of a law whose every example holds `each` cases."""
    cases = CASES[os.environ.get("HEGUI_LAWS", "ci")]
    return settings(max_examples=-(-cases // each))
