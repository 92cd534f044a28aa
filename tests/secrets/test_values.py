"""What a value is, told without showing it."""

from __future__ import annotations

import datetime

import trustme

from lain_tui.core.secrets.compare import compare
from lain_tui.core.secrets.values import certificates, hex_lines, language, summary
from tests.secrets.conftest import holder


def test_certificates_are_told_by_subject_and_expiry() -> None:
    authority = trustme.CA(organization_name="The authority")
    until = datetime.datetime(2031, 2, 3, 4, 5, 6, tzinfo=datetime.UTC)
    leaf = authority.issue_cert("dummy.example.com", common_name="dummy.example.com", not_after=until)
    pem = b"".join(blob.bytes() for blob in leaf.cert_chain_pems) + authority.cert_pem.bytes()
    first, last = certificates(b"text\n" + pem)
    assert first.subject.startswith("CN=dummy.example.com") and first.ends == until
    assert "O=The authority" in last.subject
    assert certificates(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----") == []


def test_summaries_tell_nothing_of_the_value() -> None:
    assert [summary(value) for value in (b"", b"x", b"x\n", b"a\nb\n", b"\0" * 2048)] == [
        "empty", "", "", "2 lines", "binary, 2.0 KiB",
    ]  # fmt: skip


def test_files_are_highlighted_by_their_names() -> None:
    assert [language(name) for name in ("a.yaml", "a.JSON", "x.toml", "x.ini", "FOO")] == [
        "yaml", "json", "toml", "toml", "",
    ]  # fmt: skip


def test_bytes_as_hexadecimal() -> None:
    first, last = hex_lines(b"AB" + b"\0" * 15, most=16)
    assert first == "000000  41 42 00 00 00 00 00 00 00 00 00 00 00 00 00 00  AB.............."
    assert last == "… and 1 bytes more"


def test_two_clusters_are_compared_by_hash() -> None:
    found = compare(holder({"A": b"1", "B": b"2", "C": b"3"}), holder({"A": b"1", "B": b"x", "D": b""}))
    assert [(one.key, one.verdict.value) for one in found] == [
        ("A", "equal"), ("B", "different"), ("C", "only here"), ("D", "only there"),
    ]  # fmt: skip
    assert found[0].here == found[0].there != "" and found[1].here != found[1].there
    again = compare(holder({"A": b"1"}), holder({"A": b"1"}))
    assert again[0].here != found[0].here, "hashes mean nothing outside of one comparison"
