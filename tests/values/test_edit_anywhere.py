"""An edit of any value in any file: its own lines change and no other, and ruamel.yaml reads just what was asked for."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lain_tui.core.errors import LainError
from lain_tui.core.values.edit import apply_edit, remove_value, set_value

KEYS = [
    "web",
    "env",
    "a-b",
    "a.b",
    "端口",
    '"in quotes"',
    "'it''s'",
    "key with blanks",
    "nginx.io/weight",
    "x",
    "y2",
]
SCALARS = [
    "1", "1.50", "text", "two words", "你好，世界", "http://x:1/#a", "a#b", "80Mi", "~", "", "'#no comment'", '"say \\"hi\\""',
    "'it''s'", '"\\u4f60\\n"', "[a, 'b, c', {d: e}]", "{limits: {cpu: 1, memory: 80Mi}}", "[]", "{}",
]  # fmt: skip
REMARKS = ["", "", "", "  # a remark", "   # 注释: {not: yaml}", " #"]
LINES = ["", "# a line of its own", "    # indented: - [", "  "]
WRITTEN = ["5", "'x y'", '"a: b # c"', "新值", "[a, 'b']", "{c: [1]}", "null", "''", "https://y:2/#z"]


_REMARK = re.compile(r"\s+#( a remark| 注释: {not: yaml}|)\r?$")
_KEY = re.compile(r"""\s*("[^"]*"|'(''|[^'])*'|[^'":]+):""")


@st.composite
def files(draw: st.DrawFn) -> str:
    """A file as people write it, nothing about it tidy."""
    lines: list[str] = []
    anchors: list[str] = []

    def noise() -> None:
        if draw(st.integers(0, 4)) == 0:
            lines.append(draw(st.sampled_from(LINES)))

    def table(indent: str, depth: int) -> None:
        for key in draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True)):
            noise()
            head = f"{indent}{key}:{draw(st.sampled_from(['', ' ', '   ']))} "
            kind = draw(
                st.sampled_from(["scalar", "scalar", "map", "list", "block", "alias", "anchor", "folded"])
            )
            if kind == "map" and depth < 3:
                step = draw(st.sampled_from(["  ", "    "]))
                lines.append(head.rstrip() + draw(st.sampled_from(REMARKS)))
                table(indent + step, depth + 1)
            elif kind == "list":
                lines.append(head.rstrip() + draw(st.sampled_from(REMARKS)))
                dent = indent + draw(st.sampled_from(["", "  "]))
                for _ in range(draw(st.integers(1, 3))):
                    noise()
                    item = draw(st.sampled_from([text for text in SCALARS if text]))
                    lines.append(f"{dent}- {item}{draw(st.sampled_from(REMARKS))}")
            elif kind == "block":
                lines.append(head + draw(st.sampled_from(["|", "|-", ">", ">-", "|+"])))
                lines.extend(f"{indent}  {line}" for line in ("echo 一", "# no comment", "", "  deeper"))
            elif kind == "folded":
                lines.extend([f'{head}"a text that goes', f'{indent}  on below" # and ends'])
            elif kind == "anchor":
                anchors.append(f"n{len(anchors)}")
                lines.append(f"{head}&{anchors[-1]} {draw(st.sampled_from(['v', '{k: 1}', '[1, 2]']))}")
            elif kind == "alias" and anchors:
                lines.append(f"{head}*{draw(st.sampled_from(anchors))}{draw(st.sampled_from(REMARKS))}")
            else:
                lines.append(head + draw(st.sampled_from(SCALARS)) + draw(st.sampled_from(REMARKS)))

    table("", 0)
    text = "\n".join([*(["# 头", "---"] if draw(st.booleans()) else []), *lines])
    text += draw(st.sampled_from(["\n", "\n", "", "\n\n# the end\n"]))
    return text.replace("\n", "\r\n") if draw(st.integers(0, 3)) == 0 else text


def seen(text: str) -> Any:
    """What ruamel.yaml reads, aliases and merge keys followed."""
    return _plain(YAML().load(io.StringIO(text)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def places(text: str) -> dict[tuple[str, ...], tuple[int, int]]:
    """Each key's first and last line, counted from 0, as ruamel.yaml finds them."""
    found: dict[tuple[str, ...], tuple[int, int]] = {}
    rows = text.split("\n")

    def look(node: Node, above: tuple[str, ...]) -> None:
        if not isinstance(node, MappingNode):
            return
        for key, value in node.value:
            path = (*above, str(key.value))
            found[path] = (key.start_mark.line, _last_line(rows, key, value))
            if value.start_mark.index > key.end_mark.index:  # else an alias: the value stands elsewhere
                look(value, path)

    look(YAML().compose(io.StringIO(text)), ())
    return found


def _last_line(rows: list[str], key: Node, value: Node) -> int:
    if value.start_mark.index < key.end_mark.index:
        return int(key.start_mark.line)
    if isinstance(value, ScalarNode) and value.style not in {"|", ">"}:
        return int(value.end_mark.line)
    if isinstance(value, SequenceNode | MappingNode) and value.flow_style:
        return int(value.end_mark.line)
    last = int(value.end_mark.line) - (value.end_mark.column == 0)
    while last > key.start_mark.line and (not rows[last].strip() or _aside(rows[last], key)):
        last -= 1
    return last


def _aside(row: str, key: Node) -> bool:
    """Whether a line at the end of a block is a remark of what comes next."""
    return row.lstrip().startswith("#") and len(row) - len(row.lstrip()) <= key.start_mark.column


def changed(data: Any, path: tuple[str, ...], value: Any) -> Any:
    """The same with another value at a path."""
    if not path:
        return value
    return {**data, path[0]: changed(data[path[0]], path[1:], value)}


def gone(data: Any, path: tuple[str, ...]) -> Any:
    """The same without what is at a path, and without the maps that this would leave empty."""
    rest = {key: item for key, item in data.items() if key != path[0]}
    if len(path) > 1 and (below := gone(data[path[0]], path[1:])):
        return {key: below if key == path[0] else item for key, item in data.items()}
    return rest


def edited(text: str, change: Any) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "values.yaml"
        path.write_bytes(text.encode())
        apply_edit(change(path))
        return path.read_bytes().decode()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.sampled_from(WRITTEN), st.data())
def test_another_value(text: str, written: str, data: st.DataObject) -> None:
    where = places(text.replace("\r\n", "\n"))
    path = data.draw(st.sampled_from(sorted(where)))
    try:
        after = edited(text, lambda file: set_value(file, path, written))
    except LainError as error:
        event("refused")
        assert "alias" in error.what or "only an editor" in error.what, error
        assert "&" in text, "nothing here is hard to write"
        return
    event("edited")
    assert seen(after) == changed(seen(text), path, seen(f"v: {written}")["v"])
    rows, first, last = text.split("\n"), *where[path]
    head, tail = "\n".join(rows[:first]), "\n".join(rows[last + 1 :])
    assert after.startswith(head) and after.endswith(tail), "a line of something else has changed"
    own = after.split("\n")[first]
    if first == last and (remark := _REMARK.search(rows[first])):
        assert own.endswith(remark[0]), "the remark on its line stays, blanks included"
    assert own.startswith(_KEY.match(rows[first])[0]), "the key is written as it was"  # type: ignore[index]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.data())
def test_a_key_less(text: str, data: st.DataObject) -> None:
    where = places(text.replace("\r\n", "\n"))
    path = data.draw(st.sampled_from(sorted(where)))
    try:
        after = edited(text, lambda file: remove_value(file, path))
    except LainError as error:
        assert "alias" in error.what or "only an editor" in error.what or "is not set here" in error.what, (
            error
        )
        return
    assert (seen(after) or {}) == gone(seen(text), path)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.sampled_from(WRITTEN), st.data())
def test_a_key_more(text: str, written: str, data: st.DataObject) -> None:
    where = places(text.replace("\r\n", "\n"))
    above = data.draw(st.sampled_from([(), *(path for path in sorted(where) if _is_map(seen(text), path))]))
    try:
        after = edited(text, lambda file: set_value(file, (*above, "fresh"), written))
    except LainError as error:
        assert "alias" in error.what or "only an editor" in error.what, error
        return
    assert _without_fresh(seen(after), above) == seen(text)
    found = seen(after)
    for key in (*above, "fresh"):
        found = found[key]
    assert found == seen(f"v: {written}")["v"]


def _is_map(data: Any, path: tuple[str, ...]) -> bool:
    for key in path:
        data = data[key]
    return isinstance(data, dict)


def _without_fresh(data: Any, above: tuple[str, ...]) -> Any:
    if not above:
        return {key: item for key, item in data.items() if key != "fresh"}
    return {**data, above[0]: _without_fresh(data[above[0]], above[1:])}
