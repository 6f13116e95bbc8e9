"""How long one bill takes, beginning to end: `python -m tests.perf.starting`.

Processor time of `hegui check` with the compiled rules at hand, beside that of an empty Python, the
least of some tries. Nothing here is a test, and no test is decided by time.
"""

import resource
import subprocess
import sys
from pathlib import Path

from tests.perf.compiling import say

ROOT = Path(__file__).parents[2]
REQUEST = str(ROOT / "rulesets" / "demo" / "outpatient_3101.json")
TRIES = 5


def seconds(*arguments: str) -> float:
    """Processor time of one call of Python, and of nothing else."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print both figures and their ratio."""
    check = ("-m", "apps.cli.main", "check", REQUEST)
    seconds(*check)  # the first one compiles
    empty = min(seconds("-c", "") for _ in range(TRIES))
    one = min(seconds(*check) for _ in range(TRIES))
    say(f"an empty Python {empty:.3f} s, one bill {one:.3f} s, {one / empty:.1f} times as much")


if __name__ == "__main__":
    main()
