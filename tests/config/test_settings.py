"""The user's settings: a file, then variables; what is wrong is told with its place and the nearest right key."""

from __future__ import annotations

import pytest

from lain_tui.core.config.describe import describe
from lain_tui.core.config.resolve import resolve_target
from lain_tui.core.config.settings import Settings, load_settings, load_with_origins
from lain_tui.core.errors import LainError
from lain_tui.core.notify.webhook import webhook_of
from tests.config.conftest import Home


def test_without_a_file_there_are_defaults(home: Home) -> None:
    assert load_settings(home.env) == Settings()


def test_the_file_then_variables(home: Home) -> None:
    path = home.settings(
        "theme: nord\nlogs:\n  lines: 5000\nprotected: [prod, eu-*]\nkeymap: {status.logs: L}\nbeats: {urls: 60}\n"
    )
    settings, origins = load_with_origins(
        {**home.env, "LAIN_TUI_LOGS_TAIL": "20", "LAIN_TUI_THEME": "mono", "LAIN_TUI_ASCII": "true"}
        | {"LAIN_TUI_COLOURS": "prod=red,test=#00ff00"}
    )
    assert (settings.theme, settings.ascii, settings.logs.lines, settings.logs.tail) == (
        "mono",
        True,
        5000,
        20,
    )
    assert (settings.protected, settings.keymap, settings.beats.urls) == (
        ("prod", "eu-*"),
        {"status.logs": "L"},
        60.0,
    )
    assert settings.colours == {"prod": "red", "test": "#00ff00"}
    assert origins["theme"] == "$LAIN_TUI_THEME"
    assert origins["logs.lines"] == f"{path}:3"
    assert origins["mouse"] == "default"


def test_the_xdg_folder_counts(home: Home) -> None:
    path = home.path / "elsewhere" / "lain-tui" / "config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("theme: nord\n")
    assert load_settings({**home.env, "XDG_CONFIG_HOME": str(home.path / "elsewhere")}).theme == "nord"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("thme: x\n", ":1: thme", "there is no setting thme. Did you mean 'theme'?"),
        ("\nlogs:\n  line: 1\n", ":3: logs.line", "there is no setting logs.line. Did you mean 'lines'?"),
        ("logs:\n  lines: many\n", ":2: logs.lines", "expected `int`, got `str`"),
        ("protected: prod\n", ":1: protected", "expected `array`, got `str`"),
        ("protected: [prod, [x]]\n", ":1: protected.1", "expected `str`, got `array`"),
        ("theme: [\n", ":2", "broken YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(home: Home, text: str, place: str, message: str) -> None:
    path = home.settings(text)
    with pytest.raises(LainError) as caught:
        load_settings(home.env)
    assert caught.value.where == f"{path}{place}"
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("LAIN_TUI_THEMES", "x", "Did you mean 'LAIN_TUI_THEME'?"),
        ("LAIN_TUI_LOGS_LINES", "many", r"$LAIN_TUI_LOGS_LINES: expected `int`, got `str`, not 'many'"),
    ],
)
def test_wrong_variables(home: Home, name: str, value: str, message: str) -> None:
    with pytest.raises(LainError) as caught:
        load_settings({**home.env, name: value})
    assert message in str(caught.value)


PLUGIN = "plugins:\n  heap:\n    key: T\n    command: [jmap, $POD]\n"


def test_plugins_are_read(home: Home) -> None:
    home.settings(PLUGIN)
    (plugin,) = load_settings(home.env).plugins.values()
    assert (plugin.key, plugin.command, plugin.changes) == ("T", ("jmap", "$POD"), True)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("    chnges: false\n", ":5: plugins.heap.chnges", "Did you mean 'changes'?"),
        ("    pause: maybe\n", ":5: plugins.heap.pause", "expected `bool`, got `str`"),
        ("  other: {key: x}\n", ":5: plugins.other", "missing required field `command`"),
    ],
)
def test_what_is_wrong_in_a_plugin_is_told_with_its_line(
    home: Home, text: str, place: str, message: str
) -> None:
    path = home.settings(PLUGIN + text)
    with pytest.raises(LainError) as caught:
        load_settings(home.env)
    assert caught.value.where == f"{path}{place}"
    assert message in str(caught.value)


def test_a_webhook_of_ones_own_is_for_apps_that_name_none(home: Home) -> None:
    settings = Settings(
        webhooks={"prod-*": "https://hooks.example.com/p", "*": "https://hooks.example.com/x"}
    )
    home.kubeconfig("config", "prod-eu")
    target = resolve_target(cwd=home.path, env=home.env, settings=settings)
    assert target.webhook == "https://hooks.example.com/p"
    assert webhook_of(target, {}) == target.webhook
    assert webhook_of(target, {"webhook": "https://team.example.com"}) == "https://team.example.com"
    assert webhook_of(target, {"webhook": {"url": "https://team.example.com", "clusters": ["test"]}}) == ""


def test_settings_are_described_with_their_origin(home: Home) -> None:
    path = home.settings("logs:\n  lines: 5000\nwebhooks: {'*': 'https://hooks.example.com/secret'}\n")
    found = {
        setting.name: setting
        for setting in describe(home.env | {"LAIN_TUI_MOUSE": "false"}, {"read_only": True})
    }
    assert (found["logs.lines"].value, found["logs.lines"].origin) == (5000, f"{path}:2")
    assert (found["mouse"].value, found["mouse"].origin) == (False, "$LAIN_TUI_MOUSE")
    assert (found["read_only"].value, found["read_only"].origin) == (True, "--read-only")
    assert found["webhooks"].value == {"*": "https://hooks.example.com/…"}
    assert all(setting.about.endswith(".") for setting in found.values()), "each says what it is for"
