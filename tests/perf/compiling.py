"""How long compiling takes, and reading what was compiled: `python -m tests.perf.compiling`.

Processor time, and the most memory of the process. Each figure is set beside another of the same
run, because machines differ and others may be at work on this one: rule for rule 20,000 rules beside
2,000, compiling beside reading the bundle. Then what a user meets: `hegui compile` of a folder, for
the first time and again. Nothing here is a test, and no test is decided by time.
"""

import json
import os
import resource
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from engine import bundle
from rulelang.driver import compile_sources
from tests.perf.generator import load

ROOT = Path(__file__).parents[2]
WARM = 3  # times
MEGABYTE_OF_KILOBYTES = 1024


def measure(rules: int, rows: int) -> dict[str, float]:
    """Seconds of processor time and megabytes, in this process."""
    made = load(rules, rows)
    times = [time.process_time()]
    program = compile_sources(made.sources, made.read).program
    times.append(time.process_time())
    if program is None:
        message = "the generated rules do not compile"
        raise SystemExit(message)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE_OF_KILOBYTES
    data = bundle.pack(program)
    times.append(time.process_time())
    read = bundle.unpack(data)
    times.append(time.process_time())
    for rule in read.rules:
        _ = rule.when, rule.subject, rule.in_force, rule.stages
    times.append(time.process_time())
    names = ("compile", "pack", "unpack", "conditions")
    spans = (end - begin for begin, end in pairwise(times))
    return dict(zip(names, spans, strict=True)) | {"memory": memory, "bundle": len(data) / 1e6}


def in_a_process(rules: int, rows: int) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "tests.perf.compiling", str(rules), str(rows)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def as_a_user(rules: int, rows: int) -> list[dict[str, float]]:
    """Seconds until `hegui compile` of a folder has answered, and its processor time; then again,
    some times, with what it kept."""
    found: list[dict[str, float]] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        load(rules, rows).write(folder / "rules")
        command = [sys.executable, "-m", "apps.cli.main", "compile", str(folder / "rules")]
        environment = os.environ | {"HEGUI_CACHE": str(folder / "cache")}
        for _ in range(1 + WARM):
            before, start = _processor_time(), time.perf_counter()
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=environment)
            wall = time.perf_counter() - start
            found.append({"wall": wall, "processor": _processor_time() - before})
    return found


def _processor_time() -> float:
    """Of all processes that have been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def show(title: str, found: dict[str, float]) -> None:
    """One line."""
    texts = (f"{name} {value:8.2f}" for name, value in found.items())
    say(" ".join((f"{title:32}", *texts)))


def say(text: str) -> None:
    """A line of the report."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """All measurements side by side; with two arguments one of them, as JSON."""
    if len(sys.argv) > 1:
        say(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
        return
    few = in_a_process(2_000, 0)
    show("2,000 rules", few)
    many = in_a_process(20_000, 0)
    show("20,000 rules", many)
    rows = in_a_process(2_000, 100_000)
    show("2,000 rules, 100,000 rows", rows)
    say(f"a rule of 20,000 beside one of 2,000: {many['compile'] / few['compile'] / 10:.2f}")
    say(f"compiling beside reading the bundle: {rows['compile'] / rows['unpack']:.0f}")
    first, *again = as_a_user(2_000, 100_000)
    show("`hegui compile` of these", first)
    show("the same again, at the least", min(again, key=lambda each: each["wall"]))


if __name__ == "__main__":
    main()
