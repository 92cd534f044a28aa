"""One object to read: described in sections, or as YAML; never a Secret's value."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from lain_tui.core.model.description import Description
from lain_tui.core.model.pod import Pod
from lain_tui.core.status.describe import describe
from lain_tui.core.status.document import as_yaml
from tests.kubeobjects import NOW, decode, ended, event, pod_json, waiting

HIDDEN = "hunter2-very-secret"
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
        "name": "dummy-env",
        "managedFields": [{"manager": "helm"}],
        "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": f'{{"stringData":{{"PASSWORD":"{HIDDEN}"}}}}',
            "note": "kept",
        },
    },
    "data": {"PASSWORD": base64.b64encode(HIDDEN.encode()).decode()},
    "stringData": {"OTHER": HIDDEN},
}


def body(item: dict[str, Any]) -> bytes:
    return msgspec.json.encode(item)


def words(description: Description) -> str:
    return "\n".join(
        f"{section.title}|{line.key}|{line.value}"
        for section in description.sections
        for line in section.lines
    )


class TestYaml:
    def test_managed_fields_are_left_out(self) -> None:
        shown = as_yaml(body(SECRET))
        assert "managedFields" not in shown and "note: kept" in shown

    def test_a_secrets_values_are_masked_with_their_size_wherever_they_are(self) -> None:
        shown = as_yaml(body(SECRET))
        assert HIDDEN not in shown and base64.b64encode(HIDDEN.encode()).decode() not in shown
        assert f"PASSWORD: •••••••• ({len(HIDDEN)} bytes)" in shown

    def test_a_text_of_several_lines_is_a_literal_block(self) -> None:
        shown = as_yaml(body({"kind": "ConfigMap", "data": {"run.sh": "#!/bin/sh\nset -e\n"}}))
        assert "run.sh: |\n    #!/bin/sh\n    set -e\n" in shown

    def test_what_it_is_comes_first(self) -> None:
        shown = as_yaml(body({"spec": {}, "kind": "Pod", "metadata": {"name": "a"}, "apiVersion": "v1"}))
        assert [line.split(":")[0] for line in shown.splitlines() if line[0] != " "] == [
            "apiVersion",
            "kind",
            "metadata",
            "spec",
        ]


class TestDescribe:
    def pod(self) -> str:
        crashing = waiting(
            "CrashLoopBackOff", "back-off 5m0s", restartCount=14, lastState=ended(137, "OOMKilled")
        )
        env = [
            {"name": "LAIN_CLUSTER", "value": "prod"},
            {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "dummy-env", "key": "KEY"}}},
        ]
        container = {
            "envFrom": [{"secretRef": {"name": "dummy-env"}}], "env": env, "command": ["run", "it"],
            "readinessProbe": {"httpGet": {"path": "/ok", "port": 80}, "periodSeconds": 5},
            "resources": {"limits": {"memory": "64Mi"}},
        }  # fmt: skip
        item = pod_json(crashing, container=container)
        return words(describe("Pod", body(item), [event("BackOff", "Back-off restarting", count=14)], NOW))

    def test_a_pods_state_is_in_words(self) -> None:
        shown = self.pod()
        assert "container worker|state|waiting, CrashLoopBackOff, back-off 5m0s" in shown
        assert "container worker|before|terminated, OOMKilled, exit 137" in shown
        assert "container worker|restarts|14" in shown

    def test_what_it_runs_with_is_there_by_name(self) -> None:
        shown = self.pod()
        assert "|env from|Secret dummy-env" in shown
        assert "|env|LAIN_CLUSTER=prod" in shown
        assert "KEY from Secret dummy-env, key KEY" in shown
        assert "|readiness probe|GET /ok on port 80, every 5 s, 3 failures allowed" in shown
        assert "|limits|memory=64Mi" in shown

    def test_its_events_are_the_last_section(self) -> None:
        assert self.pod().splitlines()[-1] == "events|1 m ago|BackOff ×14  Back-off restarting"

    def test_a_secret_shows_its_keys_and_no_value(self) -> None:
        shown = words(describe("Secret", body(SECRET), [], NOW))
        assert "keys|PASSWORD|" in shown and "note=kept" in shown
        assert HIDDEN not in shown and SECRET["data"]["PASSWORD"] not in shown  # type: ignore[index]

    def test_a_workload_of_a_strange_shape_is_still_described(self) -> None:
        odd = {"kind": "Deployment", "metadata": {"name": "a", "creationTimestamp": "whenever"}, "spec": None}
        assert "|created|whenever" in words(describe("Deployment", body(odd), [], NOW))

    def test_a_node_tells_its_size_its_taints_and_its_pods(self) -> None:
        node = {
            "metadata": {"name": "node-1"},
            "spec": {"unschedulable": True, "taints": [{"key": "gpu", "value": "a", "effect": "NoSchedule"}]},
            "status": {
                "nodeInfo": {"kubeletVersion": "v1.36.3"},
                "capacity": {"cpu": "4", "memory": "8388608Ki"},
                "allocatable": {"cpu": "4", "memory": "6291456Ki"},
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        }
        pods = [decode(Pod, pod_json(name="web")), decode(Pod, pod_json(name="over", phase="Failed"))]
        shown = words(describe("Node", body(node), [], NOW, pods)).splitlines()
        assert {"node|kubelet|v1.36.3", "node|taints|gpu=a:NoSchedule"} <= set(shown)
        assert {"allocatable|cpu|4", "allocatable|memory|6.0Gi of 8.0Gi"} <= set(shown)
        assert [line.partition("|")[2].split("  ")[0] for line in shown if line.startswith("pods|")] == [
            "default|web"
        ]

    def test_an_ingress_tells_where_each_path_leads(self) -> None:
        spec = {
            "ingressClassName": "nginx",
            "rules": [
                {"host": "a.io", "http": {"paths": [{"path": "/x", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}
            ],
            "tls": [{"hosts": ["a.io"], "secretName": "a-tls"}],
        }  # fmt: skip
        shown = words(describe("Ingress", body({"metadata": {"name": "a"}, "spec": spec}), [], NOW))
        assert "ingress|a.io/x|Service web:80" in shown and "ingress|TLS|a.io with Secret a-tls" in shown

    def test_control_sequences_are_shown_and_not_obeyed(self) -> None:
        item = {"metadata": {"name": "a", "annotations": {"note": "\x1b[2J[bold]x[/bold]"}}}
        shown = words(describe("Pod", body(item), [], NOW))
        assert "\x1b" not in shown and "note=␛[2J[bold]x[/bold]" in shown
