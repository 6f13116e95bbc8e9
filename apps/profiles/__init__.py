"""Profiles: TOML files that say what one sender's data means; strict, so that a slip is noticed.

`--profile NAME` is `profiles/NAME.toml` of the configuration folder, else one shipped beside this
module; a path to a `.toml` file is taken as it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from apps import config
from engine.errors import InputError
from engine.profile import CoverageClaim, Profile
from rulelang import vocabulary
from rulelang.diagnostics import Words

CODE = "EN0122"
_NAME = re.compile(r"[\w.-]+")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InstitutionEntry(_Strict):
    """What is known of one institution, by its code."""

    level: str | None = None
    kind: str | None = None
    public: bool | None = None
    price_class: str | None = None
    community: str | None = None


class CoverageEntry(_Strict):
    """What the sender's requests hold in full (S7.2)."""

    collection: str
    institutions: tuple[str, ...] = ()
    since: date | None = None


class ProfileFile(_Strict):
    """The file as a whole (OUTPUT: Profile)."""

    vouches_empty: frozenset[str] = frozenset()
    claimed_by_default: bool = True
    constants: Mapping[str, str] = Field(default_factory=dict)
    maps: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    institutions: Mapping[str, InstitutionEntry] = Field(default_factory=dict)
    coverage: tuple[CoverageEntry, ...] = ()
    names: Mapping[str, str] = Field(default_factory=dict)


def load(name: str) -> Profile:
    """The profile called `name`.

    Raises:
        InputError: if there is none, or it is not as it should be; the place is its path.
    """
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise _unknown(name)
        return read(path.read_bytes(), name=name, place=name)
    if _NAME.fullmatch(name) is None:
        raise _unknown(name)
    own = config.folder() / "profiles" / f"{name}.toml"
    if own.is_file():
        return read(own.read_bytes(), name=name, place=str(own))
    shipped = files(__name__).joinpath(f"{name}.toml")
    if shipped.is_file():
        return read(shipped.read_bytes(), name=name, place=f"{name}.toml")
    raise _unknown(name)


def read(data: bytes, *, name: str | None, place: str) -> Profile:
    """A profile from the bytes of its file.

    Raises:
        InputError: with the place in the file and what was found there.
    """
    try:
        found = ProfileFile.model_validate(tomllib.loads(data.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise _wrong((place, ""), "不是 UTF-8 文本", "it is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise _wrong((place, ""), f"不是 TOML：{error}", f"it is not TOML: {error}") from error
    except ValidationError as error:
        raise _refused(place, error) from error
    for code, entry in found.institutions.items():
        _check_words(f"{place} institutions.{code}", entry)
    for index, claim in enumerate(found.coverage):
        _check_collection(f"{place} coverage[{index}]", claim.collection)
    return _profile(name, found)


def _profile(name: str | None, found: ProfileFile) -> Profile:
    return Profile(
        name=name,
        vouches_empty=found.vouches_empty,
        claimed_by_default=found.claimed_by_default,
        constants=dict(found.constants),
        maps={dictionary: dict(pairs) for dictionary, pairs in found.maps.items()},
        institutions={
            code: entry.model_dump(exclude_none=True) for code, entry in found.institutions.items()
        },
        coverage=tuple(
            CoverageClaim(claim.collection, claim.institutions, claim.since)
            for claim in found.coverage
        ),
        names=dict(found.names),
    )


def _check_words(place: str, entry: InstitutionEntry) -> None:
    """Every word is one of the vocabulary; a slip would silently be unknown."""
    known = vocabulary.load()
    for name, word in entry.model_dump(exclude_none=True).items():
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


_REASONS: Mapping[str, tuple[str, str]] = {
    "extra_forbidden": ("没有这一项", "there is no such entry"),
    "string_type": ("应为文本", "a text is wanted"),
    "bool_type": ("应为 true 或 false", "true or false is wanted"),
    "bool_parsing": ("应为 true 或 false", "true or false is wanted"),
    "date_type": ("应为日期", "a date is wanted"),
    "missing": ("缺少这一项", "the entry is missing"),
}


def _refused(place: str, error: ValidationError) -> InputError:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    zh, en = _REASONS.get(first["type"], ("写法不对", "it is not well formed"))
    return _wrong((place, where), zh, en)


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
