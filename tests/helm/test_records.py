"""Helm's records: unpacked as helm packs them, told plainly when damaged, never printed whole."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.helm.record import ReleaseRecord, decode_secret, parse_time

RECORD: dict[str, Any] = {
    "name": "dummy",
    "namespace": "default",
    "version": 15,
    "info": {
        "first_deployed": "2021-10-20T10:00:00.123456789+08:00",
        "last_deployed": "2021-10-21T10:00:00.5Z",
        "deleted": "",
        "status": "deployed",
        "description": "Upgrade complete",
        "notes": "hello\n",
    },
    "chart": {
        "metadata": {"name": "dummy", "version": "0.1.0", "appVersion": "1"},
        "templates": [{"name": "templates/a.yaml", "data": "eA=="}],
        "values": {"appname": "dummy", "user": "nobody"},
    },
    "config": {"imageTag": "1634699031-11766623", "user": "timfei", "password": "hunter2"},
    "manifest": "---\nkind: Secret\n",
    "hooks": [
        {
            "name": "t",
            "kind": "Pod",
            "path": "p",
            "manifest": "m",
            "events": ["test"],
            "last_run": {"phase": "Succeeded"},
        }
    ],
}


def secret(record: bytes, *, zipped: bool = True) -> bytes:
    packed = base64.b64encode(gzip.compress(record, mtime=0) if zipped else record)
    return json.dumps({"kind": "Secret", "data": {"release": base64.b64encode(packed).decode()}}).encode()


def read(body: bytes) -> ReleaseRecord:
    return decode_secret(body, where="Secret default/sh.helm.release.v1.dummy.v15")


@pytest.mark.parametrize("zipped", [True, False])
def test_a_record_is_unpacked(zipped: bool) -> None:
    record = read(secret(json.dumps(RECORD).encode(), zipped=zipped))
    assert (record.name, record.version, record.info.status, record.chart_label) == (
        "dummy",
        15,
        "deployed",
        "dummy-0.1.0",
    )
    assert (record.image_tag, record.user, record.value("appname")) == (
        "1634699031-11766623",
        "timfei",
        "dummy",
    )
    assert record.updated == datetime(2021, 10, 21, 10, 0, 0, 500000, UTC)
    assert record.manifest == "---\nkind: Secret\n"
    assert record.hooks is not None and record.hooks[0].events == ("test",)


def test_a_record_is_never_shown_whole() -> None:
    assert "hunter2" not in repr(read(secret(json.dumps(RECORD).encode())))


def test_times_as_go_writes_them() -> None:
    assert parse_time("2021-10-20T10:00:00.123456789+08:00") == datetime(2021, 10, 20, 2, 0, 0, 123456, UTC)
    assert parse_time("") is None
    assert parse_time("0001-01-01T00:00:00Z") is None


WHOLE = gzip.compress(json.dumps(RECORD).encode(), mtime=0)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"data": {"other": "eA=="}}', "this Secret holds no helm release"),
        (b'{"data": {"release": "###"}}', "damaged (it is no base64)"),
        (
            json.dumps({"data": {"release": base64.b64encode(b"###").decode()}}).encode(),
            "damaged (it is no base64)",
        ),
        (secret(b"not json", zipped=True), "damaged (it is not the JSON of a release)"),
        (secret(WHOLE[:-20], zipped=False), "damaged (it ends too early)"),
        (secret(WHOLE[:20] + b"\xff" * 20 + WHOLE[40:], zipped=False), "damaged (it"),
        (
            secret(json.dumps({**RECORD, "version": "x"}).encode()),
            "damaged (it is not the JSON of a release)",
        ),
        (b"<html>", "damaged (it is not the JSON of a release)"),
    ],
)
def test_damage_is_told(body: bytes, message: str) -> None:
    with pytest.raises(LainError) as caught:
        read(body)
    assert message in str(caught.value)
    assert str(caught.value).startswith("Secret default/sh.helm.release.v1.dummy.v15: ")


def test_a_record_that_unpacks_to_far_too_much_is_left_packed() -> None:
    with pytest.raises(LainError, match="more than any release can be"):
        read(secret(b" " * (65 << 20)))
