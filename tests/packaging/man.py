"""The man page, from the commands themselves: `python -m tests.packaging.man FILE` writes it (roff, man(7))."""

from __future__ import annotations

from pathlib import Path

from lain_tui.cli.commands.help import MEANINGS
from lain_tui.cli.options import everywhere
from lain_tui.cli.root import COMMANDS, SECTIONS

PAGE = Path(__file__).parent.parent.parent / "man" / "lain-tui.1"

_FILES = {
    "~/.config/lain-tui/config.yaml": "Your settings; lain-tui config show --about prints one to begin with.",
    "~/.kube/kubeconfig-NAME": "A cluster of lain's; ~/.kube/config is a link to the current one.",
    "~/.cache/lain-tui": "Names for completion, kept for half a minute.",
    "~/.local/state/lain-tui": "Reports of bugs, without any of your data.",
}
_VARIABLES = {
    "KUBECONFIG": "The kubeconfigs, as for kubectl.",
    "LAIN_CLUSTER_VALUES_DIR": "The folder of clusters' values, values-NAME.yaml.",
    "LAIN_TUI_…": "Any setting: LAIN_TUI_THEME, LAIN_TUI_LOGS_LINES.",
    "LAIN_REMOTE_DOCKER": "As --remote-docker.",
    "GITLAB_API_TOKEN": "For assign-mr and wait-mr-approval.",
    "NO_COLOR": "No colours.",
    "CI": "true: nothing is asked, as --no-input.",
}


def man() -> str:
    """The page."""
    lines = [
        '.TH LAIN-TUI 1 "" "lain-tui" "User Commands"',
        *_section("NAME", "lain-tui \\- the whole life of an app on Kubernetes and Helm"),
        *_section("SYNOPSIS", ".B lain-tui", "[\\fIOPTIONS\\fR] [\\fICOMMAND\\fR] [\\fIARGS\\fR]..."),
        *_section(
            "DESCRIPTION",
            "Without a command the full-screen app opens, in an app's repository on that app.",
            "With one, the same is done without a screen, for scripts and CI.",
            ".B lain-tui COMMAND \\-\\-help",
            "tells of each.",
        ),
        ".SH COMMANDS",
    ]
    for title, names in SECTIONS.items():
        lines += [f".SS {title}", *(_entry(name, COMMANDS[name]) for name in names)]
    lines.append(".SH OPTIONS")
    for option in everywhere():
        names = ", ".join(option.opts) + (f" {option.metavar}" if option.metavar else "")
        lines.append(_entry(names, option.help or ""))
    lines += [".SH EXIT STATUS", *(_entry(str(int(code)), f"{told}.") for code, told in MEANINGS.items())]
    lines += [".SH ENVIRONMENT", *(_entry(name, told) for name, told in _VARIABLES.items())]
    lines += [".SH FILES", *(_entry(name, told) for name, told in _FILES.items())]
    lines += _section("SEE ALSO", ".BR kubectl (1),", ".BR helm (1)")
    return "\n".join(lines) + "\n"


def _section(title: str, *lines: str) -> list[str]:
    return [f".SH {title}", *lines]


def _entry(name: str, told: str) -> str:
    return f".TP\n.B {_escaped(name)}\n{_escaped(told)}"


def _escaped(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(man())
