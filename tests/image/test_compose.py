"""The docker-compose.yaml to begin with."""

from __future__ import annotations

import yaml

from lain_tui.core.image.compose import render_compose
from tests.image.conftest import Repository


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
    services = yaml.safe_load(render_compose(values, registry="ccr.ccs.tencentyun.com/yashi"))["services"]
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
    web = yaml.safe_load(render_compose(values))["services"]["web"]
    assert {key: value.replace("$$", "$") for key, value in web["environment"].items()} == env
    assert web["environment"]["A"] == "$$HOME $${X}"
    assert web["command"] == ["sh", "-c", "echo $$A"]


def test_an_app_of_jobs_alone_has_no_services_and_stays_valid(repository: Repository) -> None:
    import yaml

    values = repository.values(jobs={"migrate": {}}, deployments={"off": None})
    assert yaml.safe_load(render_compose(values)) == {"services": {}}
