"""`hegui demo`: checks two small invented requests and shows the answers."""

from __future__ import annotations

from typing import Annotated

import typer

from apps.cli.options import Lang, LangOption
from apps.cli.session import compile_rules, say, show

REQUESTS = (
    (
        "demo/inpatient_3102.json",
        "一次住院的结算前审核（3102，事中）：虚构的卫生院、虚构的患者。",
        "a stay before settlement (3102): an invented institution and patient.",
    ),
    (
        "demo/outpatient_3101.json",
        "一次门诊的事前提醒（3101）：开单时就问，明细还可能增加。",
        "an outpatient visit at prescribing (3101): lines may still be added.",
    ),
)
PROFILE = "demo/demo.toml"

AllOption = Annotated[
    bool, typer.Option("--all", help="也列出合规和不适用的 / also what is satisfied")
]


def demo(*, lang: LangOption = Lang.ZH, everything: AllOption = False) -> None:
    """审核两个示例请求 / Check two small invented requests."""
    from apps import profiles, rulesets
    from apps.checking import Asked, answer
    from apps.render import text

    program = compile_rules((), lang.value)
    data = rulesets.shipped_file(PROFILE)
    asked = Asked()
    if data is not None:
        asked = Asked(profile=profiles.read(data, name="demo", place=PROFILE))
    for name, zh, en in REQUESTS:
        request = rulesets.shipped_file(name)
        if request is None:
            continue
        print(f"== {say(lang.value, zh, en)}\n")
        found = answer(program, request, name.rpartition("/")[2], asked)
        show(text.render(found, lang.value, everything=everything))
        print()
    print(
        say(
            lang.value,
            "全部数据均为虚构。审核自己的请求：hegui check 文件.json",
            "All data are invented. To check your own: hegui check FILE.json",
        )
    )
