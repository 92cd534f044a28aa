"""Kubeconfigs, read by the official client's own loader.

What needs a conversation (a credential plugin, an OpenID login) is settled first and put in place as a plain token or
certificate; files, merging, relative paths and every other way of signing in are the loader's. It hands
certificates over as temporary files: they live in a private folder for the moment that TLS needs to read them.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import copy
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml  # type: ignore[import-untyped]
from kubernetes.client import Configuration
from kubernetes.config import incluster_config, kube_config
from kubernetes.config.config_exception import ConfigException

from lain_tui.core.errors import LainError
from lain_tui.core.kube import oidc, tls
from lain_tui.core.kube.access import Settings, bearer, read_token_file
from lain_tui.core.kube.errors import CredentialsFailed, KubeError
from lain_tui.core.kube.plugin import Credential, run_plugin
from lain_tui.core.kube.proxy import proxy_for

# The loader keeps its temporary files in a table of the whole process.
_loader_lock = threading.Lock()


class Kubeconfig:
    """One context of one or several kubeconfig files, as they were when opened."""

    def __init__(self, files: tuple[Path, ...], context: str = "") -> None:
        """Read and merge the files.

        Raises LainError for files that are missing, no YAML or no kubeconfig, and for an unknown context.
        """
        self._merger = _merge(files)
        self._context = context or _current_context(self._merger)
        value = self._merger.config.value
        entry = _named(value["contexts"], self._context)
        if entry is None:
            known = ", ".join(sorted(str(node.value.get("name")) for node in value["contexts"])) or "none"
            raise LainError(
                f"no context {self._context!r}" if self._context else "no context is chosen",
                where=_places(files),
                hint=f"Contexts there: {known}.",
            )
        body = entry.value.get("context") or {}
        self._user = _named(value["users"], body.get("user") or "")
        self._cluster = _named(value["clusters"], body.get("cluster") or "")
        if self._cluster is None or not (self._cluster.value.get("cluster") or {}).get("server"):
            raise LainError(
                f"context {self._context!r} names no cluster with a server address", where=_places(files)
            )
        self._folder = Path(self._user.path).absolute().parent if self._user else Path()
        self._credential: Credential | None = None

    async def load(self, renew: bool) -> Settings:
        """Make the settings; `renew` runs the plugin or the login's renewal even if the last answer has not ended.

        Raises KubeError when credentials cannot be had or certificates cannot be read.
        """
        user = dict(self._user.value.get("user") or {}) if self._user else {}
        folder = self._folder
        expires: datetime | None = None
        token_file: Path | None = None
        provider = user.get("auth-provider") or {}
        if user.get("tokenFile"):
            # As kubectl: the file wins over a token beside it.
            token_file = folder / user.pop("tokenFile")
            user["token"] = await asyncio.to_thread(read_token_file, token_file)
        elif provider.get("name") == "oidc":
            user, expires = await self._with_login(user, provider, folder, renew)
        elif provider and provider.get("name") != "gcp":
            raise CredentialsFailed(
                f"the auth-provider {provider.get('name')!r} is no longer supported by Kubernetes clients",
                hint="Use its credential plugin (exec) instead.",
            )
        elif user.get("exec") and not user.get("token"):
            user, expires = await self._with_plugin(user, folder, renew)
        renewable = bool(token_file or expires or provider or self._credential)
        settings = await asyncio.to_thread(self._settle, user)
        return msgspec.structs.replace(settings, expires=expires, token_file=token_file, renewable=renewable)

    async def _with_plugin(
        self, user: dict[str, Any], folder: Path, renew: bool
    ) -> tuple[dict[str, Any], datetime | None]:
        if self._credential is None or renew:
            assert self._cluster is not None
            cluster = self._cluster.value["cluster"]
            self._credential = await run_plugin(user["exec"], folder=folder, cluster=cluster)
        given = self._credential
        plain = {key: value for key, value in user.items() if key != "exec"}
        if given.token:
            plain["token"] = given.token
        if given.client_certificate_data:
            plain["client-certificate-data"] = base64.b64encode(
                given.client_certificate_data.encode()
            ).decode()
            plain["client-key-data"] = base64.b64encode(given.client_key_data.encode()).decode()
        return plain, given.expiration_timestamp

    async def _with_login(
        self, user: dict[str, Any], provider: dict[str, Any], folder: Path, renew: bool
    ) -> tuple[dict[str, Any], datetime | None]:
        config = provider.get("config") or {}
        expires = oidc.token_expiry(str(config.get("id-token") or ""))
        ended = expires is not None and expires.timestamp() <= datetime.now().timestamp() + 30
        if renew or ended or not config.get("id-token"):
            await oidc.refresh(config, folder=folder)
            await asyncio.to_thread(self._save)
            expires = oidc.token_expiry(config["id-token"])
        plain = {key: value for key, value in user.items() if key != "auth-provider"}
        return {**plain, "token": config["id-token"]}, expires

    def _settle(self, user: Mapping[str, Any]) -> Settings:
        """Let the official loader turn the merged files, with `user` made plain, into settings."""
        path = self._user.path if self._user else self._cluster.path
        node = kube_config.ConfigNode("user", {"name": "user", "user": dict(user)}, path)
        context = {"cluster": self._cluster.value["name"], "user": "user"}
        config = {
            "current-context": "context",
            "contexts": [{"name": "context", "context": context}],
            "clusters": [self._cluster],
            "users": [node],
        }
        configuration = Configuration(proxy="", no_proxy="")  # the environment's is read as Go reads it
        folder = tempfile.mkdtemp(prefix="lain-tui-")  # mode 0700
        with _loader_lock:
            try:
                loader = kube_config.KubeConfigLoader(
                    kube_config.ConfigNode("kubeconfig", config, self._cluster.path),
                    config_base_path=None,
                    temp_file_path=folder,
                )
                loader.load_and_set(configuration)
                return _settings(configuration)
            except ConfigException as error:
                raise CredentialsFailed(str(error).strip().rstrip("."), where=str(path)) from None
            except (ValueError, OSError) as error:
                raise CredentialsFailed(
                    f"the kubeconfig's certificates or keys cannot be read: {error}", where=str(path)
                ) from None
            finally:
                # The loader's own clean-up, now and not when the process ends.
                kube_config._cleanup_temp_files()
                shutil.rmtree(folder, ignore_errors=True)

    def _save(self) -> None:
        """Write renewed logins back, as kubectl does: providers that rotate refresh tokens accept each once."""
        for path, content in self._merger.config_files.items():
            if self._merger.config_saved.get(path) == content:
                continue
            target = Path(path).resolve()
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            try:
                with os.fdopen(handle, "w") as file:
                    yaml.safe_dump(content, file, default_flow_style=False, sort_keys=False)
                shutil.copymode(target, name)
                os.replace(name, target)  # noqa: PTH105
            except OSError:
                # A read-only kubeconfig: the new token serves this process only.
                with contextlib.suppress(OSError):
                    os.unlink(name)  # noqa: PTH108


async def load_in_cluster(renew: bool) -> Settings:
    """The settings of the pod we run in: its service account.

    Raises LainError when this is no pod.
    """
    configuration = Configuration(proxy="", no_proxy="")
    try:
        incluster_config.InClusterConfigLoader(
            token_filename=incluster_config.SERVICE_TOKEN_FILENAME,
            cert_filename=incluster_config.SERVICE_CERT_FILENAME,
            environ=os.environ,
        ).load_and_set(configuration)
    except ConfigException:
        raise KubeError(
            "no kubeconfig, and this is not a pod in a cluster",
            hint="Name one with --kubeconfig or KUBECONFIG.",
        ) from None
    token_file = Path(incluster_config.SERVICE_TOKEN_FILENAME)
    authorization = bearer(await asyncio.to_thread(read_token_file, token_file))
    settings = await asyncio.to_thread(_settings, configuration)
    return msgspec.structs.replace(
        settings, token_file=token_file, authorization=authorization, renewable=True
    )


def _settings(configuration: Any) -> Settings:
    server = str(configuration.host)
    context = None
    certificate = None
    if server.startswith("https"):
        cert_file = _path(configuration.cert_file)
        context = tls.client_context(
            ca_file=_path(configuration.ssl_ca_cert),
            cert_file=cert_file,
            key_file=_path(configuration.key_file),
            verify=bool(configuration.verify_ssl),
        )
        certificate = tls.expiry(cert_file.read_bytes()) if cert_file else None
    return Settings(
        server=server,
        tls=context,
        server_name=configuration.tls_server_name or None,
        proxy=proxy_for(server, configuration.proxy or None, os.environ),
        authorization=str(configuration.api_key.get("BearerToken") or "").strip(),
        certificate_expires=certificate,
    )


def _merge(files: tuple[Path, ...]) -> Any:
    """The official merger of those files; missing and empty ones are skipped, as kubectl does."""
    readable = []
    for file in files:
        try:
            if file.read_bytes().strip():
                readable.append(str(file))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise LainError(f"the kubeconfig cannot be read: {error.strerror}", where=str(file)) from None
    if not readable:
        raise LainError(
            "no kubeconfig there", where=_places(files), hint="Name one with --kubeconfig or KUBECONFIG."
        )
    now = readable[0]
    try:
        merger = kube_config.KubeConfigMerger(now)
        for now in readable[1:]:
            merger.load_config(now)
        merger.config_saved = copy.deepcopy(merger.config_files)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "cannot be parsed"
        raise LainError(f"the kubeconfig is not YAML: {problem}", where=f"{now}{line}") from None
    except (ConfigException, AttributeError, KeyError, TypeError, UnicodeDecodeError):
        raise LainError("this is no kubeconfig", where=now) from None
    return merger


def _current_context(merger: Any) -> str:
    """The first file that chooses a context wins, as in kubectl (the merger would take the last)."""
    chosen = (content.get("current-context") for content in merger.config_files.values())
    return next((str(name) for name in chosen if name), "")


def _named(nodes: list[Any], name: str) -> Any:
    return next((node for node in nodes if node.value.get("name") == name), None)


def _places(files: tuple[Path, ...]) -> str:
    return os.pathsep.join(map(str, files))


def _path(value: str | None) -> Path | None:
    return Path(value) if value else None
