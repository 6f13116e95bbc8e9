"""What a request says of the completeness of its collections (S7.2, S7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.facts import Bill, Coverage, Entity
from engine.intake.fields import known_code
from rulelang import vocabulary
from rulelang.diagnostics import Words

if TYPE_CHECKING:
    from datetime import date

    from engine.intake.nodes import Listed
    from engine.profile import CoverageClaim, Profile

SCENES_BEFORE = frozenset({"1", "2", "3", "4", "5"})
SCENES_DURING = frozenset({"6", "7", "8", "9", "10"})

_SETTLED = Words(
    "结算时本次就诊的明细是全的", "at settlement the lines of the encounter are complete"
)
_RUNNING = Words("结算之前还会有明细", "before settlement more lines may come")
_NOT_DISCHARGED = Words("尚未出院，还会有明细", "not discharged yet; more lines may come")
_DISCHARGED = Words("已出院，明细是全的", "discharged; the lines are complete")
_PAST = Words("请求不保证带全历史明细", "the request need not hold all lines of the past")
_UNREADABLE = Words("有成员不能读取", "a member could not be read")
_LISTED = Words("请求列出了全部", "the request lists them all")
_EMPTY = Words(
    "列表为空或没有发送，不等于没有", "the list is empty or was not sent; that does not mean none"
)
_VOUCHED = Words("配置声明：空即没有", "the profile vouches that empty means none")


def _closed(
    words: Words, place: str, supplier: str = "biller", since: date | None = None
) -> Coverage:
    return Coverage(closed=True, words=words, pointer=place, supplier=supplier, since=since)


def _open(words: Words, place: str, supplier: str = "biller") -> Coverage:
    return Coverage(closed=False, words=words, pointer=place, supplier=supplier)


def of_list(
    listed: Listed, field: str, profile: Profile, supplier: str, *, is_made_up: bool = False
) -> Coverage:
    """Coverage of diagnoses or operations: closed where members were listed."""
    if not listed.is_whole:
        return _open(listed.why_open or _UNREADABLE, listed.pointer, supplier)
    if listed.nodes:
        return _closed(_LISTED, listed.pointer, supplier)
    if listed.is_sent_empty and field in profile.vouches_empty and not is_made_up:
        return _closed(_VOUCHED, listed.pointer, supplier)
    return _open(_EMPTY, listed.pointer, supplier)


def of_lines(bill: Bill, encounter: Entity, listed: Listed, *, stage_was_said: bool) -> Coverage:
    """Coverage of an encounter's lines (S7.3).

    Args:
        bill: With its stage; the encounter's discharge is completed.
        encounter: The current one, or one of the past.
        listed: Its lines as they were sent.
        stage_was_said: Whether the caller or a usable scene gave the stage.
    """
    place = listed.pointer
    if not listed.is_whole:
        return _open(listed.why_open or _UNREADABLE, place)
    if encounter is not bill.encounter:
        return _open(_PAST, place, "institution")
    if bill.stage == "after" or (stage_was_said and bill.stage == "during"):
        return _closed(_SETTLED, place)
    if stage_was_said:
        return _open(_RUNNING, place)
    discharged = encounter.value("discharged").range
    if discharged is None or discharged.high is None:
        return _open(_NOT_DISCHARGED, place)
    return _closed(_DISCHARGED, place)


def of_history(collection: str, bill: Bill, profile: Profile, *, is_open: bool) -> Coverage:
    """Coverage of all that a person has had: only what the profile claims.

    Args:
        collection: "lines" or "encounters" of the patient.
        bill: For its institution.
        profile: Of the sender.
        is_open: Whether a part of it is known to be open, whatever is claimed.
    """
    place = bill.patient.pointer
    claim = _claim(collection, bill, profile)
    if claim is None:
        return _open(_PAST, place, "institution")
    if is_open:
        return _open(_RUNNING, place, "institution")
    words = Words(
        "配置声明：该机构的请求带全" + (f"自{claim.since}起的" if claim.since else "") + "历史",
        "the profile claims the whole history" + (f" since {claim.since}" if claim.since else ""),
    )
    source = f"profile#/coverage/{collection}"
    return _closed(words, source, "institution", claim.since)


def _claim(collection: str, bill: Bill, profile: Profile) -> CoverageClaim | None:
    patient = vocabulary.load().entities["patient"]
    names = {f"patient.{collection}", f"{patient.zh}.{patient.fields[collection].zh}"}
    own = {bill.institution.key, known_code(bill.institution.fact("id"))}
    for claim in profile.coverage:
        if claim.collection in names and (not claim.institutions or own & {*claim.institutions}):
            return claim
    return None
