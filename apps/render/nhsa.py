"""An answer as the reply of the national interface to 3101 and 3102.

What the platform's dictionaries hold is public only in part. The codes below are proposals; a
profile replaces each under `[maps.sev_deg]`, `[maps.vola_amt_stas]` and `[maps.vola_bhvr_type]`:

    field            word           code   meaning
    sev_deg          violated       1      明确违规: a rule that is definite is not met
                     suspected      2      高度可疑: a rule of suspicion is not met
                     indicator      3      轻度可疑: a statistical indicator is over its limit
                     undetermined   3      待补充信息: a fact lacks; the lightest, that of `indicator`
    vola_amt_stas    settled        1      正常: vola_amt is what is at risk
                     at_most        2      what is claimed is not known; vola_amt is the most
                     at_least       3      what is at risk is a range; vola_amt is its lower end
                     none           4      no money is claimed, or whether there is any is open
    vola_bhvr_type   policy         1      政策类, by the tier in the rule's national code
                     management     2      管理类
                     medical        3      医疗类

Amounts are JSON numbers with two decimals, written from decimals and never through a float. Times
are that of asking: no clock is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from types import MappingProxyType
from typing import Any, TypeAlias

from apps.render.answer import Answer, lines_of
from apps.render.json import cited_by
from apps.render.labels import OUTCOMES, SUBJECTS
from apps.render.sent import envelope_text, identifier
from apps.render.text import citation_text, visible
from engine.amounts import at_risk_of
from engine.facts import Entity
from engine.finding import BillResult, Finding, Label
from rulelang.core import Rule
from rulelang.values import Exact, exact_add, to_fen

Maps: TypeAlias = Mapping[str, Mapping[str, str]]
Json: TypeAlias = dict[str, Any]

OK, FAILED = 0, -1
OFFENDING, INVOLVED = "1", "2"
REPORTED = frozenset({Label.VIOLATED, Label.SUSPECTED, Label.UNDETERMINED})

CODES: Maps = MappingProxyType(
    {
        "sev_deg": {"violated": "1", "suspected": "2", "indicator": "3"},
        "vola_amt_stas": {"settled": "1", "at_most": "2", "at_least": "3", "none": "4"},
        "vola_bhvr_type": {"policy": "1", "management": "2", "medical": "3"},
    }
)
_TIERS = {"01": "policy", "02": "management", "03": "medical"}
_TIER = slice(6, 8)  # GZ 1 000 TT CC NNN 000

# The lengths of the interface's fields, in characters.
LONGEST = MappingProxyType({"rule_id": 50, "rule_name": 200, "err_msg": 200, "text": 500})
LONGEST_NAME = 60
LONGEST_NAMES = 200
MOST_MONEY = Decimal("99999999999999.99")  # dec(16,2)
NOTHING = Decimal("0.00")
ID_LENGTH = 32
_TAIL = 10


def write(answer: Answer, maps: Maps = CODES) -> str:
    """The reply to a request: one line, one result for each finding, of all bills.

    Args:
        answer: What was found.
        maps: The profile's dictionaries; what they do not hold is as proposed above.
    """
    request = answer.request
    results = [
        _result(_Found(answer, result, finding, maps))
        for result, finding in answer.findings
        if finding.label in REPORTED
    ]
    _tell_apart(results)
    return _text(
        _envelope(OK, envelope_text(request, "msgid"), answer.asked_at)
        | {"output": {"result": results}}
    )


def write_failure(message: str, request: object = None, asked_at: datetime | None = None) -> str:
    """The reply to what could not be checked; `request` is its tree where it could be read."""
    head = _envelope(FAILED, envelope_text(request, "msgid"), asked_at)
    return _text(head | {"err_msg": _fitted(message, LONGEST["err_msg"]), "output": None})


def _envelope(code: int, message_id: str, asked_at: datetime | None) -> Json:
    time = "" if asked_at is None else f"{asked_at:%Y%m%d%H%M%S}{asked_at.microsecond // 1000:03d}"
    return {
        "infcode": code,
        "inf_refmsgid": message_id,
        "refmsg_time": time,
        "respond_time": time,
        "warn_msg": "",
        "cainfo": "",
        "signtype": "",
        "err_msg": "",
        "output": None,
    }


@dataclass(frozen=True, slots=True)
class _Found:
    """One finding with the bill that it is of."""

    answer: Answer
    result: BillResult
    finding: Finding
    maps: Maps

    @property
    def request_id(self) -> str:
        """What the request is told apart by: task_id or msgid, else the digest of the input."""
        return self.result.bill.request_id or self.answer.input_digest

    def sent(self, entity: Entity, field: str) -> str:
        """An identifier as it was sent; empty where it was not."""
        found = identifier(self.answer.request, entity, field)
        return found or ("" if entity.key.startswith("#") else entity.key)

    def code(self, dictionary: str, *words: str) -> str:
        """The code of the first word that the profile or the proposal has."""
        own = self.maps.get(dictionary, {})
        codes = (known.get(word) for known in (own, CODES[dictionary]) for word in words)
        return next(code for code in codes if code is not None)


def _result(found: _Found) -> Json:
    finding, bill = found.finding, found.result.bill
    violation = _digest(found.request_id, *_identity(found))
    amount, status = _amount(finding)
    return {
        "jr_id": violation,
        "rule_id": _rule_id(finding.rule),
        "rule_name": _rule_name(finding),
        "vola_cont": _content(finding),
        "patn_id": found.sent(bill.patient, "patn_id"),
        "mdtrt_id": found.sent(bill.encounter, "mdtrt_id"),
        "judge_result_detail_dtos": list(_details(found, violation, amount)),
        "vola_amt": amount,
        "vola_amt_stas": found.code("vola_amt_stas", status),
        "sev_deg": found.code("sev_deg", *_severity(finding)),
        "vola_evid": _evidence(finding),
        "vola_bhvr_type": found.code("vola_bhvr_type", _behaviour(finding.rule)),
        "task_id": envelope_text(found.answer.request, "task_id"),
    }


# ---------------------------------------------------------------- identity


def _identity(found: _Found) -> Iterator[str]:
    """What a violation is told apart by beside its request: rule and subject.

    Where facts lack, the rules folded together and the facts belong to it, as two such findings can
    have rule and subject in common.
    """
    finding, bill = found.finding, found.result.bill
    yield from (bill.patient.key, bill.encounter.key, finding.rule.id, finding.subject_kind)
    for entities in (finding.offending, finding.involved):
        yield from sorted(f"{item.kind} {_encounter_key(item)} {item.key}" for item in entities)
        yield ""
    if finding.label is Label.UNDETERMINED:
        yield from sorted(rule.id for rule in finding.folded)
        yield ""
        yield from sorted(f"{item.fact} {item.subject}" for item in finding.missing)


def _encounter_key(entity: Entity) -> str:
    encounter = entity.links.get("encounter")
    return "" if encounter is None else encounter.key


def _digest(*parts: str) -> str:
    """A digest of texts, each with its length, so that no two lists of texts run together."""
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return sha256(joined.encode()).hexdigest()[:ID_LENGTH]


def _tell_apart(results: Iterable[Json]) -> None:
    """Number what has one id by chance of the sender's own identifiers, in the order of output."""
    times: dict[str, int] = {}
    for result in results:
        name = result["jr_id"]
        times[name] = times.get(name, 0) + 1
        if times[name] > 1:
            result["jr_id"] = f"{name}-{times[name]}"
            for detail in result["judge_result_detail_dtos"]:
                detail["jrd_id"] = f"{detail['jrd_id']}-{times[name]}"


def _rule_id(rule: Rule) -> str:
    """The national code, else our id; one that is too long keeps its beginning and a digest."""
    name = rule.national_code or rule.id
    most = LONGEST["rule_id"]
    if len(name) <= most:
        return name
    return f"{name[: most - _TAIL - 1]}~{_digest(name)[:_TAIL]}"


def _rule_name(finding: Finding) -> str:
    count = len(finding.folded)
    more = f"等{count}条规则" if count > 1 else ""
    return _fitted(finding.rule.title.zh, LONGEST["rule_name"] - len(more)) + more


# ---------------------------------------------------------------- codes


def _severity(finding: Finding) -> tuple[str, ...]:
    if finding.label is Label.UNDETERMINED:
        return ("undetermined", "indicator")
    return ("indicator",) if finding.rule.certainty == "indicator" else (finding.label.value,)


def _behaviour(rule: Rule) -> str:
    return _TIERS.get(rule.national_code[_TIER], "policy")


# ---------------------------------------------------------------- money


def _amount(finding: Finding) -> tuple[Decimal, str]:
    """What is certainly at risk, and how that figure is to be taken."""
    risk = finding.at_risk
    if finding.label is Label.UNDETERMINED or (risk.is_exact and not risk.exact):
        return NOTHING, "none"
    amount = NOTHING if risk.low is None else to_fen(risk.low)
    if amount > MOST_MONEY:
        return MOST_MONEY, "at_least"
    if not risk.is_exact:
        return amount, "at_least"
    return amount, "at_most" if finding.upper_bound else "settled"


def _shares(finding: Finding, amount: Decimal) -> dict[Entity, Decimal]:
    """The amount by line, to the fen; what rounding leaves over falls to the next line."""
    shares: dict[Entity, Decimal] = {}
    so_far: Exact = NOTHING
    given = NOTHING
    for claim in finding.claims:
        so_far = exact_add(so_far, at_risk_of((claim,)).low or NOTHING)
        up_to = min(to_fen(so_far), amount)
        shares[claim.line] = up_to - given
        given = up_to
    return shares


# ---------------------------------------------------------------- lines


def _details(found: _Found, violation: str, amount: Decimal) -> Iterator[Json]:
    """Offending lines, then involved ones; the subject itself where there is no line at all."""
    finding = found.finding
    shares = _shares(finding, amount)
    offending = list(dict.fromkeys([*lines_of(finding.offending), *shares]))
    involved = [line for line in lines_of(finding.involved) if line not in offending]
    for line in offending:
        yield _detail(found, violation, line, OFFENDING, shares.get(line, NOTHING))
    if not offending:
        subject = next(iter(finding.offending), found.result.bill.encounter)
        yield _detail(found, violation, subject, OFFENDING, amount)
    for line in involved:
        yield _detail(found, violation, line, INVOLVED, NOTHING)


def _detail(found: _Found, violation: str, entity: Entity, kind: str, amount: Decimal) -> Json:
    bill = found.result.bill
    encounter = entity.links.get("encounter", bill.encounter)
    own = (entity.kind, encounter.key, entity.key)
    return {
        "jrd_id": _digest(violation, kind, *own),
        "patn_id": found.sent(bill.patient, "patn_id"),
        "mdtrt_id": found.sent(encounter, "mdtrt_id"),
        "rx_id": found.sent(entity, "rx_id") if entity.kind == "line" else "",
        "vola_item_type": kind,
        "vola_amt": amount,
    }


# ---------------------------------------------------------------- words


def _content(finding: Finding) -> str:
    """Outcome, offending items in 【】, and what is said of them."""
    messages = finding.messages or (finding.rule.title,)
    said = [message.zh for message in messages]
    if finding.label is Label.UNDETERMINED:
        said += [item.how.zh or item.shown.zh for item in finding.missing]
    text = "；".join(part.strip().rstrip("。；") for part in said if part.strip())
    names = "".join(_names(finding.offending))
    return _fitted(f"{OUTCOMES[finding.label].zh}：{names}{text}。", LONGEST["text"])


def _names(entities: Sequence[Entity]) -> Iterator[str]:
    """Each name in its brackets, as far as there is room for all that is to be said."""
    used = 0
    for index, entity in enumerate(entities):
        name = f"【{_name(entity)}】"
        used += len(name)
        if index and used > LONGEST_NAMES:
            yield f"等{len(entities)}项"
            return
        yield name


def _name(entity: Entity) -> str:
    """An item as its sender calls it; brackets of ours would end it too early."""
    choices = entity.value("name").choices
    kind = SUBJECTS[entity.kind].zh if entity.kind in SUBJECTS else ""
    name = str(next(iter(choices))) if choices and len(choices) == 1 else f"{kind}{entity.key}"
    return _fitted(name.replace("【", "［").replace("】", "］"), LONGEST_NAME)


def _evidence(finding: Finding) -> str:
    """What is cited, by all rules where the finding stands for several."""
    folded = (citation for rule in finding.folded for citation in rule.citations)
    cited = dict.fromkeys(citation_text(item, "zh") for item in (*cited_by(finding), *folded))
    return _fitted("；".join(cited), LONGEST["text"])


def _fitted(text: str, most: int) -> str:
    """A text on one line, no longer than a field."""
    line = " ".join(visible(text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _text(value: Any) -> str:
    """JSON of texts, whole numbers and amounts, the amounts as they are written by hand."""
    match value:
        case dict():
            return "{" + ", ".join(f"{_text(k)}: {_text(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_text, value)) + "]"
        case Decimal():
            return format(value, ".2f")
        case _:
            return json.dumps(value, ensure_ascii=False)
