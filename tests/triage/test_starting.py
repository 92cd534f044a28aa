"""A container that does not come to run: its image, its configuration, its command, its volumes."""

from __future__ import annotations

import pytest

from lain_tui.core.model.finding import Finding
from lain_tui.core.triage.case import Keys
from lain_tui.core.triage.pulls import PullFault, image_tag, pull_fault, split_image
from tests.kubeobjects import ended, event, pod, waiting
from tests.triage.cases import keys, shown, why

IMAGE = "registry.example.com/dummy:1634699031-1176662"
# What containerd 1.7 and 2.0, CRI-O and Docker answer through the kubelet.
NOT_FOUND = (
    f'Failed to pull image "{IMAGE}": rpc error: code = NotFound desc = failed to pull and unpack image "{IMAGE}": '
    f'failed to resolve reference "{IMAGE}": {IMAGE}: not found'
)
DENIED = (
    f'Failed to pull image "{IMAGE}": failed to pull and unpack image "{IMAGE}": failed to resolve reference "{IMAGE}": '
    "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: "
    "authorization failed"
)
NO_HOST = (
    f'Failed to pull image "{IMAGE}": rpc error: code = Unknown desc = failed to pull and unpack image "{IMAGE}": failed '
    f'to resolve reference "{IMAGE}": failed to do request: Head "https://registry.example.com/v2/dummy/manifests/1": '
    "dial tcp: lookup registry.example.com on 10.96.0.10:53: no such host"
)


class TestImage:
    def pulling(self, message: str, reason: str = "ImagePullBackOff") -> Finding:
        backing_off = f'Back-off pulling image "{IMAGE}"'
        return why(
            pod(waiting(reason, backing_off), phase="Pending"),
            event("Failed", message, count=4, seconds=20),
            event("BackOff", backing_off, warning=False, count=9, seconds=5),
        )

    def test_not_found_unauthorized_and_unreachable_are_told_apart(self) -> None:
        assert self.pulling(NOT_FOUND).code == "image-not-found"
        assert self.pulling(DENIED).code == "image-unauthorized"
        assert self.pulling(NO_HOST).code == "registry-unreachable"

    def test_not_found_names_what_the_registry_does_not_have(self) -> None:
        finding = self.pulling(NOT_FOUND)
        assert finding.title == "worker's image is not in the registry"
        assert (
            finding.explanation[0]
            == "registry.example.com has no dummy:1634699031-1176662: was it built and pushed?"
        )
        assert [remedy.verb for remedy in finding.remedies] == ["deploy", "rollback"]
        assert finding.evidence[0].label == "BackOff" or finding.evidence[0].label == "Failed"

    def test_unauthorized_names_the_pull_secret(self) -> None:
        blocked = pod(
            waiting("ErrImagePull", DENIED), phase="Pending", spec={"imagePullSecrets": [{"name": "regcred"}]}
        )
        assert (
            "The pull Secret regcred does not exist."
            in why(blocked, secrets={"regcred": Keys(exists=False)}).explanation
        )
        assert "regcred does not open it" in shown(
            why(blocked, secrets={"regcred": keys(".dockerconfigjson")})
        )
        assert "The pod has no pull Secret" in shown(self.pulling(DENIED))

    def test_a_newer_kubelets_message_is_enough_without_events(self) -> None:
        message = f'Back-off pulling image "{IMAGE}": ErrImagePull: {NOT_FOUND.partition(": ")[2]}'
        assert why(pod(waiting("ImagePullBackOff", message), phase="Pending")).code == "image-not-found"

    def test_a_bad_name_is_shown_as_it_is(self) -> None:
        message = 'Failed to apply default image tag "Dummy:": couldn\'t parse image name "Dummy:": invalid reference format'
        finding = why(
            pod(waiting("InvalidImageName", message), phase="Pending", container={"image": "Dummy:"})
        )
        assert finding.code == "image-name-invalid"
        assert "'Dummy:' is not a valid image reference." in finding.explanation


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (NOT_FOUND, PullFault.NOT_FOUND),
        (DENIED, PullFault.UNAUTHORIZED),
        (NO_HOST, PullFault.UNREACHABLE),
        ("Error response from daemon: manifest for dummy:1 not found: manifest unknown: manifest unknown", PullFault.NOT_FOUND),
        ("reading manifest 1 in registry.example.com/dummy: manifest unknown", PullFault.NOT_FOUND),
        ("Error response from daemon: Head \"https://r/v2/\": unauthorized: authentication required", PullFault.UNAUTHORIZED),
        ("failed to authorize: failed to fetch anonymous token: unexpected status from GET request to "
         "https://ghcr.io/token: 403 Forbidden", PullFault.UNAUTHORIZED),
        ('failed to do request: Head "https://r:5000/v2/": dial tcp 10.0.0.1:5000: connect: connection refused', PullFault.UNREACHABLE),
        ('failed to do request: Head "https://r:5000/v2/": dial tcp 10.0.0.1:5000: i/o timeout', PullFault.UNREACHABLE),
        ('failed to do request: Head "https://r:5000/v2/": http: server gave HTTP response to HTTPS client', PullFault.PLAIN_HTTP),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", PullFault.UNTRUSTED),
        ("toomanyrequests: You have reached your pull rate limit.", PullFault.RATE_LIMITED),
        ("no match for platform in manifest: not found", PullFault.PLATFORM),
        ("write /var/lib/containerd/x: no space left on device", PullFault.NO_SPACE),
        ("something nobody has seen yet", PullFault.UNKNOWN),
    ],
)  # fmt: skip
def test_what_a_pull_error_says(message: str, fault: PullFault) -> None:
    assert pull_fault(message) is fault


@pytest.mark.parametrize(
    ("image", "parts", "tag"),
    [
        ("dummy", ("", "dummy", ""), "latest"),
        ("dummy:1", ("", "dummy", "1"), "1"),
        ("team/dummy:1", ("", "team/dummy", "1"), "1"),
        ("localhost:5000/dummy", ("localhost:5000", "dummy", ""), "latest"),
        ("r.example.com/a/b/c:2", ("r.example.com", "a/b/c", "2"), "2"),
        ("r.example.com/a:2@sha256:0123456789abcdef", ("r.example.com", "a", "sha256:0123456789abcdef"), "sha256:0123456789ab"),
    ],
)  # fmt: skip
def test_image_references_are_taken_apart(image: str, parts: tuple[str, str, str], tag: str) -> None:
    assert split_image(image) == parts
    assert image_tag(image) == tag


class TestConfiguration:
    def test_a_missing_secret_is_named(self) -> None:
        finding = why(
            pod(waiting("CreateContainerConfigError", 'secret "dummy-env" not found'), phase="Pending")
        )
        assert finding.code == "secret-missing"
        assert finding.title == "worker cannot start: Secret dummy-env does not exist"
        assert finding.remedies[0].verb == "env.edit"

    def test_a_missing_config_map_is_named(self) -> None:
        finding = why(
            pod(waiting("CreateContainerConfigError", 'configmap "settings" not found'), phase="Pending")
        )
        assert finding.code == "config-map-missing"
        assert "ConfigMap settings does not exist" in finding.title

    def test_a_missing_key_is_named_with_its_secret(self) -> None:
        message = "couldn't find key MYSQL_HOST in Secret default/dummy-env"
        finding = why(pod(waiting("CreateContainerConfigError", message), phase="Pending"))
        assert finding.code == "key-missing"
        assert finding.title == "worker cannot start: Secret dummy-env has no key MYSQL_HOST"
        assert finding.remedies[0].arguments == {"secret": "dummy-env", "key": "MYSQL_HOST"}

    def test_an_image_that_would_run_as_root(self) -> None:
        message = (
            'container has runAsNonRoot and image will run as root (pod: "x_default(y)", container: worker)'
        )
        assert (
            why(pod(waiting("CreateContainerConfigError", message), phase="Pending")).code == "runs-as-root"
        )

    def test_a_mounted_secret_that_is_missing(self) -> None:
        finding = why(
            pod(waiting("ContainerCreating"), phase="Pending"),
            event(
                "FailedMount",
                'MountVolume.SetUp failed for volume "secret" : secret "dummy-secret" not found',
                count=8,
            ),
        )
        assert finding.title == "worker cannot start: Secret dummy-secret does not exist"
        assert finding.remedies[0].verb == "secret.edit"

    def test_a_mounted_key_that_is_missing(self) -> None:
        finding = why(
            pod(
                waiting("ContainerCreating"),
                phase="Pending",
                spec={"volumes": [{"name": "secret", "secret": {"secretName": "dummy-secret"}}]},
            ),
            event(
                "FailedMount",
                'MountVolume.SetUp failed for volume "secret" : references non-existent secret key: topsecret.txt',
            ),
        )
        assert finding.code == "key-missing"
        assert finding.title == "worker cannot start: Secret dummy-secret has no key topsecret.txt"
        assert finding.remedies[0].verb == "secret.edit"

    def test_a_volume_that_another_node_holds(self) -> None:
        finding = why(
            pod(waiting("ContainerCreating"), phase="Pending"),
            event(
                "FailedAttachVolume",
                'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) db-0',
            ),
        )
        assert finding.code == "volume-in-use"


OCI = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable "
    "to start container process: "
)


@pytest.mark.parametrize(
    ("reason", "message", "code", "title"),
    [
        ("RunContainerError", OCI + 'exec: "wrker": executable file not found in $PATH: unknown', "command-not-found",
         "worker cannot start: its image has no wrker"),
        ("RunContainerError", OCI + 'error during container init: exec: "/lain/app/run.sh": stat /lain/app/run.sh: no such file '
         "or directory: unknown", "command-not-found", "worker cannot start: its image has no /lain/app/run.sh"),
        ("RunContainerError", OCI + 'error during container init: exec: "/lain/app/run.sh": permission denied: unknown',
         "command-not-executable", "worker cannot start: /lain/app/run.sh may not be executed"),
        ("CreateContainerError", 'failed to prepare subPath for volumeMount "secret" of container "worker"', "subpath-failed",
         "worker cannot mount a part of volume secret"),
        ("RunContainerError", OCI + 'error during container init: error mounting "/var/lib/kubelet/pods/x" to rootfs at '
         '"/lain/app/a.txt": mount: not a directory: unknown', "mount-mismatch",
         "worker mounts a file over a directory, or a directory over a file, at /lain/app/a.txt"),
        ("RunContainerError", OCI + "exec /lain/app/run: exec format error", "exec-format",
         "worker's program is built for another processor, or a script without its #! line"),
        ("CreateContainerError", "context deadline exceeded", "start-failed", "worker cannot be started"),
    ],
)  # fmt: skip
def test_why_the_runtime_cannot_start_it(reason: str, message: str, code: str, title: str) -> None:
    finding = why(pod(waiting(reason, message), phase="Pending"))
    assert (finding.code, finding.title) == (code, title)


def test_a_start_that_failed_is_known_from_the_last_end_while_it_backs_off() -> None:
    end = ended(128, "StartError", message=OCI + 'exec: "wrker": executable file not found in $PATH: unknown')
    finding = why(pod(waiting("CrashLoopBackOff", "back-off", restartCount=3, lastState=end)))
    assert finding.code == "command-not-found"
