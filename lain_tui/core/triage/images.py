"""Images that cannot be pulled."""

from __future__ import annotations

from lain_tui.core.model.finding import Finding, Remedy
from lain_tui.core.model.text import listed
from lain_tui.core.triage.case import (
    PodCase,
    called,
    event_evidence,
    events_of,
    finding,
    latest_event,
    status_evidence,
    trouble,
)
from lain_tui.core.triage.pulls import PullFault, pull_fault, split_image

_REASONS = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull",
                      "RegistryUnavailable", "ImageInspectError", "SignatureValidationFailed"})  # fmt: skip

_CODES = {
    PullFault.BAD_NAME: "image-name-invalid",
    PullFault.NEVER: "image-never-pulled",
    PullFault.UNAUTHORIZED: "image-unauthorized",
    PullFault.NOT_FOUND: "image-not-found",
    PullFault.UNREACHABLE: "registry-unreachable",
    PullFault.UNTRUSTED: "registry-untrusted",
    PullFault.PLAIN_HTTP: "registry-plain-http",
    PullFault.RATE_LIMITED: "registry-rate-limit",
    PullFault.PLATFORM: "image-platform",
    PullFault.NO_SPACE: "node-disk-full",
    PullFault.UNKNOWN: "image-pull-failed",
}


def image_pull(case: PodCase) -> Finding | None:
    """Why the node cannot have an image."""
    found = trouble(case)
    waiting = found.status.state.waiting if found is not None else None
    if found is None or waiting is None or waiting.reason not in _REASONS:
        return None
    image = found.spec.image or found.status.image
    failed = latest_event(case, "Failed", "InspectFailed", "ErrImageNeverPull")
    pulls = [event for event in events_of(case, "Failed") if "pull" in event.message.lower()]
    fault = pull_fault(waiting.reason, waiting.message, *(event.message for event in reversed(pulls)))
    title, sentences = _words(fault, called(case, found), image, case)
    return finding(
        case,
        _CODES[fault],
        title,
        explanation=sentences,
        container=found.name,
        evidence=[
            *event_evidence(events_of(case, "Failed", "BackOff", "InspectFailed", "Pulling"), most=4),
            *(
                [status_evidence(waiting.message, waiting.reason)]
                if waiting.message or failed is None
                else []
            ),
        ],
        remedies=_remedies(fault),
    )


def _words(fault: PullFault, name: str, image: str, case: PodCase) -> tuple[str, list[str]]:
    registry, repository, tag = split_image(image)
    registry = registry or "docker.io"
    place = f"{repository}:{tag or 'latest'}" if not tag.startswith("sha256:") else f"{repository}@{tag}"
    whole = f"Image: {image}"
    match fault:
        case PullFault.NOT_FOUND:
            return f"{name}'s image is not in the registry", [
                f"{registry} has no {place}: was it built and pushed?", whole]  # fmt: skip
        case PullFault.UNAUTHORIZED:
            return f"{name}'s image may not be pulled: {registry} refuses", [_sign_in(case, registry), whole]
        case PullFault.UNREACHABLE:
            node = case.pod.spec.node_name
            return f"the node cannot reach {registry} to pull {name}'s image", [
                f"Name resolution, the network or the registry itself fails on node {node}.", whole]  # fmt: skip
        case PullFault.BAD_NAME:
            return f"{name}'s image name cannot be read", [f"{image!r} is not a valid image reference."]
        case PullFault.NEVER:
            return f"{name}'s image is not on the node, and its pull policy is Never", [whole]
        case PullFault.UNTRUSTED:
            return f"the node does not trust {registry}'s certificate", [whole]
        case PullFault.PLAIN_HTTP:
            return f"{registry} speaks plain HTTP, and the node asks by HTTPS", [
                "The node's container runtime must list it as insecure.", whole]  # fmt: skip
        case PullFault.RATE_LIMITED:
            return f"{registry} limits how often the node may pull", ["It is tried again by itself.", whole]
        case PullFault.PLATFORM:
            return f"{name}'s image was not built for this node's processor", [whole]
        case PullFault.NO_SPACE:
            return f"the node's disk is full: {name}'s image does not fit", [whole]
        case _:
            return f"{name}'s image cannot be pulled", [whole]


def _sign_in(case: PodCase, registry: str) -> str:
    secrets = [ref.name for ref in case.pod.spec.image_pull_secrets or () if ref.name]
    missing = [name for name in secrets if (keys := case.secrets.get(name)) is not None and not keys.exists]
    if missing:
        return f"The pull Secret {listed(missing)} does not exist."
    if secrets:
        return f"The pull Secret {listed(secrets)} does not open it, or the image does not exist."
    return f"The pod has no pull Secret (imagePullSecrets) for {registry}, or the image does not exist."


def _remedies(fault: PullFault) -> list[Remedy]:
    if fault in (PullFault.NOT_FOUND, PullFault.BAD_NAME, PullFault.PLATFORM):
        return [
            Remedy(text="deploy a tag that exists", verb="deploy"),
            Remedy(text="roll back", verb="rollback"),
        ]
    return []
