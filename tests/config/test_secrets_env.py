"""Settings that come from the environment."""

from __future__ import annotations

from typing import Any

import pytest

from lain_tui.core.config.secrets_env import with_secrets
from lain_tui.core.errors import LainError


def test_a_variable_fills_in_the_setting_it_is_named_for() -> None:
    settings = {
        "secrets_env": {"harbor_token": "TOKEN", "gitlab_token": {"env_name": "GITLAB"}},
        "domain": "d",
    }
    found = with_secrets(settings, {"TOKEN": "t", "GITLAB": "g"})
    assert (found["harbor_token"], found["gitlab_token"], found["domain"]) == ("t", "g", "d")


def test_a_missing_one_that_is_needed_is_named_with_its_hint() -> None:
    settings = {"secrets_env": {"harbor_token": {"env_name": "TOKEN", "hint": "Ask ops for one."}}}
    with pytest.raises(LainError, match=r"no TOKEN, which harbor_token comes from\. Ask ops for one"):
        with_secrets(settings, {}, needed=("harbor_token",))


@pytest.mark.parametrize(
    "settings",
    [
        {"secrets_env": {"harbor_token": "TOKEN"}, "harbor_token": "from the file"},
        {"secrets_env": {"harbor_token": {"env_name": "TOKEN", "required": False}}},
        {"secrets_env": {"other": "TOKEN"}},
        {"secrets_env": None},
        {},
    ],
)
def test_what_is_there_optional_or_not_needed_is_no_error(settings: dict[str, Any]) -> None:
    assert with_secrets(settings, {}, needed=("harbor_token",)).get("harbor_token") == settings.get(
        "harbor_token"
    )


@pytest.mark.parametrize("entry", [1, [], {"hint": "x"}])
def test_an_entry_of_another_shape_is_told_with_its_key(entry: Any) -> None:
    with pytest.raises(LainError, match=r"secrets_env\.harbor_token"):
        with_secrets({"secrets_env": {"harbor_token": entry}}, {})
