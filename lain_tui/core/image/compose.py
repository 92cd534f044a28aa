"""A docker-compose.yaml to begin with, for running the app on one's own machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lain_tui.core.image.names import LATEST, image_name
from lain_tui.core.image.spec import WORKDIR, app_name
from lain_tui.core.lint.report import scalar
from lain_tui.core.values.layers import Values
from lain_tui.core.values.writer import to_yaml

_HEADER = """\
# A start for local development, made from the chart's values: review it, then add what the app needs.
# https://github.com/compose-spec/compose-spec/blob/main/spec.md
"""
_FOOTER = """\

  # redis:
  #   image: "redis:7"

  # mysql:
  #   image: "mysql:8"
  #   command: --character-set-server=utf8mb4 --collation-server=utf8mb4_general_ci
  #   environment:
  #     MYSQL_ROOT_PASSWORD: root
  #     MYSQL_DATABASE: {app}
"""


def render_compose(values: Values, *, registry: str = "") -> str:
    """One service for each lasting proc, with this folder in place of the image's working directory."""
    app = app_name(values)
    everywhere = values.get("env") or {}
    procs = {**(values.get("deployments") or {}), **(values.get("statefulSets") or {})}
    procs = {name: proc for name, proc in procs.items() if proc is not None}
    text = _HEADER + ("services:\n" if procs else "services: {}\n")
    for name, proc in procs.items():
        text += "\n" + _indented({name: _service(proc, everywhere, app, registry)})
        text += "    # depends_on:\n    #   - redis\n    #   - mysql\n"
    return text + _FOOTER.format(app=app)


def _service(
    proc: Mapping[str, Any], everywhere: Mapping[str, Any], app: str, registry: str
) -> dict[str, Any]:
    service: dict[str, Any] = {}
    if proc.get("image"):
        service["image"] = str(proc["image"])
    elif proc.get("imageTag"):
        service["image"] = image_name(registry, app, str(proc["imageTag"]))
    else:
        # Each push moves `latest`.
        service |= {"image": image_name(registry, app, LATEST), "pull_policy": "always"}
    if proc.get("command"):
        service["command"] = [_plain(word) for word in proc["command"]]
    workdir = str(proc.get("workingDir") or WORKDIR)
    service["volumes"] = (
        [{"type": "bind", "source": ".", "target": workdir}] if ":" in workdir else [f".:{workdir}"]
    )
    environment = {**everywhere, **(proc.get("env") or {})}
    if environment:
        service["environment"] = {
            key: _plain(value) for key, value in environment.items() if value is not None
        }
    service["working_dir"] = workdir
    return service


def _plain(value: Any) -> str:
    """Compose replaces $NAME by this machine's variable: two dollars are one that stays."""
    return scalar(value).replace("$", "$$")


def _indented(service: dict[str, Any]) -> str:
    return "".join(
        f"  {line}" if line.strip() else line for line in to_yaml(service).splitlines(keepends=True)
    )
