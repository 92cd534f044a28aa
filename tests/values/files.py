"""Hypothesis strategies for values files: text as people write it, with the traps of YAML 1.1."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

WORDS = """
    on off yes no y n Y N On OFF true True TRUE false ~ null Null NULL
    0o17 017 0o8 08 0x1F 0XfF -0x10 0b101 -0b11 0b2 0b-1 0b+1 000 007 00.5 0x 0o
    1_000 1__0 _1 1_ 12_3.4_5 1_e3 .5_0 +1 -0 +0 1e3 1E3 1e+3 1.5e-7 .5 -.5 +.5e2 5. 1.0 1.10 12e03
    1e400 -1e400 .e5 . .. + 1e 1e21 1e20 123456789.125 0.1 0.0000001 1e-9 .inf -.Inf .nan
    1:30 190:20:30 2001-01-02 2001-1-2 2001-12-14T21:59:43Z 2001-12-14t21:59:43.10-05:00 12345-01-01
    9007199254740993 9223372036854775807 9223372036854775808 18446744073709551615 18446744073709551616
    -9223372036854775809 123456789012345678901234567890 +18446744073709551615
    0777777777777777777777777 0xFFFFFFFFFFFFFFFFFF 0xFFFFFFFFFFFFFFFF 100m 1Gi 1.2.3 v1 <<x = 你好 http://x:1/
"""
TRAPS = [
    *WORDS.split(),
    *[
        "!!str 123",
        "!!str yes",
        "!!int 017",
        "!!int abc",
        "!!float 1",
        "!!bool on",
        "!!null ~",
        "!!str",
        "! '12'",
    ],
    *["!own 12", "!!binary aGVsbG8=", "!!timestamp 2001-01-02", "'on'", '"1_000"', "'~'", '""', "''", ""],
    *[
        '"\\u4f60\\n"',
        "a b",
        "a#b",
        "a # comment",
        "a:b",
        "'it''s'",
        "|-\n    one\n    two",
        ">\n    a\n    b\n",
    ],
]
"""Scalars as they are written."""

KEYS = ["a", "b", "c", "deployments", "web", "env", "on", "no", "1", "017", "1.5", "1e7", "'y'", "1_0", "<<x"]

_WRITTEN = [trap for trap in TRAPS if "\n" not in trap]
scalars = st.one_of(
    st.sampled_from(_WRITTEN),
    st.from_regex(r"[-+]?[0-9_.]{1,6}([eE][-+]?[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"[-+]?0[xXbBoO]?[0-9a-fA-F_]{1,18}", fullmatch=True),
    st.text(max_size=8).map(json.dumps),
)


@st.composite
def files(draw: st.DrawFn) -> str:
    """One values file: block style, with anchors, aliases and merge keys."""
    anchors: dict[str, bool] = {}
    lines: list[str] = []

    def anchor(is_map: bool) -> str:
        if draw(st.integers(0, 7)):
            return ""
        name = f"n{len(anchors)}"
        anchors[name] = is_map
        return f"&{name} "

    def value(indent: str, depth: int) -> None:
        """Write a value after what stands on the last line."""
        kinds = ["scalar"] * 4 + ["null", "empty map", "empty list", "flow"]
        if anchors:
            kinds.append("alias")
        if depth < 3:
            kinds += ["map"] * 4 + ["list"]
        kind = draw(st.sampled_from(kinds))
        if kind == "scalar":
            text = draw(scalars)
            lines[-1] += " " + (anchor(False) if not text.startswith("!") else "") + text
        elif kind == "null":
            lines[-1] += draw(st.sampled_from(["", " null", " ~"]))
        elif kind == "empty map":
            lines[-1] += " " + anchor(True) + "{}"
        elif kind == "empty list":
            lines[-1] += " []"
        elif kind == "flow":
            lines[-1] += draw(st.sampled_from([" {a: 1, b: [yes, ~]}", " [1_0, {a: }]", " {on: {}}"]))
        elif kind == "alias":
            lines[-1] += " *" + draw(st.sampled_from(sorted(anchors)))
        elif kind == "list":
            for _ in range(draw(st.integers(1, 3))):
                lines.append(f"{indent}-")
                value(indent + "  ", depth + 1)
        else:
            name = anchor(True)
            lines[-1] += f" {name}".rstrip()
            table(indent, depth)

    def table(indent: str, depth: int) -> None:
        keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=5, unique=True))
        merged = draw(st.integers(0, len(keys))) if depth and draw(st.integers(0, 3)) == 0 else -1
        maps = sorted(name for name, is_map in anchors.items() if is_map)
        for place, key in enumerate(keys):
            if place == merged and maps:
                several = "[" + ", ".join(f"*{name}" for name in maps) + "]"
                lines.append(f"{indent}<<: " + draw(st.sampled_from([f"*{maps[0]}", several])))
            lines.append(f"{indent}{key}:")
            value(indent + "  ", depth + 1)

    table("", 0)
    return "\n".join(lines) + "\n"


def same(ours: Any, helms: Any) -> bool:
    """Equal as JSON: numbers are 64-bit floats there, and a boolean is no number."""
    if isinstance(ours, dict) and isinstance(helms, dict):
        return ours.keys() == helms.keys() and all(same(ours[key], helms[key]) for key in ours)
    if isinstance(ours, list) and isinstance(helms, list):
        return len(ours) == len(helms) and all(map(same, ours, helms))
    if isinstance(ours, bool) or isinstance(helms, bool):
        return ours is helms
    if isinstance(ours, int | float) and isinstance(helms, int | float):
        return float(ours) == float(helms)
    return bool(ours == helms)
