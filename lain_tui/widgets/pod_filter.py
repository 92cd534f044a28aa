"""What the user typed behind `/`, as a test on pods.

`text` and `/regex` match the pod's name, proc, state, node or image; `!x` inverts; `-l app=web,tier!=db` selects by
label as kubectl does; `-f x` matches letters in order, with gaps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from lain_tui.core.model.status import PodRow

PodTest = Callable[[PodRow], bool]
LabelTest = Callable[[Mapping[str, str]], bool]


class PodFilter(msgspec.Struct, frozen=True):
    """A filter as typed, and what it means; an empty one lets everything pass."""

    text: str = ""
    error: str = ""
    """Why it could not be understood as written; the text is then matched literally."""
    test: PodTest | None = None

    def __bool__(self) -> bool:
        return self.test is not None

    def passes(self, pod: PodRow) -> bool:
        return self.test is None or self.test(pod)


def parse_filter(text: str) -> PodFilter:
    """Understand what was typed; never fails."""
    typed = text.strip()
    pattern = typed.removeprefix("/")
    inverse = pattern.startswith("!")
    pattern = pattern.removeprefix("!").strip()
    if not pattern:
        return PodFilter(typed)
    error = ""
    if pattern.startswith("-l"):
        tests = [_requirement(part) for part in _SEPARATOR.split(pattern[2:].strip()) if part.strip()]
        matches = _by_labels(tests)
    elif pattern.startswith("-f"):
        matches = _by_text(re.compile(".*?".join(map(re.escape, pattern[2:].strip())), re.IGNORECASE))
    else:
        try:
            compiled = re.compile(pattern, re.IGNORECASE)
        except re.error as problem:
            error = f"not a regular expression ({problem}), matched as it is"
            compiled = re.compile(re.escape(pattern), re.IGNORECASE)
        matches = _by_text(compiled)
    return PodFilter(typed, error, _inverse(matches) if inverse else matches)


_SEPARATOR = re.compile(r",(?![^(]*\))")
_SET = re.compile(r"(\S+)\s+(in|notin)\s*\(([^)]*)\)")


def _inverse(test: PodTest) -> PodTest:
    return lambda pod: not test(pod)


def _by_labels(tests: Sequence[LabelTest]) -> PodTest:
    return lambda pod: all(test(pod.labels) for test in tests)


def _by_text(pattern: re.Pattern[str]) -> PodTest:
    search = pattern.search

    def test(pod: PodRow) -> bool:
        return any(search(text) for text in (pod.name, pod.state, pod.node, pod.proc, pod.image_tag) if text)

    return test


def _requirement(text: str) -> LabelTest:
    """One requirement of a label selector: `k=v`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`, `k`, `!k`."""
    text = text.strip()
    if match := _SET.fullmatch(text):
        key, operator, values = match[1], match[2], {value.strip() for value in match[3].split(",")}
        if operator == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if "!=" in text:
        key, _, value = (part.strip() for part in text.partition("!="))
        return lambda labels: labels.get(key) != value
    if "=" in text:
        key, _, value = (part.strip(" =") for part in text.partition("="))
        return lambda labels: labels.get(key) == value
    if text.startswith("!"):
        key = text[1:].strip()
        return lambda labels: key not in labels
    return lambda labels: text in labels
