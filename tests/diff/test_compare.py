"""What would change, told so that only what means something is told."""

from __future__ import annotations

import base64
from copy import deepcopy
from typing import Any

import pytest

from lain_tui.core.diff.keys import ObjectKey
from lain_tui.core.diff.normal import normal
from lain_tui.core.diff.report import text_of
from lain_tui.core.diff.text import diff_lines
from lain_tui.core.diff.three import compare
from lain_tui.core.diff.written import written
from lain_tui.core.helm.objects import Rendered
from lain_tui.core.model.diff import ChangeKind, Mark, ReleaseDiff, beside

Body = dict[str, Any]
WEB = ObjectKey("apps", "Deployment", "dummy-web")


def deployment(*, image: str = "r/dummy:1", replicas: int = 3, **container: Any) -> Body:
    one = {"name": "web", "image": image, "env": [{"name": "A", "value": "1"}], **container}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [one]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "dummy-web"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template},
    }


def as_the_server_has_it(body: Body) -> Body:
    """The same deployment as the API gives it: defaults filled in, bookkeeping added."""
    live = deepcopy(body)
    live["metadata"] |= {
        "namespace": "default",
        "uid": "4711",
        "resourceVersion": "12",
        "generation": 3,
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "annotations": {"deployment.kubernetes.io/revision": "4", "meta.helm.sh/release-name": "dummy"},
        "managedFields": [{"manager": "helm"}],
    }
    rolling = {"maxSurge": "25%", "maxUnavailable": "25%"}
    live["spec"] |= {
        "progressDeadlineSeconds": 600,
        "revisionHistoryLimit": 10,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
    }
    pod = live["spec"]["template"]["spec"]
    pod |= {"restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler"}
    pod |= {"securityContext": {}, "terminationGracePeriodSeconds": 30}
    pod["containers"][0] |= {
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
        "resources": {},
    }
    live["status"] = {"replicas": 3}
    return live


def secret(**values: str) -> Body:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token"}, "data": data}


def hpa() -> Body:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "dummy-web"}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "dummy-web"},
        "spec": {"scaleTargetRef": target, "minReplicas": 3, "maxReplicas": 6},
    }


def diff(old: list[Body], new: list[Body], live: dict[ObjectKey, Body | None] | None = None) -> ReleaseDiff:
    return compare(
        [Rendered(source="t.yaml", body=body) for body in old],
        [Rendered(source="t.yaml", body=body) for body in new],
        live,
    )


def changed(result: ReleaseDiff) -> list[str]:
    """The marked lines of all objects, blanks taken away."""
    return [
        f"{line.mark.value} {line.text.strip()}"
        for one in result.objects
        for line in one.lines
        if line.mark in (Mark.ADDED, Mark.REMOVED)
    ]


def test_a_new_image_is_one_line_and_says_whose_pods_restart() -> None:
    result = diff([deployment()], [deployment(image="r/dummy:2")])
    assert changed(result) == ["- image: r/dummy:1", "+ image: r/dummy:2"]
    (one,) = result.objects
    assert (one.title, one.change, one.restarts) == (
        "Deployment dummy-web",
        ChangeKind.CHANGED,
        "restarts 3 pods: image",
    )


def test_the_folded_lines_say_where_the_next_ones_belong() -> None:
    (one,) = diff([deployment()], [deployment(image="r/dummy:2")]).objects
    folded = [line.text for line in one.lines if line.mark is Mark.FOLDED]
    assert folded and all(text.endswith("  spec.template.spec.containers[web]") for text in folded[:1])


@pytest.mark.parametrize(
    ("was", "will"),
    [
        ({"resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}}},
         {"resources": {"limits": {"cpu": 1, "memory": "1Gi"}}}),
        ({"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
         {"env": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]}),
        ({"ports": [{"containerPort": 80}, {"containerPort": 81, "protocol": "TCP"}]},
         {"ports": [{"containerPort": 81}, {"containerPort": 80}]}),
        ({"command": None}, {}),
        ({"livenessProbe": {"httpGet": {"port": 1}}},
         {"livenessProbe": {"httpGet": {"port": 1, "scheme": "HTTP"}, "timeoutSeconds": 1}}),
    ],
    ids=["quantities", "order of env", "order of ports", "null", "defaults of a probe"],
)  # fmt: skip
def test_what_means_the_same_does_not_differ(was: Body, will: Body) -> None:
    result = diff([deployment(**was)], [deployment(**will)])
    assert not result.objects and result.unchanged == 1


def test_what_the_server_fills_in_is_no_drift() -> None:
    body = deployment()
    assert not diff([body], [body], {WEB: as_the_server_has_it(body)}).objects


def test_helms_label_is_no_drift_where_the_chart_has_none_and_another_label_is() -> None:
    body, live = deployment(), as_the_server_has_it(deployment())
    live["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "Helm"}
    assert not diff([body], [body], {WEB: live}).objects
    live["metadata"]["labels"]["by"] = "hand"
    (one,) = diff([body], [body], {WEB: live}).objects
    assert [line.text.strip() for line in one.drift if line.mark is Mark.ADDED] == ["labels:", "by: hand"]


def test_defaults_that_a_custom_kinds_schema_may_have_are_no_drift_and_what_the_chart_says_is() -> None:
    body = {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "one"},
        "spec": {"size": 3},
    }
    live = {**body, "spec": {"size": 3, "colour": "red"}}
    key = ObjectKey("example.com", "Widget", "one")
    assert not diff([body], [body], {key: live}).objects
    (one,) = diff([body], [body], {key: {**body, "spec": {"size": 4, "colour": "red"}}}).objects
    assert [line.text.strip() for line in one.drift if line.mark is Mark.ADDED] == ["size: 4"]


def test_zeros_that_the_server_leaves_out_are_no_drift() -> None:
    mounts = [{"name": "data", "mountPath": "/data"}]
    live = as_the_server_has_it(deployment(volumeMounts=mounts))
    off = {"tty": False, "volumeMounts": [{**mounts[0], "readOnly": False}]}
    written_out = deployment(**off)
    written_out["spec"] |= {"minReadySeconds": 0, "paused": False}
    written_out["spec"]["template"]["spec"]["hostNetwork"] = False
    assert normal(written_out) == normal(live)


def test_drift_stands_apart_from_what_was_meant() -> None:
    body, live = deployment(), as_the_server_has_it(deployment())
    live["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"] = "by hand"
    (one,) = diff([body], [deployment(image="r/dummy:2")], {WEB: live}).objects
    marked = [line.text.strip() for line in one.lines if line.mark in (Mark.ADDED, Mark.REMOVED)]
    assert marked == ["image: r/dummy:1", "image: r/dummy:2"]
    assert [line.text.strip() for line in one.drift if line.mark is Mark.ADDED] == ["value: by hand"]
    assert one.restarts == "restarts 3 pods: image and env", "compared with what lives"


def test_what_is_gone_from_the_cluster_is_told_though_nothing_was_meant_to_change() -> None:
    result = diff([deployment()], [deployment()], {WEB: None})
    (one,) = result.objects
    assert (one.change, one.live, one.restarts) == (ChangeKind.UNCHANGED, False, "starts 3 pods")


def test_the_replicas_that_an_autoscaler_has_set_are_its_own() -> None:
    live = as_the_server_has_it(deployment(replicas=5))
    result = diff([deployment(), hpa()], [deployment(image="r/dummy:2"), hpa()], {WEB: live})
    assert not result.drifted
    assert result.objects[0].restarts == "restarts 5 pods: image"


def test_other_replicas_restart_nothing() -> None:
    (one,) = diff([deployment()], [deployment(replicas=5)]).objects
    assert one.restarts == "3 to 5 pods, none restarts"


def test_a_label_of_the_object_restarts_nothing() -> None:
    body = deployment()
    body["metadata"]["labels"] = {"team": "a"}
    result = diff([deployment()], [body])
    assert not result.restarts
    assert any(line.startswith("No pod restarts") for line in text_of(result))


def test_secrets_tell_which_keys_changed_and_never_a_value() -> None:
    result = diff(
        [secret(PASSWORD="hunter2", SAME="same", GONE="x")], [secret(PASSWORD="hunter3", SAME="same")]
    )
    assert changed(result) == [
        '- GONE: "hidden (1 byte)"',
        '- PASSWORD: "hidden (7 bytes)"',
        '+ PASSWORD: "hidden (7 bytes, changed)"',
    ]
    told = "\n".join(text_of(result))
    assert "hunter" not in told and base64.b64encode(b"hunter3").decode() not in told


def test_added_and_removed_objects_are_told_whole() -> None:
    result = diff([secret(A="1")], [deployment()])
    assert {one.title: one.change for one in result.objects} == {
        "Deployment dummy-web": ChangeKind.ADDED,
        "Secret token": ChangeKind.REMOVED,
    }
    assert result.objects[0].restarts == "starts 3 pods"


def test_tests_are_left_out_and_other_hooks_are_marked() -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "m", "annotations": {}}, "spec": {}}
    test, hook = deepcopy(job), deepcopy(job)
    test["metadata"]["annotations"]["helm.sh/hook"] = "test"
    hook["metadata"]["annotations"]["helm.sh/hook"] = "pre-upgrade"
    assert not diff([], [test]).objects
    (one,) = diff([], [hook]).objects
    assert one.hook and not one.restarts


def test_one_line_in_thousands_that_repeat_is_one_line() -> None:
    old = [(f"line {number % 7}", "") for number in range(5100)]
    new = [*old[:2500], ("another", ""), *old[2501:]]
    assert [line.mark for line in diff_lines(old, new)].count(Mark.SAME) == 6


def test_side_by_side_keeps_every_line() -> None:
    old = [("a", ""), ("b", ""), ("c", "")]
    new = [("a", ""), ("x", ""), ("y", ""), ("c", "")]
    rows = [(a and a.text, b and b.text) for a, b in beside(diff_lines(old, new))]
    assert rows == [("a", "a"), ("b", "x"), (None, "y"), ("c", "c")]


def test_what_is_written_is_yaml_that_reads_back_the_same() -> None:
    import yaml

    body = normal(
        deployment(
            command=["sh", "-c", "echo 'a: b'\nexit 0\n"], args=["1e3", "yes", "", "0x1f", "- x", "8:30"]
        )
    )
    text = "\n".join(line for line, _ in written(body))
    container = yaml.safe_load(text)["spec"]["template"]["spec"]["containers"][0]
    assert container["args"] == ["1e3", "yes", "", "0x1f", "- x", "8:30"]
    assert container["image"] == "r/dummy:1"
