"""The subject and the dates of X.509 certificates (RFC 5280), read from their DER; nothing of keys is looked at."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime

import msgspec

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(?P<body>[^-]+)-----END CERTIFICATE-----")
_NAMES = {"550403": "CN", "55040a": "O", "55040b": "OU", "550406": "C"}
"""Attributes of a name by their object identifier in hexadecimal."""


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What its owner wants to know at a glance."""

    subject: str
    """`CN=dummy.example.com, O=…`"""
    begins: datetime
    ends: datetime


def read_pem(text: bytes) -> list[Certificate]:
    """Every certificate in a PEM text; one that cannot be read is left out."""
    found = []
    for match in _PEM.finditer(text):
        try:
            found.append(_read(base64.b64decode(b"".join(match["body"].split()), validate=True)))
        except (binascii.Error, ValueError, IndexError):
            continue
    return found


def _read(der: bytes) -> Certificate:
    """Certificate → tbsCertificate → [version], serial, algorithm, issuer, validity, subject (RFC 5280 §4.1)."""
    body = _parts(_parts(_parts(der)[0][1])[0][1])
    if body[0][0] == 0xA0:
        body = body[1:]
    begins, ends = (_time(tag, value) for tag, value in _parts(body[3][1])[:2])
    return Certificate(subject=_name(body[4][1]), begins=begins, ends=ends)


def _parts(der: bytes) -> list[tuple[int, bytes]]:
    """The tag and content of each element, one after the other (X.690)."""
    parts, at = [], 0
    while at < len(der):
        tag, size, at = der[at], der[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(der[at : at + count], "big"), at + count
        if at + size > len(der):
            raise ValueError("cut off")
        parts.append((tag, der[at : at + size]))
        at += size
    return parts


def _name(der: bytes) -> str:
    words = []
    for _, attributes in _parts(der):
        for _, pair in _parts(attributes):
            (_, identifier), (_, value) = _parts(pair)[:2]
            if (name := _NAMES.get(identifier.hex())) is not None:
                words.append(f"{name}={value.decode('utf-8', 'replace')}")
    return ", ".join(reversed(words))


def _time(tag: int, value: bytes) -> datetime:
    """UTCTime has years of two digits, 1950 to 2049 (RFC 5280 §4.1.2.5)."""
    text = value.decode("ascii")
    if tag == 0x17:
        text = f"{'19' if int(text[:2]) >= 50 else '20'}{text}"
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
