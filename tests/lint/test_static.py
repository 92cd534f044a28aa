"""Every rule of the values, broken one at a time: the finding names the place and what to write."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from lain_tui.core.lint.static import lint_values
from lain_tui.core.model.lint import LintFinding, LintSeverity
from lain_tui.core.project.init import chart_files
from lain_tui.core.values.layers import read_layers
from tests.chart.conftest import uncommented

GOOD = """\
appname: dummy
env: {LOG: info}
volumes:
  - name: jfs
volumeMounts:
  - {mountPath: /lain/app/deploy/topsecret.txt, subPath: topsecret.txt}
deployments:
  web:
    command: ["/lain/app/run.py"]
    replicaCount: 2
    containerPort: 5000
    readinessProbe: {tcpSocket: {port: 5000}}
    resources: &resources
      requests: {cpu: 10m, memory: 80Mi}
      limits: {cpu: 1, memory: 80Mi}
    hpa: {maxReplicas: 3}
statefulSets:
  queue: {command: [q], replicaCount: 1, resources: *resources}
cronjobs:
  nightly: {schedule: "0 17 * * *", command: [run]}
jobs:
  migrate: {command: [m]}
tests:
  smoke: {image: curl}
ingresses:
  - {host: dummy, deployName: web, paths: [/]}
externalIngresses:
  - {host: www.example.com, deployName: web, paths: [/]}
canaryGroups:
  small: {nginx.ingress.kubernetes.io/canary-weight: "10"}
hostAliases:
  - {ip: 127.0.0.1, hostnames: [localhost]}
build:
  base: python:latest
  prepare: {script: [a], keep: [treasure.txt, ./a/b, "with space", .cache]}
  script: [b]
release:
  copy: [/path, {src: /etc/nginx}, {src: /path, dest: /another}]
"""


def lint(directory: Path, *layers: str) -> list[LintFinding]:
    chart = directory / "chart"
    chart.mkdir(exist_ok=True)
    (chart / "values.yaml").write_text(layers[0])
    extra = []
    for number, text in enumerate(layers[1:]):
        extra.append(directory / f"extra-{number}.yaml")
        extra[-1].write_text(text)
    return lint_values(read_layers(chart, extra=extra))


def test_good_values_have_no_findings(tmp_path: Path) -> None:
    assert lint(tmp_path, GOOD) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_init_writes_has_no_findings(tmp_path: Path, language: Any) -> None:
    values = chart_files("dummy", language)["values.yaml"]
    assert lint(tmp_path, values) == []
    assert lint(tmp_path, yaml.safe_dump(uncommented(values))) == []


# Each case: what is laid over the good values, the rule, the key, words of the finding, words of the mend.
BROKEN = [
    ("appname: null", "required", "appname", "appname is missing", ""),
    ("appname: 5", "type", "appname", "must be text, this is the number 5", '"5"'),
    ("appname: deployments", "name", "appname", "key of the values itself", ""),
    ("releaseName: Dummy", "name", "releaseName", "lower-case", ""),
    ("env: [A]", "type", "env", "must be a map", ""),
    ("env: {A: 1000000}", "env-not-text", "env.A", "this is the number 1000000", 'A: "1000000"'),
    ("env: {A: 1}", "env-not-text", "env.A", "the number 1", 'A: "1"'),
    ("env: {A: true}", "env-not-text", "env.A", "the truth value true", 'A: "true"'),
    ("env: {A: null}", "env-not-text", "env.A", "no value", '""'),
    ("env: {A: [x]}", "env-not-text", "env.A", "this is a list", ""),
    ("env: {'A B': x}", "env-name", "env.A B", "cannot name", ""),
    ("deployments: [web]", "type", "deployments", "must be a map", ""),
    ("deployments: {web: text}", "type", "deployments.web", "must be a map", ""),
    ("jobs: {env: {image: i}}", "name", "jobs.env", "key of the values itself", ""),
    ("jobs: {Migrate: {command: [m]}}", "name", "jobs.Migrate", "lower-case", ""),
    ("tests: {script: {image: i}}", "name", "tests.script", "key of the values itself", ""),
    (f"jobs: {{{'a' * 60}: {{image: i}}}}", "name", "jobs.a", "characters", ""),
    (f"cronjobs: {{{'a' * 50}: {{schedule: '@daily', image: i}}}}", "name", "cronjobs.a", "characters", ""),
    ("deployments: {web: {command: null}}", "required", "deployments.web.command", "missing", "run.py"),
    ("deployments: {web: {command: ./run.py --x 'a b'}}", "command", "deployments.web.command", "must be a list",
     '["./run.py", "--x", "a b"]'),
    ("deployments: {web: {command: a | b}}", "command", "deployments.web.command", "must be a list",
     '["sh", "-c", "a | b"]'),
    ("deployments: {web: {command: ['run.py --x']}}", "command", "deployments.web.command[0]", "holds a space",
     '["run.py", "--x"]'),
    ("deployments: {web: {command: [sleep, 5]}}", "type", "deployments.web.command[1]", "must be text", '"5"'),
    ("deployments: {web: {command: []}}", "command", "deployments.web.command", "empty list", ""),
    ("deployments: {web: {replicaCount: null}}", "required", "deployments.web.replicaCount", "missing", ""),
    ("deployments: {web: {replicaCount: two}}", "type", "deployments.web.replicaCount", "a whole number", ""),
    ("deployments: {web: {replicaCount: true}}", "type", "deployments.web.replicaCount", "a whole number", ""),
    ("deployments: {web: {containerPort: '5000'}}", "type", "deployments.web.containerPort", "a whole number", ""),
    ("deployments: {web: {containerPort: 70000}}", "port", "deployments.web.containerPort", "no port", ""),
    ("deployments: {web: {nodePort: 8080}}", "node-port", "deployments.web.nodePort", "30000 to 32767", ""),
    ("deployments: {web: {resources: null}}", "required", "deployments.web.resources", "missing", ""),
    ("deployments: {web: {resources: {limits: null}}}", "required", "deployments.web.resources.limits", "", ""),
    ("deployments: {web: {resources: {limits: {cpu: null}}}}", "required", "deployments.web.resources.limits.cpu",
     "missing", ""),
    ("deployments: {web: {resources: {limits: {gpu: 1}}}}", "unknown-key", "deployments.web.resources.limits.gpu",
     "not known", "cpu and memory"),
    ("deployments: {web: {resources: {claims: []}}}", "unknown-key", "deployments.web.resources.claims", "", ""),
    ("deployments: {web: {resources: {limits: {memory: 80m}}}}", "memory-unit",
     "deployments.web.resources.limits.memory", "thousandths of a byte", "80Mi"),
    ("deployments: {web: {resources: {limits: {memory: 800}}}}", "memory-unit",
     "deployments.web.resources.limits.memory", "less than any container", "Mi or Gi"),
    ("deployments: {web: {resources: {limits: {memory: 1GB}}}}", "quantity",
     "deployments.web.resources.limits.memory", "no quantity", "512Mi"),
    ("deployments: {web: {resources: {requests: {cpu: 2}}}}", "request-over-limit",
     "deployments.web.resources.requests.cpu", "more cpu is requested", ""),
    ("deployments: {web: {hpa: {targetCPUUtilizationPercentage: 80}}}", "hpa",
     "deployments.web.hpa.targetCPUUtilizationPercentage", "gone", "hpa.metrics"),
    ("deployments: {web: {hpa: {maxReplicas: null}}}", "required", "deployments.web.hpa.maxReplicas", "", ""),
    ("deployments: {web: {hpa: {maxReplicas: 1}}}", "hpa", "deployments.web.hpa.maxReplicas", "below", ""),
    ("deployments: {web: {imagePullPolicy: always}}", "type", "deployments.web.imagePullPolicy", "Always", ""),
    ("deployments: {web: {initContainers: [{command: [x]}]}}", "required",
     "deployments.web.initContainers[0].name", "missing", ""),
    ("deployments: {web: {initContainers: [{name: a, env: {B: 1}}]}}", "env-not-text",
     "deployments.web.initContainers[0].env.B", "must be text", ""),
    ("statefulSets: {queue: {replicaCount: null}}", "required", "statefulSets.queue.replicaCount", "", ""),
    ("cronjobs: {nightly: {schedule: null}}", "required", "cronjobs.nightly.schedule", "missing", ""),
    ("cronjobs: {nightly: {schedule: '61 * * * *'}}", "cron-schedule", "cronjobs.nightly.schedule",
     "between 0 and 59", ""),
    ("cronjobs: {nightly: {concurrencyPolicy: replace}}", "type", "cronjobs.nightly.concurrencyPolicy", "", ""),
    ("cronjobs: {nightly: {resources: {requests: {cpu: 1, memory: 1Gi}}}}", "required",
     "cronjobs.nightly.resources.limits", "missing", ""),
    ("cronjobs: {web: {schedule: '@daily', command: [run]}}", "name-twice", "cronjobs.web", "one of deployments", ""),
    ("tests: {nightly: {image: i}}", "name-twice", "tests.nightly", "cronjobs", ""),
    ("jobs: {web: {command: [run]}}", "name-twice", "jobs.web", "one of deployments", "Rename"),
    ("volumeMounts: [{subPath: a}]", "required", "volumeMounts[0].mountPath", "missing", ""),
    ("volumeMounts: [{mountPath: /a, subPath: deploy/a}]", "sub-path", "volumeMounts[0].subPath", "is a path",
     "subPath: a."),
    ("volumeMounts: [{mountPath: /a, name: nope}]", "unknown-volume", "volumeMounts[0].name", "no volume", ""),
    ("volumeMounts: [{mountPath: /a, subPath: a}, {mountPath: /a, subPath: b}]", "mount-twice",
     "volumeMounts[1].mountPath", "twice", ""),
    ("ingresses: [{deployName: web, paths: [/]}]", "required", "ingresses[0].host", "missing", ""),
    ("ingresses: [{host: a, paths: [/]}]", "required", "ingresses[0].deployName", "missing", ""),
    ("ingresses: [{host: a, deployName: web}]", "required", "ingresses[0].paths", "missing", ""),
    ("ingresses: [{host: a, deployName: web, paths: /}]", "type", "ingresses[0].paths", "must be a list", ""),
    ("ingresses: [{host: a, deployName: web, paths: [api]}]", "paths", "ingresses[0].paths[0]", "begin with /", ""),
    ("ingresses: [{host: a, deployName: wbe, paths: [/]}]", "ingress-backend", "ingresses[0].deployName",
     "no proc named wbe", "queue, web"),
    ("ingresses: [{host: a, deployName: queue, paths: [/]}]", "ingress-backend", "ingresses[0].deployName",
     "no containerPort", "statefulSets.queue"),
    ("ingresses: [{host: 'http://a', deployName: web, paths: [/]}]", "host", "ingresses[0].host", "no host", ""),
    ("externalIngresses: [{host: a, deployName: web, paths: [/]}]", "host", "externalIngresses[0].host", "full", ""),
    ("canaryGroups: {a: {nginx.ingress.kubernetes.io/rewrite-target: /}}", "canary-annotation",
     "canaryGroups.a.nginx.ingress.kubernetes.io/rewrite-target", "no canary annotation", "canary-weight"),
    ("canaryGroups: {a: {nginx.ingress.kubernetes.io/canary-weight: 10}}", "type",
     "canaryGroups.a.nginx.ingress.kubernetes.io/canary-weight", "must be text", '"10"'),
    ("canaryGroups: {a: {nginx.ingress.kubernetes.io/canary-weight: '110'}}", "canary-annotation",
     "canaryGroups.a.nginx.ingress.kubernetes.io/canary-weight", "0 to 100", ""),
    ("hostAliases: [{hostnames: [a]}]", "required", "hostAliases[0].ip", "missing", ""),
    ("hostAliases: [{ip: 10.0.0.1}]", "required", "hostAliases[0].hostnames", "missing", ""),
    ("hostAliases: [{ip: 10.0.0, hostnames: [a]}]", "ip", "hostAliases[0].ip", "no IP address", ""),
    ("hostAliases: [{ip: 10.0.0.1, hostnames: [a], name: b}]", "unknown-key", "hostAliases[0].name", "", ""),
    ("build: {base: null}", "required", "build.base", "missing", "python"),
    ("build: {script: make}", "type", "build.script", "must be a list", ""),
    ("build: {prepare: {script: null}}", "required", "build.prepare.script", "missing", ""),
    ("build: {prepare: {keep: [a/*]}}", "keep", "build.prepare.keep[0]", "holds a *", ""),
    ("build: {prepare: {keep: [/etc]}}", "keep", "build.prepare.keep[0]", "absolute", "Write etc."),
    ("build: {prepare: {keep: [../x]}}", "keep", "build.prepare.keep[0]", "leads out", ""),
    ("build: null", "release-without-build", "release", "no build", "Add build"),
    ("release: {copy: [{dest: /x}]}", "required", "release.copy[0].src", "missing", ""),
    ("release: {copy: [5]}", "type", "release.copy[0]", "src and dest", ""),
    ("volumes: [{name: a}, {name: a}]", "name-twice", "volumes[1].name", "two volumes", ""),
    ("volumes: [{emptyDir: {}}]", "required", "volumes[0].name", "missing", ""),
    ("deployments: {web: {replicaCount: -1}}", "type", "deployments.web.replicaCount", "below 0", ""),
    ("deployments: {web: {resources: {requests: {cpu: -1}}}}", "quantity", "deployments.web.resources.requests.cpu",
     "below nothing", ""),
    ("deployments: {web: {resources: {limits: {cpu: [1]}}}}", "quantity", "deployments.web.resources.limits.cpu",
     "must be a quantity", ""),
    ("deployments: {web: {hpa: 3}}", "type", "deployments.web.hpa", "must be a map", ""),
    ("deployments: {web: {volumeMounts: {a: b}}}", "type", "deployments.web.volumeMounts", "must be a list", ""),
    ("deployments: {web: {initContainers: migrate}}", "type", "deployments.web.initContainers", "must be a list", ""),
    ("cronjobs: {nightly: {schedule: '@noon'}}", "cron-schedule", "cronjobs.nightly.schedule", "no schedule", ""),
    ("ingresses: {host: a}", "type", "ingresses", "must be a list", ""),
    ("ingresses: [{host: a, deployName: web, paths: []}]", "paths", "ingresses[0].paths", "empty list", ""),
    ("canaryGroups: [small]", "type", "canaryGroups", "must be a map", ""),
    ("hostAliases: {ip: 10.0.0.1}", "type", "hostAliases", "must be a list", ""),
    ("clusterHostAliases: [{ip: ten, hostnames: [a]}]", "ip", "clusterHostAliases[0].ip", "no IP address", ""),
    ("build: [python]", "type", "build", "must be a map", ""),
    ("build: {base: 3.12}", "type", "build.base", "must be text", '"3.12"'),
    ("build: {env: {A: [x]}}", "env-not-text", "build.env.A", "this is a list", ""),
    ("build: {prepare: {script: make}}", "type", "build.prepare.script", "must be a list", ""),
    ("build: {prepare: {keep: [./]}}", "keep", "build.prepare.keep[0]", "names nothing", ""),
    ("release: {copy: /path}", "type", "release.copy", "must be a list", ""),
    ("release: {dest_base: 3}", "type", "release.dest_base", "must be text", '"3"'),
    ("release: {script: make}", "type", "release.script", "must be a list", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("layer", "rule", "key", "what", "mend"), BROKEN, ids=[f"{case[1]}:{case[0][:50]}" for case in BROKEN]
)
def test_each_rule_broken_alone_is_one_error(
    tmp_path: Path, layer: str, rule: str, key: str, what: str, mend: str
) -> None:
    errors = [f for f in lint(tmp_path, GOOD, layer) if f.severity is LintSeverity.ERROR]
    assert rule in {finding.rule for finding in errors}, errors
    finding = next(finding for finding in errors if finding.rule == rule)
    assert finding.key.startswith(key)
    assert what in finding.what
    assert mend in finding.mend
    assert finding.file.endswith(".yaml")
    assert finding.line >= 1
    follows = {"ingress-backend"}  # what leads to a proc that was broken
    assert {other.rule for other in errors if other is not finding} <= follows, errors


@pytest.mark.parametrize(
    ("layer", "rule", "words"),
    [
        ("deployments: {web: {readinessProbe: null}}", "no-readiness", "before it can answer"),
        ("env: {IMAGE_TAG: mine}", "env-built-in", "set by lain"),
        ("deploymnets: {}", "spelling", "deploymnets"),
        ("deployments: {web: {replicaCounts: 1}}", "spelling", "replicaCounts"),
        ("deployments: {web: {resources: {limits: {cpu: 1000}}}}", "cpu-unit", "whole cores"),
    ],
)
def test_what_is_probably_not_meant_is_a_warning(tmp_path: Path, layer: str, rule: str, words: str) -> None:
    findings = lint(tmp_path, GOOD, layer)
    if rule == "spelling":
        findings = [f for f in findings if f.rule == "spelling"]
    assert [(f.rule, f.severity) for f in findings] == [(rule, LintSeverity.WARNING)]
    assert words in findings[0].what


def test_the_place_is_that_of_the_file_that_set_the_key(tmp_path: Path) -> None:
    above = textwrap.dedent("""\
        deployments:
          web:
            resources:
              limits:
                memory: 80m
        """)
    finding = lint(tmp_path, GOOD, above)[0]
    assert (Path(finding.file).name, finding.line) == ("extra-0.yaml", 5)
    below = lint(tmp_path, GOOD.replace("{LOG: info}", "{LOG: 1}"), "deployments: {}")[0]
    assert (Path(below.file).name, below.line, below.key) == ("values.yaml", 2, "env.LOG")


def test_two_procs_cannot_have_the_same_node_port(tmp_path: Path) -> None:
    layer = "{deployments: {web: {nodePort: 30080}}, statefulSets: {queue: {nodePort: 30080}}}"
    findings = [finding for finding in lint(tmp_path, GOOD, layer) if finding.rule == "node-port"]
    assert len(findings) == 1
    assert "already" in findings[0].what


def test_a_proc_that_is_switched_off_is_not_looked_at(tmp_path: Path) -> None:
    assert lint(tmp_path, GOOD, "{statefulSets: {queue: null}, jobs: null}") == []


def test_a_repeated_top_level_key_is_told(tmp_path: Path) -> None:
    chart = tmp_path / "chart"
    chart.mkdir()
    (chart / "values.yaml").write_text(GOOD)
    (chart / "values-test.yaml").write_text("\nappname: dummy\n")
    findings = lint_values(read_layers(chart, cluster="test"))
    assert [(f.rule, Path(f.file).name, f.line, f.key) for f in findings] == [
        ("repeated", "values-test.yaml", 2, "appname")
    ]
