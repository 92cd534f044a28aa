"""What a scalar in a values file means to helm.

Helm reads YAML through sigs.k8s.io/yaml, whose parser is go-yaml v2: YAML 1.1 with changes of its own. `on`, `y` and
`NO` are booleans, `017` and `0o17` octal, `1_000` a thousand; `1:30` and dates are text. The rules here follow
`resolve` in go-yaml v2's resolve.go and `strconv` of Go; helm itself is the referee of the tests.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct

Scalar = None | bool | int | float | str

STRING = "tag:yaml.org,2002:str"
_INT = "tag:yaml.org,2002:int"
_FLOAT = "tag:yaml.org,2002:float"
_BOOL = "tag:yaml.org,2002:bool"
_NULL = "tag:yaml.org,2002:null"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_BINARY = "tag:yaml.org,2002:binary"

_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], math.nan),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], math.inf),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], -math.inf),
}
_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|0[oO]?(?P<oct>[0-7]+)|(?P<dec>0|[1-9][0-9]*))"
)
_SIGNED_BINARY = re.compile(r"0b([-+][01]+)")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?")
_SEPARATOR = re.compile(r"(?<=[0-9])_(?=[0-9])")
_NUMERIC = frozenset("+-.0123456789")


class BadScalar(ValueError):
    """An explicit tag that the text does not fit, such as `!!int abc`."""


def resolve(text: str, tag: str = "") -> Scalar:
    """The value of a plain scalar, or of one with an explicit `tag` (a full tag URI).

    Raises BadScalar when the tag and the text do not agree.
    """
    if not tag:
        return _plain(text)
    if tag == STRING:
        return text
    if tag == _BINARY:
        try:
            return base64.b64decode(text, validate=True).decode("utf-8", "replace")
        except binascii.Error:
            raise BadScalar("!!binary is no base64") from None
    value = _plain(text)
    if tag == _FLOAT and type(value) is int:
        return float(value)
    if tag == _TIMESTAMP and _DATE.fullmatch(text):
        return text
    expected = {_INT: int, _FLOAT: float, _BOOL: bool, _NULL: type(None), _TIMESTAMP: None}
    if tag not in expected:
        return text
    if type(value) is not expected[tag]:
        raise BadScalar(f"{text!r} is no !!{tag.rpartition(':')[2]}")
    return value


def _plain(text: str) -> Scalar:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _NUMERIC:
        return text
    if text[0] == ".":
        return _float(_SEPARATOR.sub("", text), text)
    digits = text.replace("_", "")
    value = _integer(digits)
    return value if value is not None else _float(digits, text)


def _integer(digits: str) -> int | None:
    """strconv.ParseInt and ParseUint with base 0, of 64 bits."""
    match = _INTEGER.fullmatch(digits)
    if match:
        base = {"hex": 16, "bin": 2, "oct": 8, "dec": 10}[match.lastgroup or ""]
        value = int(match[match.lastgroup or ""], base)
        if match["sign"] == "-":
            return -value if value <= 1 << 63 else None
        return value if value < 1 << (63 if match["sign"] else 64) else None
    signed = _SIGNED_BINARY.fullmatch(digits)
    if signed:
        value = int(signed[1], 2)
        return value if -(1 << 63) <= value < 1 << 63 else None
    return None


def _float(digits: str, text: str) -> float | str:
    if not _DECIMAL.fullmatch(digits):
        return text
    value = float(digits)
    return text if math.isinf(value) else value


def key_text(value: Scalar) -> str | None:
    """A map key as helm sees it: JSON knows text keys only. None for a key that helm refuses (null, over 63 bits)."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value < 1 << 63 else None
    return None if value is None else _float_key(value)


def _float_key(value: float) -> str:
    """Go's strconv.FormatFloat(value, 'g', -1, 32): the shortest text of the nearest 32-bit float."""
    if math.isnan(value):
        return ".nan"
    try:
        single: float = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        single = math.copysign(math.inf, value)
    if math.isinf(single):
        return ".inf" if single > 0 else "-.inf"
    text = next(
        text
        for text in (f"{single:.{places}e}" for places in range(17))
        if struct.unpack("f", struct.pack("f", float(text)))[0] == single
    )
    mantissa, _, exponent = text.partition("e")
    power = int(exponent)
    if power < -4 or power >= 6:  # where Go's shortest 'g' turns to an exponent
        return f"{mantissa}e{power:+03d}"
    places = len(mantissa.lstrip("-").replace(".", "")) - 1 - power
    return f"{single:.{max(places, 0)}f}"
