"""A plain HTTP client for the contract suite: what goes over the wire, with nothing in between."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import urllib3
from kubernetes import client, config

JSON = "application/json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"

Obj = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def text(self) -> str:
        return self.data.decode()

    @property
    def warnings(self) -> list[str]:
        """The texts of its Warning headers (`299 - "text"`)."""
        headers = self.headers.getlist("Warning")  # type: ignore[attr-defined]
        return [header.partition('"')[2].removesuffix('"').replace('\\"', '"') for header in headers]

    def ok(self) -> Obj:
        """The body of an answer that must be a success."""
        assert 200 <= self.status < 300, f"{self.status}: {self.text[:500]}"
        body: Obj = self.json
        return body

    def refused(self, status: int, reason: str) -> Obj:
        """The Status of an answer that must be a refusal of this kind."""
        body: Obj = self.json
        assert (self.status, body.get("kind"), body.get("reason")) == (status, "Status", reason), self.text[
            :500
        ]
        assert (body["status"], body["code"]) == ("Failure", status)
        return body


class Watch:
    """An open watch; iterate over its events, or wait for one."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response
        self._lines = self._read()
        self.seen: list[Obj] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()

    def __iter__(self) -> Iterator[Obj]:
        for line in self._lines:
            event: Obj = json.loads(line)
            self.seen.append(event)
            yield event

    def wait_for(self, predicate: Callable[[Obj], bool]) -> Obj:
        """The next event that is like that; the test fails when none comes in time."""
        for event in self:
            if predicate(event):
                return event
        told = [f"{e['type']} {e['object'].get('metadata', {}).get('name', '')}" for e in self.seen]
        raise AssertionError(f"the event did not come; those that did: {told}")

    def rest(self) -> list[Obj]:
        """All events until the server ends the watch (timeoutSeconds)."""
        return list(self)

    def _read(self) -> Iterator[bytes]:
        buffer = b""
        for data in self._response.stream(1 << 16, decode_content=True):
            *lines, buffer = (buffer + data).split(b"\n")
            yield from (line for line in lines if line)


class Api:
    """Requests as the admin of a kubeconfig."""

    def __init__(self, kubeconfig: Path) -> None:
        configuration = client.Configuration()
        config.load_kube_config(str(kubeconfig), client_configuration=configuration)
        self.client = client.ApiClient(configuration)
        """The official client, for what needs a websocket."""
        # The loader's certificate files last only until somebody else in this process cleans them up.
        trust = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
        if configuration.cert_file:
            trust.load_cert_chain(configuration.cert_file, configuration.key_file)
        self._pool = urllib3.PoolManager(maxsize=8, ssl_context=trust)
        self._host = configuration.host.rstrip("/")
        token = configuration.get_api_key_with_prefix("authorization")
        self._headers = {"Authorization": token} if token else {}

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        type: str = JSON,
        accept: str = JSON,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        """`query` holds parameters by their own names; a list repeats one."""
        response = self._send(
            method, path, body, query, {"Accept": accept, "Content-Type": type, **(headers or {})}
        )
        return Answer(response.status, response.headers, response.data)

    def get(self, path: str, **more: Any) -> Answer:
        return self.request("GET", path, **more)

    def post(self, path: str, body: Obj, **more: Any) -> Answer:
        return self.request("POST", path, body, **more)

    def put(self, path: str, body: Obj, **more: Any) -> Answer:
        return self.request("PUT", path, body, **more)

    def delete(self, path: str, body: Obj | None = None, **more: Any) -> Answer:
        return self.request("DELETE", path, body, **more)

    def patch(self, path: str, body: Any, type: str = MERGE, **more: Any) -> Answer:
        return self.request("PATCH", path, body, type=type, **more)

    def apply(self, path: str, body: Obj, manager: str = "tester", **more: Any) -> Answer:
        return self.request("PATCH", path, body, type=APPLY, fieldManager=manager, **more)

    def watch(self, path: str, *, within: float = 30.0, accept: str = JSON, **query: Any) -> Watch:
        """Open a watch that is given up after `within` seconds: the server ends it.

        A kind that has only just been defined cannot be watched yet: 429, in the words of the server's cache.
        """
        query = {"watch": "true", "timeoutSeconds": int(within), **query}
        deadline = time.monotonic() + within
        while True:
            response = self._send("GET", path, None, query, {"Accept": accept}, preload_content=False)
            if response.status == 200:
                return Watch(response)
            assert response.status == 429 and time.monotonic() < deadline, response.data
            response.drain_conn()
            time.sleep(0.2)

    def stream(self, path: str, **query: Any) -> urllib3.BaseHTTPResponse:
        """A GET whose body is read as it comes (logs that follow); close it."""
        return self._send("GET", path, None, query, {"Accept": "*/*"}, preload_content=False)

    def eventually(self, path: str, predicate: Callable[[Obj], Any], *, within: float = 180.0) -> Obj:
        """The object once it is like that; read again until then."""
        deadline = time.monotonic() + within
        while True:
            answer = self.get(path)
            if answer.status == 200 and predicate(answer.json):
                return answer.ok()
            assert time.monotonic() < deadline, f"{path} never became so: {answer.text[:3000]}"
            time.sleep(0.05)

    def gone(self, path: str, *, within: float = 180.0) -> None:
        """Wait until there is no such object."""
        deadline = time.monotonic() + within
        while (answer := self.get(path)).status != 404:
            assert time.monotonic() < deadline, f"{path} is still there: {answer.text[:1000]}"
            time.sleep(0.05)

    def _send(
        self,
        method: str,
        path: str,
        body: Any,
        query: Obj,
        headers: Mapping[str, str],
        preload_content: bool = True,
    ) -> urllib3.BaseHTTPResponse:
        url = self._host + path + (f"?{urlencode(query, doseq=True)}" if query else "")
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        response: urllib3.BaseHTTPResponse = self._pool.request(
            method,
            url,
            body=data,
            headers={**self._headers, **headers},
            timeout=180,
            retries=False,
            preload_content=preload_content,
        )
        return response
