"""The chart contract: which objects come of which values.

The facts are those that every lain chart keeps, whoever wrote its templates.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from lain_tui.core.errors import LainError
from lain_tui.core.helm.runner import Helm
from lain_tui.core.helm.sdk import SdkHelm
from tests.chart.conftest import CLUSTER, RESOURCES, Render, by_name, uncommented

WEB = {"command": ["/lain/app/run.py"], "replicaCount": 1, "resources": RESOURCES}
TAG = CLUSTER["imageTag"]
ONE_OFF = {"limits": {"cpu": "2000m", "memory": "2Gi"}, "requests": {"cpu": "500m", "memory": "1Gi"}}


def web(**extra: Any) -> dict[str, Any]:
    return {"deployments": {"web": {**WEB, **extra}}}


def pod(thing: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = thing["spec"]
    if thing["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec if thing["kind"] == "Pod" else spec["template"]["spec"]


def environment(container: dict[str, Any]) -> list[tuple[str, str]]:
    return [(entry["name"], entry["value"]) for entry in container["env"]]


async def test_helm_lints_and_renders_the_chart_as_written(any_helm: Helm, chart: Path) -> None:
    messages = await any_helm.lint(chart, CLUSTER, namespace="prod")
    assert [m for m in messages if m.severity != "info"] == []
    objects = by_name(await any_helm.render(chart, CLUSTER, release="dummy", namespace="prod"))
    assert set(objects) == {
        ("Deployment", "dummy-web"),
        ("Service", "dummy-web"),
        ("Ingress", "dummy-example-com-dummy-web"),
    }


async def test_every_example_in_the_values_file_works(any_helm: Helm, chart: Path) -> None:
    everything = uncommented((chart / "values.yaml").read_text())
    manifest = await any_helm.render(chart, {**everything, **CLUSTER}, release="dummy", namespace="prod")
    objects = by_name(manifest, versions=("1.25", "1.31", "1.37"))
    assert {kind for kind, _ in objects} == {
        "Deployment",
        "StatefulSet",
        "Job",
        "CronJob",
        "Pod",
        "Service",
        "Ingress",
        "HorizontalPodAutoscaler",
        "PersistentVolumeClaim",
        "NetworkPolicy",
    }


async def test_each_way_of_running_helm_renders_the_same(chart: Path, any_helm: Helm) -> None:
    values = {**uncommented((chart / "values.yaml").read_text()), **CLUSTER}
    reference = by_name(await SdkHelm().render(chart, values, release="dummy", namespace="prod"))
    assert by_name(await any_helm.render(chart, values, release="dummy", namespace="prod")) == reference


async def test_a_deployment(render: Render) -> None:
    deployment = (await render(web()))["Deployment", "dummy-web"]
    labels = {
        "helm.sh/chart": "dummy",
        "app.kubernetes.io/name": "dummy",
        "app.kubernetes.io/instance": "dummy-web",
        "app.kubernetes.io/managed-by": "Helm",
    }
    selector = {"app.kubernetes.io/name": "dummy", "app.kubernetes.io/instance": "dummy-web"}
    assert deployment["metadata"]["labels"] == labels
    assert deployment["spec"]["template"]["metadata"]["labels"] == labels
    assert deployment["spec"]["selector"] == {"matchLabels": selector}
    assert deployment["spec"]["replicas"] == 1
    assert pod(deployment)["terminationGracePeriodSeconds"] == 100
    assert pod(deployment)["serviceAccountName"] == "default"
    assert pod(deployment)["volumes"] == [
        {"name": "secret", "secret": {"secretName": "dummy-secret", "optional": True}}
    ]
    assert pod(deployment)["containers"] == [
        {
            "name": "web",
            "image": f"registry.example.com/team/dummy:{TAG}",
            "imagePullPolicy": "Always",
            "command": ["/lain/app/run.py"],
            "envFrom": [{"secretRef": {"name": "dummy-env"}}],
            "env": [
                {"name": "LAIN_CLUSTER", "value": "test"},
                {"name": "K8S_NAMESPACE", "value": "prod"},
                {"name": "IMAGE_TAG", "value": TAG},
            ],
            "resources": RESOURCES,
        }
    ]


async def test_names_follow_the_release_and_secrets_follow_the_app(render: Render) -> None:
    objects = await render(
        web(containerPort=5000, hpa={"maxReplicas": 3})
        | {"persistentVolumeClaims": {"data": {"accessModes": ["ReadWriteOnce"]}}},
        release="dummy-canary",
    )
    assert set(objects) == {
        ("Deployment", "dummy-canary-web"),
        ("Service", "dummy-canary-web"),
        ("HorizontalPodAutoscaler", "dummy-canary-web"),
        ("PersistentVolumeClaim", "dummy-canary-data"),
    }
    deployment = objects["Deployment", "dummy-canary-web"]
    assert deployment["metadata"]["labels"]["app.kubernetes.io/name"] == "dummy"
    container = pod(deployment)["containers"][0]
    assert container["envFrom"][0]["secretRef"]["name"] == "dummy-env"
    target = objects["HorizontalPodAutoscaler", "dummy-canary-web"]["spec"]["scaleTargetRef"]
    assert target["name"] == "dummy-canary-web"
    claims = [volume for volume in pod(deployment)["volumes"] if volume["name"] == "data"]
    assert claims == [{"name": "data", "persistentVolumeClaim": {"claimName": "dummy-canary-data"}}]


async def test_a_proc_overrides_the_global_env_even_with_nothing(render: Render) -> None:
    values = web(env={"A": "proc", "B": ""}) | {"env": {"A": "global", "B": "global", "C": "global"}}
    container = pod((await render(values))["Deployment", "dummy-web"])["containers"][0]
    assert environment(container)[3:] == [("A", "proc"), ("B", ""), ("C", "global")]


@pytest.mark.parametrize(
    "value",
    [
        "a b",
        'say "hi"',
        "$HOME",
        "# no comment",
        "back\\slash",
        "two\nlines",
        "中文",
        "{{ .x }}",
        "1e3",
        "null",
    ],
)
async def test_env_values_arrive_as_written(render: Render, value: str) -> None:
    container = pod((await render(web(env={"X": value})))["Deployment", "dummy-web"])["containers"][0]
    assert environment(container)[3:] == [("X", value)]


async def test_numbers_in_env_are_never_written_with_an_exponent(render: Render) -> None:
    container = pod((await render(web(env={"X": 1_000_000, "Y": True})))["Deployment", "dummy-web"])
    assert environment(container["containers"][0])[3:] == [("X", "1000000"), ("Y", "true")]


async def test_a_built_in_variable_that_the_app_sets_is_there_once(render: Render) -> None:
    container = pod((await render(web(env={"IMAGE_TAG": "mine"})))["Deployment", "dummy-web"])
    assert environment(container["containers"][0])[2:] == [("IMAGE_TAG", "mine")]


async def test_the_namespace_is_the_one_that_is_deployed_to_whatever_the_clusters_values_say(
    render: Render,
) -> None:
    container = pod((await render(web(), cluster={"namespace": "default"}))["Deployment", "dummy-web"])
    assert environment(container["containers"][0])[1] == ("K8S_NAMESPACE", "prod")


async def test_without_cluster_values_the_image_has_no_registry(render: Render) -> None:
    deployment = (await render(web(), cluster={}))["Deployment", "dummy-web"]
    container = pod(deployment)["containers"][0]
    assert container["image"] == "dummy:latest"
    assert environment(container) == [
        ("LAIN_CLUSTER", "UNKNOWN"),
        ("K8S_NAMESPACE", "prod"),
        ("IMAGE_TAG", "UNKNOWN"),
    ]


@pytest.mark.parametrize(
    ("extra", "image"),
    [
        ({"image": "kibana:7.5.0"}, "kibana:7.5.0"),
        ({"imageTag": "fixed"}, "registry.example.com/team/dummy:fixed"),
    ],
)
async def test_a_fixed_image_or_tag(render: Render, extra: dict[str, Any], image: str) -> None:
    assert pod((await render(web(**extra)))["Deployment", "dummy-web"])["containers"][0]["image"] == image


async def test_the_internal_registry_wins_in_the_chart(render: Render) -> None:
    deployment = (await render(web() | {"internalRegistry": "10.0.0.1:5000"}))["Deployment", "dummy-web"]
    assert pod(deployment)["containers"][0]["image"] == f"10.0.0.1:5000/dummy:{TAG}"


async def test_mounts_without_a_name_come_from_the_secret_which_then_must_exist(render: Render) -> None:
    values = web(volumeMounts=[{"mountPath": "/b", "subPath": "b"}]) | {
        "volumes": [{"name": "jfs", "hostPath": {"path": "/jfs"}}],
        "volumeMounts": [
            {"mountPath": "/a", "subPath": "a"},
            {"mountPath": "/b", "subPath": "global"},
            {"mountPath": "/jfs", "name": "jfs", "readOnly": True},
        ],
    }
    spec = pod((await render(values))["Deployment", "dummy-web"])
    assert spec["containers"][0]["volumeMounts"] == [
        {"name": "secret", "mountPath": "/a", "subPath": "a"},
        {"name": "jfs", "mountPath": "/jfs", "readOnly": True},
        {"name": "secret", "mountPath": "/b", "subPath": "b"},
    ]
    assert spec["volumes"] == [
        {"name": "jfs", "hostPath": {"path": "/jfs"}},
        {"name": "secret", "secret": {"secretName": "dummy-secret"}},
    ]


@pytest.mark.parametrize(
    ("extra", "port"),
    [
        ({"containerPort": 5000}, {"port": 80, "targetPort": 5000, "protocol": "TCP"}),
        (
            {"containerPort": 5000, "nodePort": 32001},
            {"port": 32001, "targetPort": 5000, "nodePort": 32001, "protocol": "TCP"},
        ),
        (
            {"nodePort": 32001, "protocol": "UDP"},
            {"port": 32001, "targetPort": 32001, "nodePort": 32001, "protocol": "UDP"},
        ),
    ],
)
async def test_a_service(render: Render, extra: dict[str, Any], port: dict[str, Any]) -> None:
    objects = await render(web(**extra))
    service = objects["Service", "dummy-web"]
    assert service["spec"]["ports"] == [port]
    assert service["spec"]["type"] == ("NodePort" if "nodePort" in extra else "ClusterIP")
    pods = objects["Deployment", "dummy-web"]["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= pods.items()


async def test_no_port_no_service(render: Render) -> None:
    assert set(await render(web())) == {("Deployment", "dummy-web")}


async def test_hpa_scales_from_replica_count(render: Render) -> None:
    hpa = (await render(web(hpa={"maxReplicas": 10}, replicaCount=2)))["HorizontalPodAutoscaler", "dummy-web"]
    assert hpa["apiVersion"] == "autoscaling/v2"
    assert (hpa["spec"]["minReplicas"], hpa["spec"]["maxReplicas"]) == (2, 10)
    assert "metrics" not in hpa["spec"], "Kubernetes' own default is 80 % of the CPU request"
    assert hpa["spec"]["behavior"] == {"scaleUp": {"stabilizationWindowSeconds": 120}}


async def test_nodes_become_a_label_and_join_an_affinity_that_is_there(render: Render) -> None:
    wanted = {"key": "dummy-web", "operator": "In", "values": ["true"]}
    zone = {"key": "zone", "operator": "Exists"}
    path = "requiredDuringSchedulingIgnoredDuringExecution"
    alone = pod((await render(web(nodes=["n1"])))["Deployment", "dummy-web"])["affinity"]
    assert alone == {"nodeAffinity": {path: {"nodeSelectorTerms": [{"matchExpressions": [wanted]}]}}}
    affinity = {"nodeAffinity": {path: {"nodeSelectorTerms": [{"matchExpressions": [zone]}]}}}
    both = pod((await render(web(nodes=["n1"], affinity=affinity)))["Deployment", "dummy-web"])["affinity"]
    assert both == {"nodeAffinity": {path: {"nodeSelectorTerms": [{"matchExpressions": [zone, wanted]}]}}}


async def test_init_containers_get_the_defaults_of_a_one_off_task(render: Render) -> None:
    values = web(initContainers=[{"name": "prep", "command": ["true"], "env": {"A": "init"}}]) | {
        "env": {"A": "global"}
    }
    container = pod((await render(values))["Deployment", "dummy-web"])["initContainers"][0]
    assert container["resources"] == ONE_OFF
    assert container["imagePullPolicy"] == "Always"
    assert ("A", "init") in environment(container)


async def test_a_job(render: Render) -> None:
    hooks = {"helm.sh/hook": "pre-upgrade"}
    job = (await render({"jobs": {"migrate": {"command": ["m"], "annotations": hooks}}}))[
        "Job", "dummy-migrate"
    ]
    assert job["metadata"]["annotations"] == hooks
    spec = job["spec"]
    assert (spec["backoffLimit"], spec["activeDeadlineSeconds"], spec["ttlSecondsAfterFinished"]) == (
        0,
        3600,
        86400,
    )
    assert pod(job)["restartPolicy"] == "Never"
    assert pod(job)["containers"][0]["resources"] == ONE_OFF
    assert pod(job)["containers"][0]["imagePullPolicy"] == "Always"


async def test_a_cronjob(render: Render) -> None:
    values = {"cronjobs": {"nightly": {"schedule": "0 17 * * *", "command": ["n"]}}}
    cronjob = (await render(values))["CronJob", "dummy-nightly"]
    assert cronjob["apiVersion"] == "batch/v1"
    spec = dict(cronjob["spec"])
    job = spec.pop("jobTemplate")["spec"]
    assert spec == {
        "schedule": "0 17 * * *",
        "suspend": False,
        "concurrencyPolicy": "Replace",
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 1,
        "startingDeadlineSeconds": 300,
    }
    assert (job["backoffLimit"], job["activeDeadlineSeconds"], job["ttlSecondsAfterFinished"]) == (
        0,
        3600,
        86400,
    )
    container = pod(cronjob)["containers"][0]
    assert container["imagePullPolicy"] == "IfNotPresent"
    assert "resources" not in container


async def test_nought_counts_as_given(render: Render) -> None:
    values = {
        "cronjobs": {"c": {"schedule": "* * * * *", "successfulJobsHistoryLimit": 0, "command": ["c"]}},
        **web(terminationGracePeriodSeconds=0),
    }
    objects = await render(values)
    assert objects["CronJob", "dummy-c"]["spec"]["successfulJobsHistoryLimit"] == 0
    assert pod(objects["Deployment", "dummy-web"])["terminationGracePeriodSeconds"] == 0


async def test_a_stateful_set(render: Render) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
    objects = await render(
        {"statefulSets": {"queue": {**WEB, "updateStrategy": strategy, "containerPort": 6379}}}
    )
    spec = objects["StatefulSet", "dummy-queue"]["spec"]
    assert spec["serviceName"] == "dummy-queue"
    assert spec["updateStrategy"] == strategy
    assert objects["Service", "dummy-queue"]["spec"]["ports"][0]["targetPort"] == 6379


async def test_tests_are_helm_tests(render: Render) -> None:
    test = (await render({"tests": {"smoke": {"image": "curl", "command": ["curl"]}}}))["Pod", "dummy-smoke"]
    assert test["metadata"]["annotations"] == {
        "helm.sh/hook": "test",
        "helm.sh/hook-delete-policy": "before-hook-creation",
    }
    assert pod(test)["containers"][0]["resources"] == ONE_OFF


INGRESS = {"host": "dummy", "deployName": "web", "paths": ["/", "/api"]}


async def test_a_bare_host_gets_the_clusters_domain(render: Render) -> None:
    values = web(containerPort=1) | {"ingresses": [INGRESS]}
    ingress = (await render(values))["Ingress", "dummy-example-com-dummy-web"]
    rule = ingress["spec"]["rules"][0]
    assert rule["host"] == "dummy.example.com"
    assert [(p["path"], p["pathType"]) for p in rule["http"]["paths"]] == [
        ("/", "Prefix"),
        ("/api", "Prefix"),
    ]
    assert rule["http"]["paths"][0]["backend"] == {"service": {"name": "dummy-web", "port": {"number": 80}}}
    suffixed = await render(values | {"domain_suffix": "-test.example.org"})
    assert ("Ingress", "dummy-test-example-org-dummy-web") in suffixed


async def test_a_full_host_stays_as_it_is(render: Render) -> None:
    values = web(nodePort=30080) | {"ingresses": [{**INGRESS, "host": "a.b.org"}]}
    ingress = (await render(values))["Ingress", "a-b-org-dummy-web"]
    assert ingress["spec"]["rules"][0]["host"] == "a.b.org"
    backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]
    assert backend["service"]["port"] == {"number": 30080}


@pytest.mark.parametrize(
    ("values", "annotations", "spec"),
    [
        ({"ingressClass": "nginx"}, {"kubernetes.io/ingress.class": "nginx"}, {}),
        ({"ingressClass": "nginx", "supportsIngressClassName": True}, {}, {"ingressClassName": "nginx"}),
        ({"ingressTLSSecretName": "wild"}, {}, {"tls": [{"secretName": "wild"}]}),
        (
            {"clusterIssuer": "acme"},
            {"cert-manager.io/cluster-issuer": "acme"},
            {"tls": [{"hosts": ["example.com", "*.example.com"], "secretName": "example-com"}]},
        ),
        ({"ingressAnnotations": {"n/canary": "true", "n/x": "1"}}, {"n/canary": "true", "n/x": "own"}, {}),
    ],
)
async def test_ingress_class_tls_and_annotations(
    render: Render, values: dict[str, Any], annotations: dict[str, str], spec: dict[str, Any]
) -> None:
    own = {"annotations": {"n/x": "own"}} if "n/x" in annotations else {}
    objects = await render(web(containerPort=1) | {"ingresses": [INGRESS | own]} | values)
    ingress = objects["Ingress", "dummy-example-com-dummy-web"]
    assert ingress["metadata"].get("annotations", {}) == annotations
    assert {key: value for key, value in ingress["spec"].items() if key != "rules"} == spec


async def test_external_ingresses_have_class_annotations_and_tls_of_their_own(render: Render) -> None:
    values = web(containerPort=1) | {
        "externalIngresses": [{**INGRESS, "host": "shop.org"}],
        "ingressClass": "inside",
        "externalIngressClass": "outside",
        "supportsIngressClassName": True,
        "externalIngressAnnotations": {"n/a": "b"},
        "clusterIssuer": "acme",
    }
    ingress = (await render(values))["Ingress", "shop-org-dummy-web"]
    assert ingress["metadata"]["annotations"] == {"n/a": "b", "cert-manager.io/cluster-issuer": "acme"}
    assert ingress["spec"]["ingressClassName"] == "outside"
    assert ingress["spec"]["tls"] == [{"hosts": ["shop.org", "*.shop.org"], "secretName": "shop-org"}]


async def test_host_aliases_of_the_cluster_and_of_the_app(render: Render) -> None:
    cluster, own = {"ip": "10.0.0.1", "hostnames": ["a"]}, {"ip": "10.0.0.2", "hostnames": ["b"]}
    values = web() | {"clusterHostAliases": [cluster], "hostAliases": [own]}
    assert pod((await render(values))["Deployment", "dummy-web"])["hostAliases"] == [cluster, own]


async def test_a_network_policy_is_taken_word_for_word(render: Render) -> None:
    spec = {"podSelector": {"matchLabels": {"a": "b"}}, "policyTypes": ["Ingress"]}
    assert (await render({"networkPolicy": {"spec": spec}}))["NetworkPolicy", "dummy"]["spec"] == spec


async def test_the_apps_labels_never_replace_the_charts(render: Render) -> None:
    labels = {"team": "x", "app.kubernetes.io/name": "other"}
    objects = await render(web() | {"labels": labels})
    assert (
        objects["Deployment", "dummy-web"]["metadata"]["labels"].items()
        >= {
            "team": "x",
            "app.kubernetes.io/name": "dummy",
        }.items()
    )


async def test_short_spellings_and_switched_off_procs(render: Render) -> None:
    objects = await render({"deploy": {"web": WEB}, "deployments": {"worker": None}, "sts": {"q": WEB}})
    assert set(objects) == {("Deployment", "dummy-web"), ("StatefulSet", "dummy-q")}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"ingresses": [{**INGRESS, "deployName": "nobody"}]}, "no proc named nobody"),
        ({"cronjobs": {"c": {"command": ["c"]}}}, "cronjobs.c.schedule is missing"),
        ({"deployments": {"web": {**WEB, "hpa": {"metrics": []}}}}, "hpa.maxReplicas is missing"),
        ({"appname": ""}, "appname is missing"),
    ],
)
async def test_what_cannot_be_rendered_says_so_with_its_place(
    any_helm: Helm, bare_chart: Path, values: dict[str, Any], says: str
) -> None:
    whole = {**CLUSTER, **web(), **values}
    with pytest.raises(LainError) as raised:
        await any_helm.render(bare_chart, whole, release="dummy", namespace="prod")
    assert says in raised.value.what
    assert "templates/" in raised.value.where


async def test_the_workflow_documents_layers_render(render: Render, chart: Path) -> None:
    base = yaml.safe_load('deployments: {web: {command: ["/lain/app/run.py"]}}')
    test = yaml.safe_load('deployments: {web: {command: ["/lain/app/run.py", "--debug"]}}')
    default = yaml.safe_load((chart / "values.yaml").read_text())["deployments"]["web"]
    for layer in (base, test):
        merged = {"deployments": {"web": {**default, **layer["deployments"]["web"]}}}
        container = pod((await render(merged))["Deployment", "dummy-web"])["containers"][0]
        assert container["command"] == layer["deployments"]["web"]["command"]
