"""`hegui check` with compiled rules at hand loads nothing that it does not need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "rulesets" / "demo"
REQUEST = str(DEMO / "outpatient_3101.json")
PROFILE = str(DEMO / "demo.toml")

HEAVY = {
    "argparse",
    "click",
    "duckdb",
    "email",
    "importlib.metadata",
    "interegular",
    "lark",
    "networkx",
    "numpy",
    "pydantic",
    "python_calamine",
    "rich",
    "rulelang.check",
    "rulelang.driver",
    "rulelang.lexer",
    "rulelang.lower",
    "rulelang.parser",
    "typer",
    "xlsxwriter",
}

LOADED = """
import sys
from apps.cli.main import run
status = run(sys.argv[1:])
print(status, *sorted(sys.modules), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose cache holds the compiled rules."""
    cache = tmp_path_factory.mktemp("cache")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HEGUI_")}
    environment |= {"HEGUI_CACHE": str(cache)}
    done = hegui(environment, "check", REQUEST)
    assert done.returncode == 1
    assert [path.suffix for path in cache.iterdir()] == [".bundle"]
    return environment


def hegui(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "apps.cli.main", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, env=environment)


@pytest.mark.parametrize("form", ["text", "json", "nhsa"])
@pytest.mark.parametrize("profile", [(), ("--profile", PROFILE)], ids=["alone", "profile"])
def test_a_check_loads_nothing_heavy(
    warm: dict[str, str], form: str, profile: tuple[str, ...]
) -> None:
    arguments = ["check", REQUEST, "--format", form, *profile]
    command = [sys.executable, "-c", LOADED, *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=warm)
    status, *modules = done.stderr.decode().split()
    assert status == "1"
    assert done.stdout
    assert "engine.checker" in modules
    assert {name for name in modules if any(f"{name}.".startswith(f"{h}.") for h in HEAVY)} == set()
