"""Profiles: TOML files that say what one sender's data means; strict, so that a slip is noticed.

`--profile NAME` is `profiles/NAME.toml` of the configuration folder, else one shipped beside this
module; a path to a `.toml` file is taken as it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from apps import config
from apps.profiles.reading import Refused, day, entries, keyed, listed, text, yes_no
from engine.errors import InputError
from engine.profile import CoverageClaim, Profile
from rulelang import vocabulary
from rulelang.diagnostics import Words

CODE = "EN0122"
_NAME = re.compile(r"[\w.-]+")


_TEXTS = keyed(text)
_INSTITUTION = entries(
    {"level": text, "kind": text, "public": yes_no, "price_class": text, "community": text}
)
_COVERAGE = entries(
    {"collection": text, "institutions": listed(text), "since": day}, frozenset({"collection"})
)
_FILE = entries(  # OUTPUT: Profile
    {
        "vouches_empty": listed(text),
        "claimed_by_default": yes_no,
        "constants": _TEXTS,
        "maps": keyed(_TEXTS),
        "institutions": keyed(_INSTITUTION),
        "coverage": listed(_COVERAGE),
        "names": _TEXTS,
    }
)


def load(name: str) -> Profile:
    """The profile called `name`.

    Raises:
        InputError: if there is none, or it is not as it should be; the place is its path.
    """
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise _unknown(name)
        return read(_bytes(path), name=name, place=name)
    if _NAME.fullmatch(name) is None:
        raise _unknown(name)
    own = config.folder() / "profiles" / f"{name}.toml"
    if own.is_file():
        return read(_bytes(own), name=name, place=str(own))
    shipped = files(__name__).joinpath(f"{name}.toml")
    if shipped.is_file():
        return read(shipped.read_bytes(), name=name, place=f"{name}.toml")
    raise _unknown(name)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _wrong(
            (str(path), ""), f"不能读取：{reason}", f"it cannot be read: {reason}"
        ) from None


def read(data: bytes, *, name: str | None, place: str) -> Profile:
    """A profile from the bytes of its file.

    Raises:
        InputError: with the place in the file and what was found there.
    """
    try:
        found = _FILE(tomllib.loads(data.decode("utf-8-sig")), "")
    except UnicodeDecodeError as error:
        raise _wrong((place, ""), "不是 UTF-8 文本", "it is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise _wrong((place, ""), f"不是 TOML：{error}", f"it is not TOML: {error}") from error
    except Refused as error:
        raise _wrong((place, error.place), *error.words) from error
    for code, entry in found.get("institutions", {}).items():
        _check_words(f"{place} institutions.{code}", entry)
    claims = found.pop("coverage", ())
    for index, claim in enumerate(claims):
        _check_collection(f"{place} coverage[{index}]", claim["collection"])
    vouched = frozenset(found.pop("vouches_empty", ()))
    coverage = tuple(CoverageClaim(**claim) for claim in claims)
    return Profile(name=name, vouches_empty=vouched, coverage=coverage, **found)


def _check_words(place: str, entry: Mapping[str, str | bool]) -> None:
    """Every word is one of the vocabulary; a slip would silently be unknown."""
    known = vocabulary.load()
    for name, word in entry.items():
        field = known.field("institution", name)
        if field is None or field.type.kind != "enum" or field.type.name not in known.enums:
            continue
        if known.word(field.type.name, str(word)) is None:
            allowed = known.enums[field.type.name].words.values()
            raise _wrong(
                (place, name),
                f"`{word}` 不是{field.zh}；可用：{'、'.join(item.zh for item in allowed)}",
                f"`{word}` is no {field.en}; one of: {', '.join(item.en for item in allowed)}",
            )


def _check_collection(place: str, name: str) -> None:
    known = vocabulary.load()
    owner, _, field = name.partition(".")
    entity = known.entity(owner)
    found = None if entity is None else known.field(entity.en, field)
    if found is None or found.type.kind != "collection":
        raise _wrong(
            (place, "collection"),
            f"`{name}` 不是集合；写作 `患者.明细` 这样的名称",
            f"`{name}` is no collection; write a name such as `patient.lines`",
        )


def _wrong(where: tuple[str, str], zh: str, en: str) -> InputError:
    return InputError(
        CODE,
        Words(f"配置有误：{zh}", f"the profile is wrong: {en}"),
        " ".join(part for part in where if part),
        Words("配置的写法见 README 的 Profiles 一节", "see the section Profiles of the README"),
    )


def _unknown(name: str) -> InputError:
    folder = config.folder() / "profiles"
    return InputError(
        CODE,
        Words(f"没有名为 `{name}` 的配置", f"there is no profile `{name}`"),
        name,
        Words(f"应在 {folder} 下，名为 `{name}.toml`", f"it should be `{name}.toml` in {folder}"),
    )
