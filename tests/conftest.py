"""What all tests share: how many examples a law is tried on, and who has used up their minutes."""

import os
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent

# `ci` takes the same examples on every machine; `long` (HEGUI_LAWS=long) looks for new ones,
# a hundred times as many. Laws that are named in property/README.md are tried on more (tests/laws.py).
settings.register_profile(
    "ci",
    max_examples=50,
    derandomize=True,
    database=None,
    deadline=None,  # a slow machine is no broken law
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long",
    max_examples=5000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def pytest_configure() -> None:
    """Choose the profile of the laws."""
    profile = os.environ.get("HEGUI_LAWS", "ci")
    if profile not in {"ci", "long"}:
        message = f"HEGUI_LAWS is `{profile}`; it can be `ci` or `long`"
        raise pytest.UsageError(message)
    settings.load_profile(profile)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report the groups that went over their share of the minutes (`.ci/budget.toml`)."""
    budget = tomllib.loads((ROOT / ".ci" / "budget.toml").read_text(encoding="utf-8"))
    group_of = {path: name for name, group in budget["groups"].items() for path in group["paths"]}
    seconds: defaultdict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                folder = report.nodeid.removeprefix("tests/").split("/")[0]
                seconds[group_of.get(folder, "")] += report.duration
    for name, group in budget["groups"].items():
        if seconds[name] > group["minutes"] * 60:
            terminalreporter.write_line(
                f"over budget: {group['title']} took {seconds[name]:.0f} s"
                f" of {group['minutes'] * 60} s",
                yellow=True,
            )
