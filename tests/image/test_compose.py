"""The docker-compose.yaml to begin with."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from compose_spec import PyCompose
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lain_tui.core.image.compose import render_compose
from lain_tui.core.values.layers import read_layers
from tests.image.conftest import Repository
from tests.values.files import TRAPS

NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
TEXTS = st.one_of(
    st.sampled_from(
        [
            *TRAPS,
            "1:30",
            "2001-01-01",
            "0xFFFFFFFFFFFFFFFFFFFF",
            "9" * 30,
            "_1",
            "1_0.5e3",
            "on",
            "y",
            "=",
            "$HOME",
            "${A:-b}",
            "$$",
            "中文",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)
PROCS = st.dictionaries(
    NAMES,
    st.fixed_dictionaries(
        {},
        optional={
            "command": st.lists(TEXTS, max_size=4),
            "env": st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9_]{0,6}", fullmatch=True), TEXTS, max_size=4),
            "image": st.sampled_from(["nginx", "redis:7", "reg.example.com:5000/a/b:1"]),
            "imageTag": st.sampled_from(["v1", "1.0"]),
            "workingDir": st.sampled_from(["/srv", "/a b", "/c:d", "/中文"]),
            "replicaCount": st.integers(0, 3),
        },
    )
    | st.none(),
    max_size=3,
)


def valid(text: str) -> dict[str, Any]:
    """What a compose file says, once the specification's own rules have been held to it, and both dialects of YAML agree."""
    services = PyCompose.from_yaml(text).to_dict().get("services", {})
    loaded: dict[str, Any] = yaml.safe_load(text)
    assert set(services) == set(loaded["services"])
    for name, service in loaded["services"].items():
        for key in ("environment", "command"):
            assert service.get(key) == services[name].get(key), f"{key} depends on who reads it: {text}"
    return loaded


def test_each_lasting_proc_is_a_service(repository: Repository) -> None:
    values = repository.values(
        env={"FOO": "global", "ALL": "1"},
        deployments={
            "web": {"command": ["/lain/app/run.py"], "env": {"FOO": "BAR"}},
            "other": {"image": "nginx:1", "workingDir": "/srv/x"},
            "fixed": {"imageTag": "v1", "command": ["run"]},
            "off": None,
        },
        statefulSets={"queue": {"command": ["q"]}},
        cronjobs={"nightly": {"command": ["n"]}},
    )
    services = valid(render_compose(values, registry="ccr.ccs.tencentyun.com/yashi"))["services"]
    assert list(services) == ["web", "other", "fixed", "queue"]
    assert services["web"] == {
        "image": "ccr.ccs.tencentyun.com/yashi/dummy:latest",
        "pull_policy": "always",
        "command": ["/lain/app/run.py"],
        "volumes": [".:/lain/app"],
        "environment": {"FOO": "BAR", "ALL": "1"},
        "working_dir": "/lain/app",
    }
    assert services["other"]["image"] == "nginx:1"
    assert services["other"]["working_dir"] == "/srv/x"
    assert services["other"]["volumes"] == [".:/srv/x"]
    assert services["fixed"]["image"] == "ccr.ccs.tencentyun.com/yashi/dummy:v1"
    assert "pull_policy" not in services["fixed"]


def test_values_arrive_as_written(repository: Repository) -> None:
    env = {"A": "$HOME ${X}", "B": "true", "C": "two\nlines", "D": "中文: #x", "E": "012"}
    values = repository.values(deployments={"web": {"command": ["sh", "-c", "echo $A"], "env": env}})
    web = valid(render_compose(values))["services"]["web"]
    assert {key: value.replace("$$", "$") for key, value in web["environment"].items()} == env
    assert web["environment"]["A"] == "$$HOME $${X}"
    assert web["command"] == ["sh", "-c", "echo $$A"]


def test_an_app_of_jobs_alone_has_no_services_and_stays_valid(repository: Repository) -> None:
    values = repository.values(jobs={"migrate": {}}, deployments={"off": None})
    assert valid(render_compose(values)) == {"services": {}}


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(deployments=PROCS, sets=PROCS, everywhere=st.dictionaries(st.sampled_from(["A", "B"]), TEXTS))
def test_any_values_give_a_valid_file_with_everything_as_written(
    deployments: dict[str, Any], sets: dict[str, Any], everywhere: dict[str, str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        chart = Path(folder) / "chart"
        chart.mkdir()
        values = {"appname": "dummy", "env": everywhere, "deployments": deployments, "statefulSets": sets}
        # JSON is YAML in which nothing is taken for anything else.
        (chart / "values.yaml").write_bytes(msgspec.json.encode(values))
        services = valid(render_compose(read_layers(chart), registry="reg.example.com:5000/team"))["services"]
    for name, proc in {**deployments, **sets}.items():
        if proc is None:
            continue
        service = services[name]
        given = {**everywhere, **proc.get("env", {})}
        assert {key: text.replace("$$", "$") for key, text in service.get("environment", {}).items()} == given
        assert [word.replace("$$", "$") for word in service.get("command", [])] == proc.get("command", [])
        assert service["working_dir"] == proc.get("workingDir", "/lain/app")


@pytest.mark.parametrize("wrong", ["services: {web: {imagee: x}}", "services: {web: {command: {a: b}}}"])
def test_the_referee_refuses_what_is_not_valid(wrong: str) -> None:
    with pytest.raises(ValueError):
        valid(wrong)
