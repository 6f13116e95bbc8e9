"""Is the house in order: sizes, names, direction of imports, and what must never be checked in."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from rulelang.version import __version__

ROOT = Path(__file__).parents[2]
PACKAGES = ("rulelang", "engine", "apps", "rulesets")
READMES = ("README.md", "README.zh-CN.md")

MAX_LINES = 400
MAX_TYPE_IGNORES = 20
NAMES_BY_KIND = {"utils", "helpers", "common", "models", "services", "managers"}
# Modules and methods that make an answer depend on when or where it is asked for.
UNREPEATABLE_MODULES = {"time", "random", "secrets", "uuid", "socket"}
CLOCK_METHODS = {"now", "today", "utcnow"}

# Letters in brackets keep these patterns from finding themselves.
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:wor[k]|roo[t]|hom[e]|User[s]|mn[t]|op[t]|far[m])/")
REGISTRY_HOST = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|npmmirro[r]|anaconda\.org|crates\.io|pypi\.tuna"
    r"|mirrors\.\w+|index-ur[l]"
)
TYPE_IGNORE = re.compile(r"#\s*type:\s*ignore(?P<code>\[[\w, -]+\])?")


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is tracked or would be, so that a new file is judged before its commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is where it is
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    paths = (ROOT / name for name in sorted(set(listed.split("\0"))) if name)
    return tuple(path for path in paths if path.is_file())


def python_files(*folders: str) -> tuple[Path, ...]:
    return tuple(
        path
        for path in project_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders
    )


def place(path: Path, line: int | None = None) -> str:
    name = path.relative_to(ROOT).as_posix()
    return name if line is None else f"{name}:{line}"


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def dotted(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""


def imported_roots(path: Path) -> set[str]:
    roots: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            roots.add((node.module or "").split(".")[0])
    return roots


def test_the_files_are_found() -> None:
    """Guards the other tests: over an empty listing each of them would pass."""
    for package in PACKAGES:
        assert ROOT / package / "__init__.py" in project_files()
        assert ROOT / package / "py.typed" in project_files()


def test_files_are_short() -> None:
    lengths = {
        place(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files(*PACKAGES)
    }
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_every_module_says_its_job() -> None:
    silent = [place(path) for path in python_files(*PACKAGES) if not ast.get_docstring(tree(path))]
    assert silent == []


def test_no_module_is_named_after_a_kind() -> None:
    found = [
        place(path)
        for path in python_files(*PACKAGES)
        if NAMES_BY_KIND & {*path.relative_to(ROOT).parent.parts, path.stem}
    ]
    assert found == []


def test_type_ignores_are_few_and_coded() -> None:
    bare, count = [], 0
    for path in python_files(*PACKAGES, "tests"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            for match in TYPE_IGNORE.finditer(line):
                count += 1
                if match["code"] is None:
                    bare.append(place(path, number))
    assert bare == []
    assert count <= MAX_TYPE_IGNORES


def hidden_tests(path: Path) -> Iterator[str]:
    """Skips of any kind but `skipif`, and xfails that give no reason."""
    module = tree(path)
    reasoned = {
        id(node.func)
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and any(keyword.arg == "reason" for keyword in node.keywords)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute):
            name = dotted(node)
            if name in {"pytest.mark.skip", "pytest.skip", "pytest.xfail"} or (
                name == "pytest.mark.xfail" and id(node) not in reasoned
            ):
                yield place(path, node.lineno)


def test_no_test_is_hidden() -> None:
    assert [found for path in python_files("tests") for found in hidden_tests(path)] == []


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_rulesets_hold_no_code_but_their_door() -> None:
    door = ROOT / "rulesets" / "__init__.py"
    assert python_files("rulesets") == (door,)
    assert imported_roots(door) - set(sys.stdlib_module_names) == set()


def test_language_and_engine_read_no_clock_and_no_chance() -> None:
    """S10: what is asked about, and as of when, are arguments."""
    found = []
    for path in python_files("rulelang", "engine"):
        found += [f"{place(path)}: {name}" for name in imported_roots(path) & UNREPEATABLE_MODULES]
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in CLOCK_METHODS
            ):
                found.append(f"{place(path, node.lineno)}: {ast.unparse(node.func)}")
    assert found == []


def test_no_machine_path_and_no_registry_host() -> None:
    found = []
    for path in project_files():
        text = path.read_text(encoding="utf-8", errors="ignore")
        for number, line in enumerate(text.splitlines(), start=1):
            if MACHINE_PATH.search(line) or REGISTRY_HOST.search(line):
                found.append(place(path, number))
    assert found == []


def command_lines(readme: str) -> tuple[str, ...]:
    """The lines of a README's `bash` blocks."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    blocks = re.findall(r"^```bash\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    return tuple(line for block in blocks for line in block.splitlines())


def test_the_readmes_lines_are_the_ones_that_ci_runs() -> None:
    english, chinese = (command_lines(name) for name in READMES)
    assert english == chinese
    demo, test = english
    assert demo.endswith("/hegui demo")
    assert "-m pytest" in test
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in run if "-m pytest" in line] == [test]


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__


def test_documents_name_files_that_exist() -> None:
    """The maps of the code speak of what is there."""
    missing = []
    for page in ("ARCHITECTURE.md", "README.md", "README.zh-CN.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for name in re.findall(r"`([a-z][\w-]*(?:/[\w.-]+)*/?)`", text):
            if "/" in name and not (ROOT / name).exists():
                folders = ("rulelang", "engine", "apps", "docs", "tests", "rulesets")
                if not any((ROOT / folder / name).exists() for folder in folders):
                    missing.append((page, name))
    assert missing == []
