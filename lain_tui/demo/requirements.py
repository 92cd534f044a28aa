"""Label selectors as text (``a=b,c in (d,e),!f``), read and refused as k8s.io/apimachinery/pkg/labels does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import errors
from .validate import causes

_TOKEN = re.compile(r"\s*(?:(?P<symbol>==|!=|[=!(),<>])|(?P<word>[^\s=!(),<>]+)|$)")
_OPERATORS = {"=": "=", "==": "=", "!=": "!=", ">": ">", "<": "<", "in": "in", "notin": "notin"}
_WHOLE = re.compile(r"[+-]?\d+")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One term: ``operator`` is one of = != in notin > < exists !."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()


def parse(text: str) -> list[Requirement]:
    """Read a selector. ApiError 400 in the server's words when it is none."""
    return _Parser(text).requirements()


def _unable(why: str) -> errors.ApiError:
    return errors.bad_request(f"unable to parse requirement: {why}")


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        while (match := _TOKEN.match(text, at)) and match.end() > at:
            at = match.end()
            self._tokens += [match["symbol"] or match["word"]] if match["symbol"] or match["word"] else []
        self._tokens.append("")
        self._at = 0

    def _ahead(self) -> str:
        return self._tokens[self._at]

    def _take(self) -> str:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def requirements(self) -> list[Requirement]:
        found: list[Requirement] = []
        while token := self._ahead():
            if not (_is_word(token) or token == "!"):
                raise errors.bad_request(f"found '{token}', expected: !, identifier, or 'end of string'")
            found.append(self._requirement())
            if not (token := self._take()):
                break
            if token != ",":
                raise errors.bad_request(f"found '{token}', expected: ',' or 'end of string'")
            if not (_is_word(self._ahead()) or self._ahead() == "!"):
                raise errors.bad_request(f"found '{self._ahead()}', expected: identifier after ','")
        return found

    def _requirement(self) -> Requirement:
        token = self._take()
        absent = token == "!"
        if absent:
            token = self._take()
        if not _is_word(token):
            raise _unable(f"found '{token}', expected: identifier")
        for _, message, _ in causes.qualified("", token):
            raise _unable(f"<nil>: {message}")
        if absent:
            return Requirement(token, "!")
        if self._ahead() in ("", ","):
            return Requirement(token, "exists")
        return self._compared(token)

    def _compared(self, key: str) -> Requirement:
        token = self._take()
        operator = _OPERATORS.get(token)
        if operator is None:
            raise _unable(f"found '{token}', expected: in, notin, =, ==, !=, gt, lt")
        values = self._values() if operator in ("in", "notin") else {self._value()}
        for value in sorted(values):
            if operator in "<>" and not _WHOLE.fullmatch(value):
                why = "for 'Gt', 'Lt' operators, the value must be an integer"
                raise _unable(f"values[0]: Invalid value: {causes.go(value)}: {why}")
            for _, message, _ in causes.label_value("", value):
                raise _unable(f"values[0][{key}]: {message}")
        return Requirement(key, operator, frozenset(values))

    def _value(self) -> str:
        if self._ahead() in ("", ","):
            return ""
        token = self._take()
        if not _is_word(token):
            raise _unable(f"found '{token}', expected: identifier")
        return token

    def _values(self) -> set[str]:
        """What stands in brackets; a comma with nothing before or after it stands for the empty value."""
        token = self._take()
        if token != "(":
            raise _unable(f"found '{token}' expected: '('")
        values: set[str] = set()
        if self._ahead() == ")":
            self._take()
            return {""}
        while (token := self._take()) != ")":
            if _is_word(token):
                values.add(token)
                if self._ahead() not in (",", ")"):
                    raise _unable(f"found '{self._ahead()}', expected: ',' or ')'")
            elif token == ",":
                if not values or self._ahead() in (",", ")"):
                    values.add("")
            else:
                raise _unable(f"found '{token}', expected: ',', or identifier")
        return values


def _is_word(token: str) -> bool:
    return token != "" and token[0] not in "=!(),<>"
