"""Rules on what runs in a container: env, command, resources, mounts."""

from __future__ import annotations

import json
import re
import shlex

from lain_tui.core.lint.report import Place, Report, described, scalar
from lain_tui.core.model.quantity import parse_quantity

_ENV_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
BUILTIN_ENV = frozenset({"LAIN_CLUSTER", "K8S_NAMESPACE", "IMAGE_TAG"})


def check_env(report: Report, owner: Place) -> None:
    """Text for every key: helm writes 1000000 as 1e+06, and Kubernetes refuses true."""
    env = owner.get("env")
    if env is None or not report.table(env):
        return
    for name, value in env.entries():
        if not _ENV_NAME.fullmatch(name):
            report.error(value, "env-name", f"{name!r} cannot name an environment variable")
        if isinstance(value.value, dict | list):
            report.error(value, "env-not-text", f"{name} must be text, this is {described(value.value)}")
        elif value.value is None:
            report.error(value, "env-not-text", f"{name} has no value", f'For empty text write {name}: "".')
        elif not isinstance(value.value, str):
            mend = f'Write {name}: "{scalar(value.value)}".'
            report.error(
                value, "env-not-text", f"{name} must be text, this is {described(value.value)}", mend
            )
        if name in BUILTIN_ENV:
            report.warning(value, "env-built-in", f"{name} is set by lain; this value takes its place")


def check_command(report: Report, owner: Place, *, required: bool) -> None:
    """The command is an exec list: the program, then each argument."""
    command = owner.get("command")
    if command is None:
        if required and owner.get("image") is None:
            report.missing(owner, "command", 'Such as command: ["/lain/app/run.py"].')
        return
    if isinstance(command.value, str):
        report.error(command, "command", "command must be a list, this is a text", _as_list(command.value))
        return
    if not report.texts(command):
        return
    first = next(command.items(), None)
    if first is None:
        report.error(command, "command", "command is an empty list")
    elif re.search(r"\s", first.value):
        what = f"the program's name {first.value!r} holds a space"
        report.error(first, "command", what, f"It is no shell line. {_as_list(first.value)}")


def _as_list(line: str) -> str:
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    if not words or re.search(r"[|&;<>$`*?]", line):
        words = ["sh", "-c", line]
    return f"Write {json.dumps(words, ensure_ascii=False)}."


def check_resources(report: Report, owner: Place, *, required: bool) -> None:
    """Requests and limits, cpu and memory each; nothing else."""
    resources = owner.get("resources")
    if resources is None:
        if required:
            report.missing(owner, "resources", "Give requests and limits, each with cpu and memory.")
        return
    if not report.table(resources):
        return
    _no_other_keys(report, resources, ("requests", "limits"))
    amounts: dict[tuple[str, str], float] = {}
    for side in ("requests", "limits"):
        part = resources.get(side)
        if part is None:
            report.missing(resources, side)
            continue
        if not report.table(part):
            continue
        _no_other_keys(report, part, ("cpu", "memory"))
        for name in ("cpu", "memory"):
            place = part.get(name)
            if place is None:
                report.missing(part, name)
            elif (amount := _quantity(report, place)) is not None:
                amounts[side, name] = amount
    for name in ("cpu", "memory"):
        request, limit = amounts.get(("requests", name)), amounts.get(("limits", name))
        asked = resources.get("requests")
        place = asked.get(name) if asked is not None else None
        if place is not None and request is not None and limit is not None and request > limit:
            what = f"more {name} is requested than the limit allows"
            report.error(place, "request-over-limit", what, "Raise the limit or lower the request.")


def _quantity(report: Report, place: Place) -> float | None:
    """The amount; None when there is something to say against it."""
    if isinstance(place.value, dict | list | bool):
        report.error(place, "quantity", f"{place.name} must be a quantity, this is {described(place.value)}")
        return None
    text = str(place.value)
    try:
        amount = parse_quantity(text)
    except ValueError:
        example = "500m or 2" if place.name == "cpu" else "512Mi or 2Gi"
        report.error(place, "quantity", f"{text!r} is no quantity", f"Such as {example}.")
        return None
    before = len(report.findings)
    if amount < 0:
        report.error(place, "quantity", f"{text} is below nothing")
    elif place.name == "memory" and text.endswith("m"):
        what = f"{text} of memory is thousandths of a byte"
        report.error(place, "memory-unit", what, f"Write {text[:-1]}Mi.")
    elif place.name == "memory" and 0 < amount < 4 * 2**20:
        what = f"{text} of memory is less than any container needs to start"
        report.error(place, "memory-unit", what, "Write Mi or Gi after the number.")
    elif place.name == "cpu" and amount >= 256:
        report.warning(
            place, "cpu-unit", f"{text} is {amount:.0f} whole cores", f"For thousandths write {text}m."
        )
    return amount if len(report.findings) == before else None


def _no_other_keys(report: Report, place: Place, known: tuple[str, ...]) -> None:
    for key, entry in place.entries():
        if key not in known:
            report.error(entry, "unknown-key", f"{key} is not known here", f"Only {' and '.join(known)} are.")


def check_mounts(report: Report, owner: Place, volumes: frozenset[str]) -> None:
    """mountPath, and a subPath that is a file's name; `volumes` are the names that can be mounted."""
    mounts = owner.get("volumeMounts")
    if mounts is None or not report.sequence(mounts):
        return
    seen: dict[str, Place] = {}
    for mount in mounts.items():
        if not report.table(mount):
            continue
        path, sub, name = mount.get("mountPath"), mount.get("subPath"), mount.get("name")
        if path is None:
            report.missing(mount, "mountPath", "Where in the container it appears.")
        elif report.text(path):
            if path.value in seen:
                report.error(
                    path, "mount-twice", f"{path.value} is mounted twice", "Kubernetes refuses that."
                )
            seen[path.value] = path
        if (
            sub is not None
            and report.text(sub)
            and (base := sub.value.rstrip("/").rpartition("/")[2]) != sub.value
        ):
            what = f"subPath {sub.value!r} is a path, it must be the name of a file in the Secret"
            if name is None or name.value == "secret":
                report.error(sub, "sub-path", what, f"Write subPath: {base}.")
        if name is not None and report.text(name) and name.value not in volumes:
            what = f"there is no volume named {name.value}"
            report.error(name, "unknown-volume", what, "Declare it in volumes or persistentVolumeClaims.")


def check_init_containers(report: Report, owner: Place, volumes: frozenset[str]) -> None:
    """Init containers have the rules of a container; their resources have defaults."""
    containers = owner.get("initContainers")
    if containers is None or not report.sequence(containers):
        return
    for container in containers.items():
        if not report.table(container):
            continue
        name = container.get("name")
        if name is None:
            report.missing(container, "name")
        else:
            report.text(name)
        check_env(report, container)
        check_command(report, container, required=False)
        check_resources(report, container, required=False)
        check_mounts(report, container, volumes)
