"""What the commands share: rules to check by, inputs to read, complaints to print."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from os.path import isdir  # never raises, whatever the name
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apps.bundles import Made
    from apps.checking import Asked
    from apps.render.text import Line
    from apps.rulesets import RuleTexts
    from engine.errors import EngineError
    from engine.intake.evidence_rows import Supplied
    from rulelang.core import Program, Rule
    from rulelang.driver import Compiled

FOUND = 1
BAD_INPUT = 2
BAD_RULES = 3
STDIN = "-"
_ENDINGS = frozenset({".json", ".csv", ".xlsx"})
_OF_PROGRAMS = ("~$", ".")  # what editors leave beside the files that they have open

_COLOURS = {
    "title": "bold",
    "violated": "bold red",
    "suspected": "bold yellow",
    "undetermined": "cyan",
    "passed": "green",
    "message": "bold",
    "faint": "dim",
}


class WrongCall(Exception):  # noqa: N818 - a mistake of the caller, said without a traceback
    """The command was called wrongly: what is wrong, and with which option or argument."""

    def __init__(self, message: str, option: str) -> None:
        """A mistake of the call; `option` is empty where it is none of one option."""
        super().__init__(message)
        self.message = message
        self.option = option


class Ended(Exception):  # noqa: N818 - no error of ours: all has been said
    """The command ends here with a status, after everything has been said."""

    def __init__(self, status: int) -> None:
        """The end of the command."""
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Session:
    """Compiled rules, and how to check by them."""

    program: Program
    asked: Asked
    lang: str


@dataclass(frozen=True, slots=True)
class Options:
    """The options that say how to check, as they were given."""

    lang: str
    stage: str | None = None
    as_of: str | None = None
    known_on: str | None = None
    rulesets: Sequence[Path] = ()
    only: Sequence[str] = ()
    profile: str | None = None
    evidence: Path | None = None
    knowledge: Sequence[Path] = ()


def open_session(options: Options) -> Session:
    """Compile the rules and read the settings; what is wrong with them ends the command."""
    from apps.checking import Asked
    from engine.profile import NO_PROFILE

    as_of = _instant(options.as_of, "--as-of")
    known_on = _instant(options.known_on, "--known-on")
    profile = NO_PROFILE
    if options.profile is not None:
        from apps import profiles

        profile = profiles.load(options.profile)
    program = compile_rules(options.rulesets, options.lang, options.knowledge)
    asked = Asked(
        profile=profile,
        as_of=as_of,
        stage=options.stage,
        known_on=None if known_on is None else known_on.date(),
        only=_chosen(program, options.only, options.lang),
        evidence=_evidence(options.evidence, options.lang),
    )
    return Session(program, asked, options.lang)


def _evidence(path: Path | None, lang: str) -> tuple[Supplied, ...]:
    """What a file of evidence holds; one that cannot be read ends the command."""
    if path is None:
        return ()
    from apps.checking import read_evidence

    try:
        return read_evidence(read_input(str(path)), str(path))
    except Exception as error:
        complain_of_any(error, lang, str(path))
        raise Ended(BAD_INPUT) from None


def compile_rules(paths: Sequence[Path], lang: str, knowledge: Sequence[Path] = ()) -> Program:
    """The program of the rulesets in use, with the tables of knowledge packages in place of theirs.

    Mistakes in them are printed and end the command.
    """
    if any(is_bundle(path) for path in paths):
        if knowledge:
            zh = "规则包已含知识表，不能再加知识包；编译时加 --knowledge"
            en = "a bundle holds its tables; give --knowledge when compiling it"
            raise WrongCall(say(lang, zh, en), "--knowledge")
        return _bundled(paths, lang)
    texts = with_knowledge(load_texts(paths, lang), knowledge, lang)
    made = made_of(texts, lang)
    if made.diagnostics and (made.program is None or paths):
        print_diagnostics(made, lang)
    if made.program is None:
        raise Ended(BAD_RULES)
    return made.program


def made_of(texts: RuleTexts, lang: str) -> Made:
    """What rule texts make, with a line of progress where they have to be compiled."""
    from apps import bundles

    def compiled() -> Compiled:
        from apps.cli import progress

        return progress.compiled(texts, lang)

    return bundles.made(texts, compiled)


def with_knowledge(texts: RuleTexts, folders: Sequence[Path], lang: str) -> RuleTexts:
    """Rule texts with the tables of knowledge packages; one that is unusable ends the command."""
    if not folders:
        return texts
    from apps import packages
    from engine.errors import InputError

    try:
        return packages.overlaid(texts, [packages.load(folder) for folder in folders])
    except InputError as error:
        complain(error, lang)
        raise Ended(BAD_INPUT) from None


def is_bundle(path: Path) -> bool:
    """Whether a path among the rulesets means a compiled one."""
    from apps.bundles import ENDING

    return path.suffix == ENDING and not path.is_dir()


def _bundled(paths: Sequence[Path], lang: str) -> Program:
    from apps import bundles

    if len(paths) > 1:
        zh = "规则包已含全部规则，不能与其他规则集同用"
        en = "a bundle holds all rules; it does not go together with other rulesets"
        raise WrongCall(say(lang, zh, en), "--rulesets")
    try:
        return bundles.read(paths[0])
    except OSError as error:
        raise _unreadable(error, paths[0], lang, "--rulesets") from None


def load_texts(paths: Sequence[Path], lang: str, option: str = "--rulesets") -> RuleTexts:
    """The rule texts at paths, with the shipped ones that they use; all shipped ones for none."""
    from apps import rulesets

    try:
        return rulesets.load([str(path) for path in paths])
    except FileNotFoundError as error:
        message = say(lang, f"`{error}` 中没有规则文件", f"there is no rule file at `{error}`")
        raise WrongCall(message, option) from None
    except OSError as error:
        raise _unreadable(error, Path(str(error.filename)), lang, option) from None


def _unreadable(error: OSError, path: Path, lang: str, option: str) -> WrongCall:
    reason = error.strerror or type(error).__name__
    return WrongCall(
        say(lang, f"不能读取 `{path}`：{reason}", f"`{path}` cannot be read: {reason}"), option
    )


def print_diagnostics(compiled: Compiled | Made, lang: str) -> None:
    """What is wrong with rule texts, to standard error."""
    from rulelang.render import render

    for diagnostic in compiled.diagnostics:
        print(render(diagnostic, compiled.sources, lang), file=sys.stderr)


def _chosen(program: Program, names: Sequence[str], lang: str) -> tuple[str, ...]:
    chosen: list[str] = []
    for name in names:
        chosen += [rule.id for rule in find_rules(program, name, lang, "--only")]
    return tuple(dict.fromkeys(chosen))


def find_rules(program: Program, name: str, lang: str, option: str) -> tuple[Rule, ...]:
    """The rules that a name means; none is a mistake of the call."""
    from difflib import get_close_matches

    from apps.checking import rules_named

    found = rules_named(program, name)
    if found:
        return found
    known = [spelling for rule in program.rules for spelling in (rule.id, rule.name.zh)]
    close = get_close_matches(name, known, n=1, cutoff=0.4)
    zh = f"没有规则 `{name}`" + (f"；是否指 `{close[0]}`？" if close else "")
    en = f"there is no rule `{name}`" + (f"; is `{close[0]}` meant?" if close else "")
    raise WrongCall(say(lang, zh, en), option)


def _instant(text: str | None, option: str) -> datetime | None:
    """A date, or a date and time, as it is given on the command line."""
    if text is None:
        return None
    try:
        if len(text) == len("2026-01-01"):
            return datetime.combine(date.fromisoformat(text), time())
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        message = f"`{text}` 不是日期，写作 2026-01-31 / is no date; write 2026-01-31"
        raise WrongCall(message, option) from None


def expand(inputs: Iterable[str]) -> Iterator[str]:
    """Each input by its name: a folder stands for the requests, CSV files and workbooks in it."""
    for name in inputs:
        if name != STDIN and isdir(name):
            inside = sorted(
                found.as_posix()
                for found in Path(name).rglob("*")
                if found.suffix.lower() in _ENDINGS and not found.name.startswith(_OF_PROGRAMS)
            )
            yield from inside or [name]
        else:
            yield name


def read_input(name: str) -> bytes:
    """The bytes of an input, no more than one above the limit.

    Raises:
        engine.errors.InputError: if there is nothing to read.
    """
    from apps.config import CODES, LIMITS
    from engine.errors import InputError
    from rulelang.diagnostics import Words

    most = LIMITS["size"].most + 1
    if name != STDIN and isdir(name):
        code = CODES["EN0121"]
        raise InputError(code.code, code.title, name)
    code = CODES["EN0120"]
    try:
        if name == STDIN:
            return b"" if sys.stdin is None else sys.stdin.buffer.read(most)
        with Path(name).open("rb") as file:
            return file.read(most)
    except (FileNotFoundError, ValueError):
        words = code.title
    except OSError as error:
        reason = error.strerror or type(error).__name__
        words = Words(f"{code.title.zh}：{reason}", f"{code.title.en}: {reason}")
    raise InputError(code.code, words, name)


def complain(error: EngineError, lang: str, source: str = "") -> None:
    """An error of the machinery in the shape of the diagnostics, to standard error."""
    parts = dict.fromkeys(part for part in (source, error.place) if part)
    place = " ".join(parts)
    print(f"error[{error.code}]: {error.words.choose(lang)}", file=sys.stderr)
    if place:
        print(f"  --> {place}", file=sys.stderr)
    if error.help is not None:
        head = say(lang, "帮助：", "help: ")
        print(f"   = {head}{error.help.choose(lang)}", file=sys.stderr)


def complain_of_any(error: Exception, lang: str, source: str = "") -> None:
    """An error of any kind: with the input if the engine says so, else with us."""
    from apps.config import debugging

    if debugging():
        import traceback

        traceback.print_exception(error)
    found = known_error(error)
    complain(found, lang, source)
    if found is not error:
        hint = say(lang, "设 HEGUI_DEBUG=1 可看到细节", "HEGUI_DEBUG=1 shows the details")
        print(f"   = {hint}", file=sys.stderr)


def known_error(error: Exception) -> EngineError:
    """The error itself where it is one of the engine's, else that it is our bug."""
    from engine.errors import EngineError, InternalError
    from rulelang.diagnostics import Words

    if isinstance(error, EngineError):
        return error
    kind = type(error).__name__
    words = Words(f"这是我们的错误（{kind}），不是您的", f"this is our bug ({kind}), not yours")
    return InternalError(words)


def complain_unreadable(error: OSError, name: str, lang: str) -> None:
    """A file that cannot be read, as the system says it."""
    _complain_of_system(error, "EN0120", name, lang)


def complain_unwritable(error: OSError, name: str, lang: str) -> None:
    """A file that cannot be written, as the system says it."""
    _complain_of_system(error, "EN0124", name, lang)


def _complain_of_system(error: OSError, code: str, name: str, lang: str) -> None:
    from apps.config import CODES
    from engine.errors import InputError
    from rulelang.diagnostics import Words

    title = CODES[code].title
    reason = error.strerror or type(error).__name__
    words = Words(f"{title.zh}：{reason}", f"{title.en}: {reason}")
    complain(InputError(code, words, name), lang)


def say(lang: str, zh: str, en: str) -> str:
    """One of two texts."""
    return en if lang == "en" else zh


def show(lines: Iterable[Line], stream: Any = None) -> None:
    """Print lines: coloured on a terminal that can be, else plainly."""
    from apps.render.text import plain, visible

    out = sys.stdout if stream is None else stream
    if not out.isatty():
        out.write(plain(lines))
        return
    try:
        from rich.console import Console
        from rich.text import Text
    except ImportError:
        out.write(plain(lines))
        return
    console = Console(file=out, highlight=False, soft_wrap=True)
    for line in lines:
        console.print(
            Text.assemble(*((visible(text), _COLOURS.get(style, "")) for style, text in line))
        )
