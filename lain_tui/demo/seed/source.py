"""The source of app dummy: its repository, whose commits are what the image tags stand for."""

from __future__ import annotations

from ..repository import Repository
from ..storage import Obj, copy
from . import chart
from .manifest import yaml

APP = "dummy"
REMOTE = "https://gitlab.demo.local/dev/dummy"
_SUBJECTS = (
    ("timfeirg", "Serve the first page"),
    ("lili", "Send mail from a worker"),
    ("timfeirg", "Report to the team once a day"),
    ("lili", "Bump dependencies"),
    ("timfeirg", "Fix login redirect"),
    ("lili", "Worker: a default for MYSQL_HOST, and dummy-admin goes to web"),
)
"""Author and subject of each commit; the last one is not deployed yet."""
_RUN = '''"""App dummy, revision {number}."""

import sys

print("role", sys.argv[1])
'''


def next_values(values: Obj) -> Obj:
    """Give the values.yaml of the commit that is still to be deployed."""
    fresh = copy(values)
    fresh["env"]["LOG_LEVEL"] = "info"
    fresh["deployments"]["worker"]["env"]["MYSQL_HOST"] = "mysql.demo.local"
    fresh["ingresses"][1]["deployName"] = "web"
    return fresh


def repository(values: Obj, times: list[float]) -> tuple[Repository, list[str]]:
    """Make the repository: a commit at each time, and its image tag; the last is HEAD."""
    source = Repository()
    tags = []
    for number, (when, (author, subject)) in enumerate(zip(times, _SUBJECTS, strict=True), 1):
        last = number == len(_SUBJECTS)
        sha = source.commit(_files(next_values(values) if last else values, number), when, author, subject)
        tags.append(f"{int(when)}-{sha}")
    return source, tags


def _files(values: Obj, number: int) -> dict[str, str]:
    """The work tree. What only a cluster or a deploy knows is not in values.yaml."""
    own = {key: value for key, value in values.items() if key not in ("imageTag", "cluster", "registry")}
    files = {
        "run.py": _RUN.format(number=number),
        "requirements.txt": "flask>=3.0\n",
        "chart/Chart.yaml": chart.chart_yaml(values["appname"]),
        "chart/values.yaml": f"# The app of the demo. What differs from cluster to cluster: values-CLUSTER.yaml.\n{yaml(own)}\n",
    }
    return files | {f"chart/templates/{name}": chart.template(name) for name in chart.TEMPLATES}
