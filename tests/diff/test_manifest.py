"""The manifest of a revision is shown as helm rendered it, and no secret with it."""

from __future__ import annotations

import pytest

from lain_tui.core.diff.manifest import without_secrets

CONFIG = "---\n# Source: c/templates/map.yaml\nkind: ConfigMap # as it is\nmetadata: {name: Secret}\ndata: {b: 2, a: 1}\n"
SECRET = "---\n# Source: c/templates/s.yaml\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n"


def test_what_is_no_secret_stays_as_it_stands() -> None:
    assert without_secrets(CONFIG) == CONFIG


@pytest.mark.parametrize(
    "values",
    ["data:\n  token: aHVudGVyMg==\n", "stringData:\n  token: hunter2\n"],
    ids=["data", "stringData"],
)
def test_a_secret_tells_its_keys_and_lengths(values: str) -> None:
    shown = without_secrets(CONFIG + SECRET + values + CONFIG)
    assert shown.startswith(CONFIG) and shown.endswith(CONFIG)
    assert "# Source: c/templates/s.yaml" in shown and 'token: "hidden (7 bytes)"' in shown
    assert "hunter2" not in shown and "aHVudGVyMg" not in shown


def test_secrets_in_a_list_are_hidden_too() -> None:
    listing = "---\nkind: List\nitems:\n- {kind: Secret, metadata: {name: s}, stringData: {token: hunter2}}\n"
    assert "hunter2" not in without_secrets(listing)
