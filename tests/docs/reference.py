"""The pages that follow from the code: each command has its section, each setting its row."""

from __future__ import annotations

import re

import msgspec

from lain_tui.cli.documents.document import camel
from lain_tui.cli.documents.schema import documents, schema_of
from lain_tui.cli.root import COMMANDS, SECTIONS
from lain_tui.core.config.describe import describe
from lain_tui.core.config.settings import Plugin
from lain_tui.core.model.described import sentences
from tests.packaging.sbom import direct_dependencies, licence_of

_MARKED = re.compile(r"(?P<begin><!-- (?P<name>[a-z-]+): .*? -->\n).*?(?P<end><!-- end -->)", re.DOTALL)


def with_sections(text: str) -> str:
    """The page of commands, those in it that were not there yet; what is written in a section stays."""
    head, *parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    own: dict[str, str] = {}
    for part in parts:
        title, _, body = part.partition("\n")
        if not title.startswith("## ▸"):
            own[title.removeprefix("## ")] = body
    written = [head]
    for names in SECTIONS.values():
        for name in names:
            body = own.pop(name, f"\n{COMMANDS[name]}\n\n```console\n$ lain-tui {name} --help\n```\n\n")
            written.append(f"## {name}\n{body}")
    return "".join(written)


def filled(text: str) -> str:
    """The page with the tables that the code knows, between `<!-- NAME: … -->` and `<!-- end -->`."""
    return _MARKED.sub(lambda match: f"{match['begin']}{TABLES[match['name']]()}{match['end']}", text)


def _settings() -> str:
    rows = ["| setting | default | variable | what it is |", "|---|---|---|---|"]
    rows += [
        f"| `{one.name}` | `{_value(one.default)}` | `{one.variable}` | {one.about} |"
        for one in describe({}, {})
    ]
    return "\n".join(rows) + "\n"


def _plugin() -> str:
    rows = ["| key | what it is |", "|---|---|"]
    rows += [f"| `{name}` | {about} |" for name, about in sentences(Plugin).items()]
    return "\n".join(rows) + "\n"


def _names() -> str:
    from lain_tui.core.config.plugins import NAMES

    return (
        "\n".join(["| name | stands for |", "|---|---|", *(f"| `${n}` | {w} |" for n, w in NAMES.items())])
        + "\n"
    )


def _commands() -> str:
    rows = ["| about | commands |", "|---|---|"]
    rows += [f"| {title} | {' '.join(f'`{name}`' for name in names)} |" for title, names in SECTIONS.items()]
    return "\n".join(rows) + "\n"


def _kinds() -> str:
    rows = ["| kind | of | fields beside `apiVersion` and `kind` |", "|---|---|---|"]
    for kind, one in documents().items():
        commands = (
            " ".join(f"`{name}`," for name in one.of).rstrip(",") if len(one.of) < 5 else "every change"
        )
        fields = [camel(name) for name in one.__struct_fields__ if name != "api_version"]
        rows.append(f"| `{kind}` | {commands} | {' '.join(f'`{name}`' for name in fields)} |")
    return "\n".join(rows) + "\n"


def schema() -> str:
    """The schema of every document, as the file of the documentation holds it."""
    return msgspec.json.format(msgspec.json.encode(schema_of(*documents())), indent=1).decode() + "\n"


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else '""' if value == "" else str(value)


def _dependencies() -> str:
    lines = ["| package | from | licence | why |", "|---|---|---|---|"]
    for one in direct_dependencies():
        extra = f" (extra `{one.extra}`)" if one.extra else ""
        lines.append(f"| {one.name}{extra} | {one.bound} | {licence_of(one.name)} | {one.why} |")
    return "\n".join(lines) + "\n"


TABLES = {
    "dependencies": _dependencies,
    "settings": _settings,
    "plugin": _plugin,
    "plugin-names": _names,
    "commands": _commands,
    "kinds": _kinds,
}
