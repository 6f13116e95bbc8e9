"""Facts of a line: what is billed, how much, and whether it is claimed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from engine.claims import ClaimEvidence, claimed_by_evidence
from engine.codes import PRODUCT_SYSTEMS, half_width, normalise, product_system
from engine.derived import SYSTEM_OF_LIST
from engine.facts import ABSENT, Entity, Fact, Value, one
from engine.intake.dates import read_instant
from engine.intake.dosing import read_frequency, read_single_dose, read_supply
from engine.intake.fields import Row, Source, code_in, department
from engine.intake.readers import (
    AMOUNT_PLACES,
    OWN_UNIT,
    PRICE_PLACES,
    RATIO_PLACES,
    Reading,
    is_blank,
    read_code_of,
    read_decimal,
    read_quantity,
    read_text,
    read_word,
    read_yes_no,
    unit_of,
    unusable,
)
from rulelang import vocabulary
from rulelang.calendar import DAY, start_of
from rulelang.diagnostics import Words
from rulelang.units import BY_NAME
from rulelang.values import CONTEXT, Range, exact_add, exact_multiply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.intake.nodes import Node

NO_CAP = Decimal(99999999)
_TOLERANCE = Decimal("0.01")

_AMOUNT = partial(read_decimal, places=AMOUNT_PLACES)
_RATIO = partial(read_decimal, places=RATIO_PLACES)


def read_price_cap(raw: object) -> Reading:
    """A price cap; 99999999 says that there is none."""
    read = read_decimal(raw, PRICE_PLACES)
    known = read.value.range
    return Reading(ABSENT) if known is not None and known.exact == NO_CAP else read


def read_charge_class(raw: object) -> Reading:
    """A class of charge; a JSON number has lost the zero in front."""
    is_digit = isinstance(raw, int) and not isinstance(raw, bool) and raw in range(1, 10)
    return read_word("charge_class", f"0{raw}" if is_digit else raw)


def read_class(raw: object) -> Reading:
    """A payment class; "--" is what one program sends where it has none, and is said so."""
    if isinstance(raw, str) and raw.strip() in {"--", "——"}:
        return unusable("没有说甲乙类", "says no class")
    return read_word("payment_class", raw)


_LINE = (
    Row("line_no", "rx_id", read_text),
    Row("rx_no", "rxno", read_text),
    Row("refund_of", "init_feedetl_sn", read_text, extra=True),
    Row("charge_class", "chrg_type", read_charge_class),
    Row("spec", "spec", read_text),
    Row("price", "pric", partial(read_decimal, places=PRICE_PLACES)),
    Row("amount", "sumamt", _AMOUNT),
    Row("class", "hilist_lv", read_class, once=True),
    Row("time", "drord_begn_date", read_instant),
    Row("stop_time", "drord_stop_date", read_instant),
    Row("doctor", "drord_dr_codg", code_in("physician")),
    Row("title", "drord_dr_profttl", partial(read_word, "title")),
    Row("perform_dept", "acord_dept_codg", code_in("dept"), once=True, extra=True),
    Row("first_pay", "selfpay_prop", _RATIO, extra=True),
    Row("price_cap", "pric_uplmt_amt", read_price_cap, extra=True),
    Row("claimed_amount", "inscp_scp_amt", _AMOUNT, extra=True),
    Row("dose", "sin_dos_dscr", read_single_dose, once=True, extra=True),
    Row("frequency", "used_frqu_dscr", read_frequency, once=True, extra=True),
    Row("days_supply", "prd_days", read_supply, once=True, extra=True),
    Row("route", "medc_way_dscr", partial(read_word, "route"), extra=True),
    Row("herb_use", "tcmdrug_used_way", partial(read_word, "herb_use"), extra=True),
    Row("invoice_no", "invono", read_text, extra=True),
)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What the other lines of the encounter say about what this sender's fields mean."""

    has_varied_own_pay: bool
    has_whole_bill_total: bool
    most: Decimal | None = None  # of any line's amount, where each holds the whole bill's total


def neighbours_of(source: Source, nodes: Sequence[Node], total: Fact) -> Neighbours:
    """Look over all lines of an encounter, before any of them is read."""
    pairs = [_pair(node, "ownpay_amt", "sumamt") for node in nodes]
    varied = any(own is not None and amount and own != amount for own, amount in pairs)
    bill = total.value.range
    whole = bill is not None and len(nodes) > 1 and _repeats(nodes, bill.exact)
    if whole:
        source.notes.add(
            nodes[0].place("sumamt"),
            "sumamt",
            None,
            Words("每行都是整单总额，不能当作本行金额", "each line holds the whole bill's total; not its own"),
        )  # fmt: skip
    counts = [_number(node, "cnt") for node in nodes]
    are_charges = all(count is not None and count > 0 for count in counts)
    most = bill.exact if whole and bill is not None and are_charges else None
    return Neighbours(varied, whole, most)


def compare_total(source: Source, nodes: Sequence[Node], total: Fact) -> None:
    """A note where the lines, all of them with an amount, do not add up to the bill's total."""
    amounts = [_number(node, "sumamt") for node in nodes]
    known = [amount for amount in amounts if amount is not None]
    bill = total.value.range
    if bill is None or not bill.exact or not known or len(known) < len(amounts):
        return
    if _repeats(nodes, bill.exact):
        return
    difference = _decimal(bill)
    for amount in known:
        difference = CONTEXT.subtract(difference, amount)
    tolerance = _TOLERANCE * len(nodes)
    if not -tolerance <= difference <= tolerance:
        source.note(
            "medfee_sumamt",
            f"与明细合计相差 {difference}",
            f"differs from the sum of the lines by {difference}",
        )


def _repeats(nodes: Sequence[Node], total: Decimal) -> bool:
    """Whether each line's amount is the whole bill's, against its own quantity and price."""
    amounts = {_number(node, "sumamt") for node in nodes}
    if amounts != {total} or not total:
        return False
    return any(_product_differs(_pair(node, "cnt", "pric"), total) for node in nodes)


def _product_differs(factors: tuple[Decimal | None, Decimal | None], amount: Decimal) -> bool:
    count, price = factors
    if count is None or price is None:
        return False
    difference = exact_add(exact_multiply(count, price), -amount)
    return not -_TOLERANCE <= difference <= _TOLERANCE


def _number(node: Node, field: str) -> Decimal | None:
    sent = node.get(field)
    known = None if sent is None else read_decimal(sent.raw, PRICE_PLACES).value.range
    return None if known is None else _decimal(known)


def _decimal(known: Range) -> Decimal:
    number: Decimal = known.exact
    return number


def _pair(node: Node, first: str, second: str) -> tuple[Decimal | None, Decimal | None]:
    return _number(node, first), _number(node, second)


def line_entity(source: Source, key: str, order: int, neighbours: Neighbours) -> Entity:
    """A line with its facts."""
    entity = Entity("line", key, source.node.pointer, order)
    source.fill(entity, _LINE)
    entity.facts["name"] = _name(source)
    entity.facts["order_dept"] = department(source, "drord_dept_codg", "drord_dept_name")
    entity.facts["discharge_drug"] = _discharge_drug(source)
    entity.facts["stop_time"] = _stop_time(source, entity)
    system = _product(source, entity)
    entity.facts["quantity"] = _quantity(source, system)
    if neighbours.has_whole_bill_total:
        why = Words("是整单总额", "the whole bill's total")
        bound = (
            None if neighbours.most is None else Range(Decimal(0), neighbours.most, low_open=True)
        )
        entity.facts["amount"] = Fact(Value(range=bound), source.node.place("sumamt"), why=why)
    _compare_amount(source, entity)
    _claim(source, entity, neighbours)
    return entity


def _name(source: Source) -> Fact:
    name = source.fact("hilist_name", read_text)
    return source.fact("hosplist_name", read_text) if name.value.is_nothing else name


def _discharge_drug(source: Source) -> Fact:
    flag = source.fact("dscg_tkdrug_flag", read_yes_no)
    return source.fact("drord_bhvr", read_yes_no, once=True) if flag.value.is_nothing else flag


def _stop_time(source: Source, entity: Entity) -> Fact:
    """When the order stops; one that is given once (`long_drord_flag` 0) stops on its own day."""
    stop, began = entity.facts["stop_time"], entity.facts["time"].value.range
    once = source.fact("long_drord_flag", read_yes_no)
    if not is_blank(stop.raw) or once.value.choices != frozenset({False}):
        return stop
    if began is None or began.high is None:
        return stop
    first = start_of(began.low) if began.low is not None else None
    last = began.high if began.high_open else start_of(began.high) + DAY
    during = Range(first, last, high_open=True)
    return replace(stop, value=Value(range=during), why=None, premises=(once.pointer,))


# What is billed


def _product(source: Source, entity: Entity) -> str | None:
    """Sets the kind of catalog and the one code fact; gives the system that the line is in."""
    listed = source.fact("hilist_type", partial(read_word, "list_type"))
    said = _system_of(listed.value)
    shown = _system_shown(source)
    entity.facts["list_type"] = listed
    if said is None and shown is not None and listed.value.is_nothing:
        if "hilist_type" not in source.node.lacks:
            source.note(
                "hilist_type",
                "类别不明，按编码的形状",
                "kind unknown; taken from the form of the code",
            )
        entity.facts["list_type"] = replace(listed, why=None)
    elif said and shown is not None and said != shown:
        source.note(
            "hilist_type", "类别与编码的形状矛盾", "the kind contradicts the form of the code"
        )
        entity.facts["list_type"] = _either(listed, shown, source)
    system = shown if shown is not None and said != "" else said
    if system in PRODUCT_SYSTEMS:
        entity.facts[system] = source.fact("hilist_code", partial(read_code_of, system), once=True)
    return system


def _system_of(listed: Value) -> str | None:
    """The product system that a kind of catalog tells ("" for none of the four)."""
    return None if listed.choices is None else _system_of_words(listed.choices)


@lru_cache(maxsize=256)
def _system_of_words(words: frozenset[str]) -> str | None:
    enum = vocabulary.load().enums["list_type"]
    found = {
        next((system for top, system in SYSTEM_OF_LIST.items() if enum.is_under(word, top)), "")
        for word in words
    }
    return found.pop() if len(found) == 1 else None


def _system_shown(source: Source) -> str | None:
    """The product system that the code itself shows, by its form."""
    sent = source.node.get("hilist_code")
    if sent is None or sent.is_blank or source.is_constant("hilist_code", sent):
        return None
    text = str(source.mapped("hilist_code", sent.raw))
    return product_system(normalise("drug", text))


def _either(listed: Fact, shown: str, source: Source) -> Fact:
    """A kind of catalog that two places say differently (S2.3)."""
    enum = vocabulary.load().enums["list_type"]
    top = next(word for word, system in SYSTEM_OF_LIST.items() if system == shown)
    below = {word for word in enum.words if enum.is_under(word, top)}
    choices = frozenset(listed.value.choices or ()) | below
    premises = (listed.pointer, source.node.place("hilist_code"))
    return Fact(Value(choices=choices), listed.pointer, listed.raw, premises=premises)


# How much


def _quantity(source: Source, system: str | None) -> Fact:
    sent = source.node.get("spec_unt")
    unit, strange = unit_of(None if sent is None else source.mapped("spec_unt", sent.raw))
    if strange and sent is not None:
        words = Words("单位不在单位表中", "the unit is not in the table of units")
        source.notes.add_once(sent.pointer, "spec_unt", sent.raw, words)
    if system == "item" and (unit is None or BY_NAME[unit].kind not in {"days", "seconds"}):
        unit = OWN_UNIT  # a catalog item is counted in its own pricing unit, whatever it is called
    fact = source.fact("cnt", partial(read_quantity, unit=unit))
    return replace(fact, value=replace(fact.value, unit=unit))


def _low(entity: Entity, name: str) -> Decimal | None:
    known = entity.value(name).range
    return _decimal(known) if known is not None and known.is_exact else None


def _compare_amount(source: Source, entity: Entity) -> None:
    amount = _low(entity, "amount")
    factors = (_low(entity, "quantity"), _low(entity, "price"))
    if amount is not None and _product_differs(factors, amount):
        source.note("sumamt", "与数量乘单价不符", "differs from quantity times price")


# Whether it is claimed


def _claim(source: Source, entity: Entity, neighbours: Neighbours) -> None:
    own_pay = source.fact("ownpay_amt", _AMOUNT).value.range
    if not neighbours.has_varied_own_pay or entity.value("class").choices == frozenset({"class_c"}):
        own_pay = None
    approval = source.fact("hosp_appr_flag", read_text)
    evidence = ClaimEvidence(
        in_scope=_low(entity, "claimed_amount"),
        approval=_digit(approval),
        limited=_flag(source.fact("lmt_used_flag", read_yes_no)),
        own_pay=None if own_pay is None else _decimal(own_pay),
        amount=_low(entity, "amount"),
    )
    claimed = claimed_by_evidence(evidence)
    if claimed is not None:
        fields = ("inscp_scp_amt", "hosp_appr_flag", "lmt_used_flag", "ownpay_amt")
        premises = tuple(source.node.place(name) for name in fields if source.node.text(name))
        entity.facts["claimed"] = Fact(one(claimed), (*premises, "")[0], premises=premises)


def _digit(fact: Fact) -> str | None:
    choices = fact.value.choices
    return None if choices is None else half_width(str(next(iter(choices))))


def _flag(fact: Fact) -> bool | None:
    choices = fact.value.choices
    return None if choices is None else True in choices
