"""Rows of services and what leads to them."""

from __future__ import annotations

from ..kinds import ENDPOINT_SLICE, ENDPOINTS, INGRESS, INGRESS_CLASS, NETWORK_POLICY, SERVICE
from ..storage import Obj
from .columns import AGE, NAME, Row, age, labels_text, plain, selector_text, wide


def _service(obj: Obj, now: float) -> Row:
    spec = obj["spec"]
    kind = spec.get("type", "ClusterIP")
    ports = ",".join(
        f"{p['port']}:{p['nodePort']}/{p['protocol']}"
        if p.get("nodePort")
        else f"{p['port']}/{p['protocol']}"
        for p in spec.get("ports") or []
    )
    external = ",".join(spec.get("externalIPs") or []) or "<none>"
    if kind == "LoadBalancer":
        given = ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
        external = ",".join(i.get("ip") or i.get("hostname", "") for i in given) or "<pending>"
    elif kind == "ExternalName":
        external = spec.get("externalName", "<none>")
    return [
        obj["metadata"]["name"],
        kind,
        spec.get("clusterIP") or "<none>",
        external,
        ports or "<none>",
        age(obj, now),
        labels_text(spec.get("selector")),
    ]


def _ingress(obj: Obj, now: float) -> Row:
    spec = obj["spec"]
    hosts = [rule.get("host") or "*" for rule in spec.get("rules") or []]
    given = ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    return [
        obj["metadata"]["name"],
        spec.get("ingressClassName") or "<none>",
        ",".join(hosts[:3]) + (f" + {len(hosts) - 3} more..." if len(hosts) > 3 else "") or "*",
        ",".join(i.get("ip") or i.get("hostname", "") for i in given),
        "80, 443" if spec.get("tls") else "80",
        age(obj, now),
    ]


def _endpoints(obj: Obj, now: float) -> Row:
    found = [
        f"{address['ip']}:{port['port']}"
        for subset in obj.get("subsets") or []
        for port in subset.get("ports") or []
        for address in subset.get("addresses") or []
    ]
    text = ",".join(found[:3]) + (f" + {len(found) - 3} more..." if len(found) > 3 else "")
    return [obj["metadata"]["name"], text or "<none>", age(obj, now)]


def _slice(obj: Obj, now: float) -> Row:
    ports = ",".join(str(p.get("port", "")) for p in obj.get("ports") or []) or "<unset>"
    addresses = [a for e in obj.get("endpoints") or [] for a in e.get("addresses") or []]
    text = ",".join(addresses[:3]) + (f" + {len(addresses) - 3} more..." if len(addresses) > 3 else "")
    return [obj["metadata"]["name"], obj.get("addressType", ""), ports, text or "<unset>", age(obj, now)]


def _policy(obj: Obj, now: float) -> Row:
    return [obj["metadata"]["name"], selector_text((obj.get("spec") or {}).get("podSelector")), age(obj, now)]


def _class(obj: Obj, now: float) -> Row:
    return [obj["metadata"]["name"], obj["spec"].get("controller", ""), "<none>", age(obj, now)]


TABLES = {
    SERVICE: (
        [NAME, *plain("Type", "Cluster-IP", "External-IP", "Port(s)"), AGE, *wide("Selector")],
        _service,
    ),
    INGRESS: ([NAME, *plain("Class", "Hosts", "Address", "Ports"), AGE], _ingress),
    INGRESS_CLASS: ([NAME, *plain("Controller", "Parameters"), AGE], _class),
    ENDPOINTS: ([NAME, *plain("Endpoints"), AGE], _endpoints),
    ENDPOINT_SLICE: ([NAME, *plain("AddressType", "Ports", "Endpoints"), AGE], _slice),
    NETWORK_POLICY: ([NAME, *plain("Pod-Selector"), AGE], _policy),
}
