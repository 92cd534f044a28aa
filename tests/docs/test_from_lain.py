"""Coming from lain: the table names every verb and option that lain has, and the program understands what it promises."""

from __future__ import annotations

import re
from typing import NamedTuple

import click
import pytest

from lain_tui.cli.lain_names import REASONS
from lain_tui.cli.options import everywhere
from lain_tui.cli.root import root, run
from tests.cli.test_program import NoScreens
from tests.docs.pages import DOCS

LAIN = {
    "use": "--set-context --turn",
    "init": "--appname --force -f --template-only --commit",
    "lint": "--simple",
    "template": "--set --debug",
    "compose": "--force -f",
    "prepare": "--skip-push --keep-dockerfile",
    "build": "--push --deploy --publish --keep-dockerfile",
    "push": "--pull --overwrite-latest --registry",
    "run": "--proc -c --prepare --user -u",
    "save": "--retag --pull --force -f --dir",
    "image": "",
    "version": "--images-count",
    "env show": "",
    "env edit": "",
    "env add": "",
    "env addfile": "--overwrite",
    "secret show": "",
    "secret edit": "",
    "secret add": "",
    "secret apply": "--filename -f",
    "deploy": "--set --delete-after --build --canary --wait",
    "redeploy": "",
    "rollback": "",
    "update-image": "--deduce",
    "set-canary-group": "--abort --final",
    "cherry": "",
    "get-values": "",
    "delete": "--purge --after",
    "status": "--simple -s",
    "logs": "--tail --stern --kibana",
    "wait": "--selector -l --tries",
    "restart": "--selector -l --wait --graceful",
    "x": "",
    "job": "--image-tag --head --wait --timeout --memory --user -u --force --interactive -i --context",
    "create-job": "",
    "send-msg": "",
    "assign-mr": "",
    "wait-mr-approval": "",
    "admin status": "--simple -s",
    "admin delete-bad-pod": "--dry-run",
    "admin delete-bad-ing": "--dry-run",
    "admin list-images": "",
    "admin list-singletons": "",
    "admin list-waste": "",
    "admin list-unused-ingress": "--count-below --period",
    "admin cleanup-registry": "",
}
"""lain's verbs, as `lain --help` lists them, and the options of each."""
NOT_THERE = {
    "migrate-registry",
    "stop-cvm",
    "start-cvm",
    "turn",
    "post-alerts",
    "x",
    "get",
}
"""Of `lain admin`."""
COMMON = "--use --values -f --auto-pilot -a --ignore-lint --remote-docker --silent -s --verbose -v"


class Row(NamedTuple):
    flags: list[str]
    ours: str
    remarks: str


def rows() -> dict[str, Row]:
    """The table by lain's verb."""
    found = {}
    for line in (DOCS / "from-lain.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0].startswith("`lain "):
            verb, *flags = re.findall(r"`([^`]+)`", cells[0])
            found[verb.removeprefix("lain ")] = Row(flags, cells[1].strip("`"), cells[2])
    return found


ROWS = rows()


def command_of(words: str) -> click.Command | None:
    """Our command of that name, or None."""
    command: click.Command = root
    ctx = click.Context(root)
    for word in words.split():
        assert isinstance(command, click.Group)
        found = command.get_command(ctx, word)
        if found is None:
            return None
        command = found
    return command


def options_of(command: click.Command) -> set[str]:
    return {name for param in command.params for name in (*param.opts, *param.secondary_opts)}


def test_the_table_has_every_verb_with_every_option_and_no_other() -> None:
    told = {verb: row.flags for verb, row in ROWS.items() if row.ours != "not there"}
    assert {verb: set(flags) for verb, flags in told.items()} == {
        verb: set(flags.split()) for verb, flags in LAIN.items()
    }
    (absent,) = (row for row in ROWS.values() if row.ours == "not there")
    assert {"migrate-registry", *absent.flags} == NOT_THERE and absent.remarks


@pytest.mark.parametrize("verb", LAIN)
def test_what_the_table_promises_is_understood(verb: str) -> None:
    row = ROWS[verb]
    command = command_of(row.ours.removeprefix("lain-tui "))
    assert command is not None, f"there is no {row.ours}"
    assert command_of(verb) is command, "it is called as lain calls it"
    refused = REASONS.get(verb, {})
    for flag in row.flags:
        assert flag in options_of(command), f"lain {verb} {flag} is not understood"
        told = re.search(rf"No [^:]*`{flag}`[^:]*: ", row.remarks)
        assert bool(told) == (flag in refused), (
            f"{flag}: the reason is told where it is not there, and only there"
        )


@pytest.mark.parametrize(
    ("verb", "flag"), [(verb, flag) for verb, flags in REASONS.items() for flag in flags]
)
def test_what_is_not_there_is_refused_with_its_reason(
    verb: str, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    value = ["5h"] if flag in ("--after", "--delete-after") else []
    assert run([*verb.split(), flag, *value], NoScreens()) == 2
    out, told = capsys.readouterr()
    assert out == "" and f"lain's {flag} is not here: {REASONS[verb][flag]}." in told


def test_the_common_options_are_understood() -> None:
    ours = {name for option in everywhere() for name in option.opts}
    assert set(COMMON.split()) <= ours
    page = (DOCS / "from-lain.md").read_text()
    assert not [flag for flag in COMMON.split() if f"`{flag}" not in page]


def test_lains_other_names_are_those_of_the_same_command() -> None:
    context = click.Context(root)
    assert root.resolve_command(context, ["set-canary"])[1] is command_of("set-canary-group")
