"""How long compiling takes, and reading what was compiled: `python -m tests.perf.compiling`.

Processor time, and the most memory of the process. Each figure is set beside another of the same
run, because machines differ and others may be at work on this one: rule for rule 20,000 rules beside
2,000, compiling beside reading the bundle. Nothing here is a test, and no test is decided by time.
"""

import json
import resource
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

from engine import bundle
from rulelang.driver import compile_sources
from tests.perf.generator import load

ROOT = Path(__file__).parents[2]
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


if __name__ == "__main__":
    main()
