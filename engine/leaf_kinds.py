"""What a leaf of a derivation is to the finding that shows it. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from engine.derivation import FactLeaf, Leaf, NoRowLeaf, RowLeaf
from rulelang.vocabulary import load


def is_gate(leaf: Leaf) -> bool:
    """Whether a leaf identifies the subject: its code, or a row that no table holds (S12.2)."""
    if isinstance(leaf, NoRowLeaf):
        return True
    if not isinstance(leaf, FactLeaf) or leaf.evidence:
        return False
    found = load().field(leaf.entity.kind, leaf.field)
    return found is not None and found.identifies


def is_illustrative(leaf: Leaf) -> bool:
    """Whether a leaf is a row that is only there as an example."""
    if isinstance(leaf, RowLeaf):
        return leaf.table.illustrative or leaf.row.source.startswith(("示例", "illustrative"))
    return isinstance(leaf, NoRowLeaf) and leaf.table.illustrative


def is_of_member(leaf: Leaf) -> bool:
    """Whether a leaf is a known fact of one of the many lines or encounters of a period."""
    return (
        isinstance(leaf, FactLeaf)
        and leaf.entity.kind != "period"
        and ("period" not in leaf.entity.links and leaf.fact.value.is_known)
    )


def is_hidden(leaf: Leaf, lacking: Sequence[Leaf]) -> bool:
    """Unknown facts that nothing hangs on are not part of the reasons."""
    if not isinstance(leaf, FactLeaf) or not leaf.fact.value.is_nothing:
        return False
    return all(other is not leaf for other in lacking)
