"""Containers that the runtime cannot create or start."""

from __future__ import annotations

import re

from lain_tui.core.model.finding import Finding
from lain_tui.core.model.text import shortened
from lain_tui.core.triage.case import (
    PodCase,
    called,
    event_evidence,
    events_of,
    finding,
    latest_event,
    status_evidence,
    trouble,
)

_REASONS = frozenset({"CreateContainerError", "RunContainerError", "StartError", "ContainerCannotRun",
                      "PreCreateHookError", "PreStartHookError", "PostStartHookError",
                      "RunInitContainerError"})  # fmt: skip

# runc's words (libcontainer), as containerd and CRI-O pass them on.
_EXEC = re.compile(r"exec: \"?(?P<command>[^\":]+)\"?:? (?P<why>.*)")
_NOT_FOUND = re.compile(r"executable file not found in \$?PATH|no such file or directory")
_DENIED = re.compile(r"permission denied")
_FORMAT = re.compile(r"exec format error")
_CHDIR = re.compile(
    r"(?:chdir to cwd \(\"(?P<quoted>[^\"]+)\"\)|mkdir (?P<made>/\S+)).*?"
    r"(?P<why>permission denied|not a directory|no such file)"
)
_SUBPATH = re.compile(
    r"failed to (?:prepare|create) subPath(?: directory)? for volumeMount \"(?P<volume>[^\"]+)\""
)
_MOUNT_TYPE = re.compile(
    r"mounting \"(?P<source>[^\"]+)\" to rootfs at \"(?P<target>[^\"]+)\".*not a directory"
)
_NAME_TAKEN = re.compile(
    r"container name \"(?P<name>[^\"]+)\" .*(?:is reserved|already in use)|name is reserved"
)
_NO_COMMAND = re.compile(r"[Nn]o command specified|no command specified")
_NO_USER = re.compile(r"unable to find user (?P<user>\S+):")
_LIMIT_LOW = re.compile(r"memory limit too low|container init was OOM-killed|minimum memory limit")


def start_error(case: PodCase) -> Finding | None:
    """The runtime refuses to create or start a container."""
    found = trouble(case)
    if found is None:
        return None
    state = found.status.state
    end = state.terminated or found.status.last_state.terminated
    waiting = state.waiting
    if waiting is not None and waiting.reason in _REASONS:
        reason, text = waiting.reason, waiting.message
    elif end is not None and end.reason in _REASONS:
        reason, text = end.reason, end.message
    else:
        return None
    if not text:
        failed = latest_event(case, "Failed")
        text = failed.message if failed is not None else ""
    code, title, sentence = _words(text, called(case, found))
    return finding(
        case,
        code,
        title,
        explanation=[sentence],
        container=found.name,
        evidence=[
            *event_evidence(events_of(case, "Failed", "BackOff"), most=4),
            status_evidence(text, reason),
        ],
    )


def _words(text: str, name: str) -> tuple[str, str, str]:
    """The code, the title and a sentence for a runtime's error."""
    if match := _SUBPATH.search(text):
        return (
            "subpath-failed",
            f"{name} cannot mount a part of volume {match['volume']}",
            "Its subPath is not there, or cannot be made: check that the key or file exists.",
        )
    if match := _MOUNT_TYPE.search(text):
        return (
            "mount-mismatch",
            f"{name} mounts a file over a directory, or a directory over a file, at {match['target']}",
            "With subPath the key must exist in the Secret or ConfigMap: else Kubernetes makes a directory of it.",
        )
    if match := _CHDIR.search(text):
        folder = match["quoted"] or match["made"]
        return (
            "working-directory",
            f"{name} cannot enter its working directory {folder}",
            f"{match['why']}: {folder}",
        )
    if _FORMAT.search(text):
        return (
            "exec-format",
            f"{name}'s program is built for another processor, or a script without its #! line",
            shortened(text, 200),
        )
    if match := _NO_USER.search(text):
        return "no-such-user", f"{name}'s image has no user {match['user']}", shortened(text, 200)
    if _LIMIT_LOW.search(text):
        return "limit-too-low", f"{name}'s memory limit is too low to start at all", shortened(text, 200)
    if match := _EXEC.search(text):
        command = match["command"].strip()
        if _NOT_FOUND.search(match["why"]):
            return (
                "command-not-found",
                f"{name} cannot start: its image has no {command}",
                f"{command} is neither in the image's PATH nor a file in it. Check `command`.",
            )
        if _DENIED.search(match["why"]):
            return (
                "command-not-executable",
                f"{name} cannot start: {command} may not be executed",
                "Make it executable (chmod +x) for user 1001 when the image is built.",
            )
    if _NO_COMMAND.search(text):
        return "no-command", f"{name} has no command, and its image names none", ""
    if _NAME_TAKEN.search(text):
        return (
            "name-taken",
            f"the node still has an older container of {name}",
            "The kubelet tries again by itself.",
        )
    return "start-failed", f"{name} cannot be started", shortened(text, 300)
