"""The URLs of an app, as one reaches them from here; and where other tools show it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lain_tui.core.insight.addresses import addresses
from lain_tui.core.insight.links import grafana_link, kibana_link, links
from lain_tui.core.model.network import Ingress
from lain_tui.core.target import Target
from tests.kubeobjects import decode


def target(**settings: Any) -> Target:
    return Target(namespace="default", cluster="prod", app="dummy", release="dummy", settings=settings,
                  settings_file=Path("/values/values-prod.yaml"))  # fmt: skip


def ingress(
    *rules: tuple[str, list[str]],
    tls: list[str] | None = None,
    name: str = "dummy",
    cls: str = "",
    kind: str = "Prefix",
) -> Ingress:
    spec: dict[str, Any] = {
        "rules": [{"host": host, "http": {"paths": [{"path": path, "pathType": kind} for path in paths]}} for host, paths in rules],
    }  # fmt: skip
    if tls:
        spec["tls"] = [{"hosts": tls}]
    if cls:
        spec["ingressClassName"] = cls
    return decode(Ingress, {"metadata": {"name": name}, "spec": spec})


def urls(*ingresses: Ingress, **settings: Any) -> list[str]:
    return [address.url for address in addresses(ingresses, target(**settings))]


def test_every_host_and_path_once_in_order() -> None:
    one = ingress(("b.example.com", ["/", "/api"]), ("a.example.com", [""]))
    assert urls(one, one) == ["http://a.example.com/", "http://b.example.com/", "http://b.example.com/api"]


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"domain": "example.com"}, "http://dummy.example.com/"),
        ({"domain": "example.com", "domain_suffix": "-test.info"}, "http://dummy-test.info/"),
        ({}, "http://dummy/"),
    ],
)
def test_a_host_without_dots_gets_the_clusters_domain(settings: dict[str, str], url: str) -> None:
    assert urls(ingress(("dummy", ["/"])), **settings) == [url]


def test_with_tls_it_is_https_and_a_wildcard_covers_one_label() -> None:
    one = ingress(("a.example.com", ["/"]), ("b.other.com", ["/"]), tls=["*.example.com"])
    assert urls(one, ingress_external_port=8080) == ["http://b.other.com:8080/", "https://a.example.com/"]


def test_the_class_says_which_port() -> None:
    settings = {
        "ingressClass": "in",
        "externalIngressClass": "out",
        "ingress_internal_port": 8080,
        "ingress_external_port": 9090,
    }
    inside, outside = ingress(("a.com", ["/"]), cls="in"), ingress(("b.com", ["/"]), cls="out")
    assert urls(inside, outside, **settings) == ["http://a.com:8080/", "http://b.com:9090/"]


def test_port_80_is_not_said() -> None:
    assert urls(ingress(("a.com", ["/"])), ingress_external_port=80) == ["http://a.com/"]


def test_a_pattern_is_asked_up_to_where_it_begins_and_a_wildcard_host_not_at_all() -> None:
    one = ingress(("a.com", ["/api/(v1|v2)/.*", "/x?y"]), ("*.b.com", ["/"]), kind="ImplementationSpecific")
    assert urls(one) == ["http://a.com/", "http://a.com/api/"]


def test_grafana_and_kibana_of_the_release() -> None:
    here = target(grafana_url="https://grafana.example.com/d/app", kibana="kibana.example.com")
    assert (
        grafana_link(here).url == "https://grafana.example.com/d/app?orgId=1&refresh=10s&var-label_app=dummy"
    )
    assert kibana_link(here, "web").url == (
        "http://kibana.example.com/app/logs/stream?logPosition=(end:now,start:now-30m,streamLive:!f)"
        "&logFilter=(expression:%27kubernetes.pod_name.keyword:dummy-web*%27,kind:kuery)"
    )


def test_a_setting_that_is_missing_is_named_with_its_file() -> None:
    assert [link.missing for link in links(target())] == [
        "Grafana needs `grafana_url` in values-prod.yaml",
        "Kibana needs `kibana` in values-prod.yaml",
    ]
