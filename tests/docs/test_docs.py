"""Commands in the pages run and print what they say; links hold; pictures, settings and commands are all there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from lain_tui.cli.root import COMMANDS, SECTIONS, root
from lain_tui.cli.session import Session
from tests.docs.pages import CHINESE, DOCS, PAGES, SCHEMA, anchors, links, name_of, named_commands, shown
from tests.docs.reference import filled, schema
from tests.docs.sandbox import Sandbox, alike
from tests.embedded import EmbeddedCluster

RUN = [page for page in PAGES if page != CHINESE and shown(page.read_text())]


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster(source=True) as running:
        yield running


@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_commands_print_what_the_page_shows(page: Path, cluster: EmbeddedCluster, tmp_path: Path) -> None:
    with Sandbox(tmp_path, cluster) as sandbox:
        for command, output in shown(page.read_text()):
            assert alike(sandbox.run(command)) == alike(output), f"{command}\nmake docs writes the pages anew"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_that_are_named_are_understood(page: Path) -> None:
    for command in named_commands(page.read_text()):
        fault = misunderstood(command)
        assert not fault, f"{command}: {fault}"


def misunderstood(line: str) -> str:
    """Why the command line is none; placeholders in capitals stand for whatever is wanted there."""
    try:
        words = [word for word in shlex.split(line, comments=True)[1:] if word not in ("…", "...")]
    except ValueError:
        return ""  # broken by the width of a help
    here = Session(None)  # type: ignore[arg-type]
    try:
        ctx = root.make_context("lain-tui", words, obj=here, resilient_parsing=True)
        rest = [*ctx._protected_args, *ctx.args]
        command: click.Command = root
        while isinstance(command, click.Group) and rest:
            if rest[0].isupper():
                return ""
            name, found, rest = command.resolve_command(ctx, rest)
            if found is None:
                return f"there is no command {name}"
            command = found
            known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
            ctx = click.Context(command, parent=ctx, info_name=name, obj=here)
        if isinstance(command, click.Group):
            return ""
        if rest and command.context_settings.get("ignore_unknown_options"):
            return ""
        known |= {"-h", "--help"}
        unknown = [
            word for word in rest if re.match(r"--?[a-z]", word) and word.partition("=")[0] not in known
            and not re.fullmatch(r"-[a-zA-Z]{2,}", word)
        ]  # fmt: skip
        return (
            f"there is no option {unknown[0]}"
            if unknown and "--" not in rest[: rest.index(unknown[0])]
            else ""
        )
    except click.exceptions.Exit:
        return ""  # --help, --version
    except click.ClickException as error:
        return error.format_message()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_hold(page: Path) -> None:
    text = page.read_text()
    for target in links(text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{target} is not there"
        if anchor and linked.suffix == ".md":
            assert anchor in anchors(linked.read_text()), f"{target}: there is no such heading"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_tables_of_the_code_are_current(page: Path) -> None:
    text = page.read_text()
    assert filled(text) == text, "make docs writes the pages anew"


def test_every_command_has_its_section() -> None:
    sections = set(re.findall(r"^## (.+)$", (DOCS / "commands.md").read_text(), re.MULTILINE))
    assert sections == set(COMMANDS) == {name for names in SECTIONS.values() for name in names}


def test_the_chinese_page_shows_what_the_english_one_was_seen_to_print() -> None:
    printed = {one.command: one.output for one in shown((DOCS / "commands.md").read_text())}
    for one in shown(CHINESE.read_text()):
        assert alike(one.output) == alike(printed[one.command]), (
            f"{one.command}\nmake docs writes the pages anew"
        )
    assert set(re.findall(r"^## (.+)$", CHINESE.read_text(), re.MULTILINE)) == set(COMMANDS)


def test_every_command_that_can_be_shown_has_an_example() -> None:
    examples = [one.command for one in shown((DOCS / "commands.md").read_text())]
    lacking = {name for name in COMMANDS if not any(
        re.search(rf"lain-tui .*\b{name}\b", line) for line in examples if "--help" not in line
    )}  # fmt: skip
    assert lacking == {"port-forward"}, "it lasts until it is ended"


def test_every_page_is_there_in_both_languages() -> None:
    english = {page.name for page in DOCS.glob("*.md")}
    assert english == {page.name for page in (DOCS / "zh").glob("*.md")}


def test_the_schema_of_every_document_is_current() -> None:
    assert SCHEMA.read_text() == schema(), "make docs writes it anew"
