"""Services and ingresses: how requests reach the app."""

from __future__ import annotations

from lain_tui.core.model.meta import KubeObject, KubeStruct


class ServicePort(KubeStruct, frozen=True, kw_only=True):
    port: int
    name: str = ""
    target_port: int | str = 0
    node_port: int = 0
    protocol: str = "TCP"


class ServiceSpec(KubeStruct, frozen=True, kw_only=True):
    type: str = "ClusterIP"
    selector: dict[str, str] | None = None
    ports: tuple[ServicePort, ...] | None = None


class Service(KubeObject, frozen=True, kw_only=True):
    spec: ServiceSpec = ServiceSpec()


class ServiceBackendPort(KubeStruct, frozen=True, kw_only=True):
    name: str = ""
    number: int = 0


class IngressServiceBackend(KubeStruct, frozen=True, kw_only=True):
    name: str = ""
    port: ServiceBackendPort = ServiceBackendPort()


class IngressBackend(KubeStruct, frozen=True, kw_only=True):
    service: IngressServiceBackend | None = None


class IngressPath(KubeStruct, frozen=True, kw_only=True):
    path: str = "/"
    path_type: str = ""
    backend: IngressBackend = IngressBackend()


class IngressHTTP(KubeStruct, frozen=True, kw_only=True):
    paths: tuple[IngressPath, ...] | None = None


class IngressRule(KubeStruct, frozen=True, kw_only=True):
    host: str = ""
    http: IngressHTTP | None = None


class IngressTLS(KubeStruct, frozen=True, kw_only=True):
    hosts: tuple[str, ...] | None = None
    secret_name: str = ""


class IngressSpec(KubeStruct, frozen=True, kw_only=True):
    ingress_class_name: str | None = None
    rules: tuple[IngressRule, ...] | None = None
    tls: tuple[IngressTLS, ...] | None = None


class Ingress(KubeObject, frozen=True, kw_only=True):
    spec: IngressSpec = IngressSpec()
