"""The causes of a refusal, as a server words them, and the forms that names have."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

Obj = dict[str, Any]
Cause = tuple[str, str, str]
"""reason, message, field"""

IMMUTABLE = "field is immutable"
POSITIVE = "must be greater than or equal to 0"
PORT_RANGE = "must be between 1 and 65535, inclusive"
PROTOCOLS = ["SCTP", "TCP", "UDP"]

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_KEY = r"[-._a-zA-Z0-9]+"

LABEL_MESSAGE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    f"with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
SUBDOMAIN_MESSAGE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    f"'{_SUBDOMAIN}')"
)
_VALUE_MESSAGE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_PART_MESSAGE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    f"(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_QUALIFIED}')"
)
_KEY_MESSAGE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    f"or 'key-name', regex used for validation is '{_KEY}')"
)
_PERCENT_MESSAGE = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    "validation is '[0-9]+%')"
)


def go(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def invalid(field: str, value: Any, why: str) -> Cause:
    return "FieldValueInvalid", f"Invalid value: {go(value)}: {why}", field


def required(field: str, why: str = "") -> Cause:
    return "FieldValueRequired", "Required value" + (f": {why}" if why else ""), field


def forbidden(field: str, why: str) -> Cause:
    return "FieldValueForbidden", f"Forbidden: {why}", field


def duplicate(field: str, value: Any) -> Cause:
    return "FieldValueDuplicate", f"Duplicate value: {go(value)}", field


def too_long(field: str, most: int) -> Cause:
    return "FieldValueTooLong", f"Too long: may not be more than {most} bytes", field


def unsupported(field: str, value: Any, allowed: list[str]) -> Cause:
    listed = ", ".join(go(each) for each in allowed)
    return "FieldValueNotSupported", f"Unsupported value: {go(value)}: supported values: {listed}", field


def one_of(field: str, value: Any, allowed: list[str]) -> Iterator[Cause]:
    if value not in allowed:
        yield unsupported(field, value, allowed)


def not_negative(holder: Obj, path: str, names: Iterable[str]) -> Iterator[Cause]:
    """The whole numbers of these names must not be below 0."""
    for name in names:
        if (holder.get(name) or 0) < 0:
            yield invalid(f"{path}.{name}", holder[name], POSITIVE)


def label_name(field: str, name: str) -> Iterator[Cause]:
    """A name as containers, volumes and hosts have it: one DNS label."""
    for why in label_complaints(name):
        yield invalid(field, name, why)


def label_complaints(name: str) -> Iterator[str]:
    """Why a name is no DNS label."""
    if len(name) > 63:
        yield "must be no more than 63 characters"
    if not re.fullmatch(_LABEL, name):
        yield "must not contain dots" if re.fullmatch(_SUBDOMAIN, name) else LABEL_MESSAGE


def subdomain(field: str, name: str) -> Iterator[Cause]:
    if len(name) > 253:
        yield invalid(field, name, "must be no more than 253 characters")
    if not re.fullmatch(_SUBDOMAIN, name):
        yield invalid(field, name, SUBDOMAIN_MESSAGE)


def host_name(field: str, host: str) -> Iterator[Cause]:
    """The host of a rule of an ingress, `*.` in front or not."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        yield from subdomain(field, host.removeprefix("*."))
    else:
        yield invalid(field, host, "must be a DNS name, not an IP address")


def qualified(field: str, key: str) -> Iterator[Cause]:
    """The key of a label: a name, with a DNS subdomain before it if it wants one."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        why = (
            f"a valid label key {_PART_MESSAGE} with an optional DNS subdomain prefix and '/' "
            "(e.g. 'example.com/MyName')"
        )
        yield invalid(field, key, why)
        return
    if slash and not prefix:
        yield invalid(field, key, "prefix part must be non-empty")
    elif slash and len(prefix) > 253:
        yield invalid(field, key, "prefix part must be no more than 253 bytes")
    elif slash and not re.fullmatch(_SUBDOMAIN, prefix):
        yield invalid(field, key, f"prefix part {SUBDOMAIN_MESSAGE}")
    if not name:
        yield invalid(field, key, "name part must be non-empty")
    elif len(name) > 63:
        yield invalid(field, key, "name part must be no more than 63 bytes")
    if not re.fullmatch(_QUALIFIED, name):
        yield invalid(field, key, f"name part {_PART_MESSAGE}")


def labels(field: str, given: Obj) -> Iterator[Cause]:
    for key, value in given.items():
        yield from qualified(field, key)
        yield from label_value(field, value)


def label_value(field: str, value: str) -> Iterator[Cause]:
    if len(value) > 63:
        yield invalid(field, value, "must be no more than 63 bytes")
    if value and not re.fullmatch(_QUALIFIED, value):
        yield invalid(field, value, _VALUE_MESSAGE)


def config_key(field: str, key: str) -> Iterator[Cause]:
    """The key of a Secret's or a ConfigMap's data, which becomes a file's name."""
    if len(key) > 253:
        yield invalid(field, key, "must be no more than 253 characters")
    if not re.fullmatch(_KEY, key):
        yield invalid(field, key, _KEY_MESSAGE)
    elif key == ".":
        yield invalid(field, key, "must not be '.'")
    elif key.startswith(".."):
        yield invalid(field, key, "must not be '..'" if key == ".." else "must not start with '..'")


def port_name(field: str, name: str) -> Iterator[Cause]:
    """The name of a container's port, as a probe or a service may give it instead of a number."""
    if len(name) > 15:
        yield invalid(field, name, "must be no more than 15 characters")
    if not re.fullmatch("[-a-z0-9]+", name):
        yield invalid(field, name, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", name):
        yield invalid(field, name, "must contain at least one letter (a-z)")
    if "--" in name:
        yield invalid(field, name, "must not contain consecutive hyphens")
    if name.startswith("-") or name.endswith("-"):
        yield invalid(field, name, "must not begin or end with a hyphen")


def port(field: str, given: int | str) -> Iterator[Cause]:
    """A port by number or by name."""
    if isinstance(given, str):
        yield from port_name(field, given)
    elif not 1 <= given <= 65535:
        yield invalid(field, given, PORT_RANGE)


def share(field: str, given: int | str) -> Iterator[Cause]:
    """How many: a number, or a percentage."""
    if isinstance(given, int):
        if given < 0:
            yield invalid(field, given, POSITIVE)
    elif not re.fullmatch("[0-9]+%", given):
        yield invalid(field, given, _PERCENT_MESSAGE)
