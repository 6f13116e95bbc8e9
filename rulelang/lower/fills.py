"""补充 of parameters: values that lower layers fill in or tighten, and gaps that nobody fills (S15.1)."""

from __future__ import annotations

from itertools import combinations

from rulelang import ast, core
from rulelang.check.scope import Checker
from rulelang.diagnostics import Related, Words
from rulelang.divisions import meet
from rulelang.lower.citations import citations
from rulelang.lower.figures import Bounds, check_bounds, constant, is_smaller
from rulelang.lower.openness import Layers, declared_at, layer_words, opened, rank
from rulelang.resolve import Symbol, canonical
from rulelang.source import Span

_DIRECTIONS = {
    "tighten_down": Words("不能大于", "not be larger than"),
    "tighten_up": Words("不能小于", "not be smaller than"),
}


def fill(layers: Layers, c: Checker, item: ast.Amend, symbol: Symbol) -> None:
    """Lower `补充 name = value`, where the parameter is opened to this layer."""
    param = c.declared.params.get(symbol.id)
    if param is None or item.value is None:
        return
    cited = citations(c, tuple(head for head in item.heads if isinstance(head, ast.Cite)))
    value = constant(c, item.value, param.type)
    if value is None:
        return
    ruleset = layers.rulesets[c.unit.id]
    may = opened(param.openings, ruleset.authority)
    if not may:
        _not_open(c, item, symbol, ruleset.authority)
        return
    if not cited:
        c.fail(
            "RL0707",
            c.at(item.span, item.target),
            ("`补充` 没有 `依据`", "the amendment has no `citing`"),
            ("在值的后面写 `依据 文件名 “条款”`", 'write `citing name "clause"` behind the value'),
        )
    if not check_bounds(c, value, Bounds(param.name, param.low, param.high)):
        return
    attributes = layers.defaults(c)
    layers.fills.append(
        core.Fill(
            id=layers.new_id(c.unit.id, param.id),
            param=param.id,
            ruleset=c.unit.id,
            territory=(attributes.get("territory") or ("place_of_care",))[0],
            citations=cited,
            in_force=ruleset.in_force,
            value=value,
            span=item.span,
        )
    )


def _not_open(c: Checker, item: ast.Amend, symbol: Symbol, authority: str) -> None:
    layer = layer_words(authority)
    c.fail(
        "RL0602",
        c.at(item.span, item.target),
        (f"参数 `{item.target}` 没有对{layer.zh}开放", f"the parameter `{item.target}` is not open to the {layer.en} layer"),
        (f"上级写明 `开放 {layer.zh} 填` 或 `收紧降低`、`收紧提高` 的才可以",
         f"the higher layer has to say `open {layer.en} fill`, `tighten_down` or `tighten_up`"),
        declared_at(symbol),
    )  # fmt: skip


# ---------------------------------------------------------------- all fillings together


def check_fills(layers: Layers) -> None:
    """What only all fillings of a parameter show: directions, contradictions, gaps."""
    for one in layers.fills:
        _in_direction(layers, one)
    for one, other in combinations(layers.fills, 2):
        if one.param == other.param and _clash(layers, one, other):
            _contradiction(layers, one, other)
    _gaps(layers)


def _in_direction(layers: Layers, one: core.Fill) -> None:
    """Complain of a value that is not the stricter one of the declared direction."""
    c = layers.checkers[one.ruleset]
    param = c.declared.params[one.param]
    may = opened(param.openings, layers.rulesets[one.ruleset].authority)
    if "fill" in may:
        return
    for place, before in _values_above(layers, one, param):
        if before == one.value:
            continue
        down = "tighten_down" in may and is_smaller(one.value, before)
        up = "tighten_up" in may and is_smaller(before, one.value)
        if down or up:
            continue
        words = _DIRECTIONS["tighten_down" if "tighten_down" in may else "tighten_up"]
        c.fail(
            "RL0603",
            one.value.span,
            (f"只能收紧：`{c.text(one.value.span)}` {words.zh} `{c.text(before.span)}`",
             f"this may only be tightened: `{c.text(one.value.span)}` must {words.en} `{c.text(before.span)}`"),
            ("更严的值朝声明的方向取", "the stricter value lies in the declared direction"),
            (Related(place, Words("上级的值", "the value of the higher layer")),),
        )  # fmt: skip
        return


def _values_above(
    layers: Layers, one: core.Fill, param: core.ParamDef
) -> list[tuple[Span, core.Expr]]:
    """The values of higher layers that hold at some time in which a filling does."""
    found: list[tuple[Span, core.Expr]] = []
    for place, each in enumerate(param.values):
        following = param.values[place + 1].start if place + 1 < len(param.values) else None
        own = core.Period(each.start, following)
        if each.value is not None and _overlap(own, one.in_force):
            found.append((each.value.span, each.value))
    layer = rank(layers.rulesets[one.ruleset].authority)
    for other in layers.fills:
        above = layers.rulesets[other.ruleset]
        if other.param != one.param or rank(above.authority) >= layer:
            continue
        here = layers.rulesets[one.ruleset].regions
        if meet(here, above.regions) and _overlap(one.in_force, other.in_force):
            found.append((other.value.span, other.value))
    return found


def _overlap(left: core.Period, right: core.Period) -> bool:
    def before(end: core.Period, start: core.Period) -> bool:
        return end.end is not None and start.start is not None and end.end <= start.start

    return not before(left, right) and not before(right, left)


def _clash(layers: Layers, one: core.Fill, other: core.Fill) -> bool:
    first, second = layers.rulesets[one.ruleset], layers.rulesets[other.ruleset]
    return (
        first.authority == second.authority
        and meet(first.regions, second.regions)
        and _overlap(one.in_force, other.in_force)
    )


def _contradiction(layers: Layers, one: core.Fill, other: core.Fill) -> None:
    name = layers.checkers[one.ruleset].declared.params[one.param].name
    layers.checkers[other.ruleset].fail(
        "RL0608",
        other.span,
        (f"`{name.zh}` 在同一地区、同一时期填了两次", f"`{name.en}` is filled twice for one place and time"),
        ("只留一处", "keep one of them"),
        (Related(one.span, Words("另一处在此", "the other one")),),
    )  # fmt: skip


def _gaps(layers: Layers) -> None:
    """Warn of each parameter that is opened to be filled, states no value, and is filled by nobody."""
    filled = {one.param for one in layers.fills}
    for c in layers.checkers.values():
        for item, file in c.unit.items():
            if not isinstance(item, ast.Param):
                continue
            param = c.declared.params.get(f"{c.unit.id}/{canonical(item.name)}")
            if param is None or param.id in filled or all(each.value for each in param.values):
                continue
            who = [layer_words(each.authority) for each in param.openings if "fill" in each.words]
            if not who:
                continue
            c.spelling = file.spelling
            c.fail(
                "RL0607",
                item.name.span,
                (f"参数 `{param.name.zh}` 待{who[0].zh}填，还没有人填",
                 f"the parameter `{param.name.en}` is for the {who[0].en} layer to fill, and nobody has"),
                ("用到它的结论是待补充信息；填写 `补充 名称 = 值 依据 …`",
                 "what needs it is undetermined; it is filled by `amend name = value citing ...`"),
            )  # fmt: skip
