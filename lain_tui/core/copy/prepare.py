"""A copy, whichever of its two ends is in a pod."""

from __future__ import annotations

from lain_tui.core.copy.address import Address, parse_address
from lain_tui.core.copy.download import Download
from lain_tui.core.copy.upload import Upload
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.target import Target


async def prepare_copy(
    kube: KubeClient, target: Target, source: str, destination: str,
    *, pod: str = "", container: str = "", force: bool = False, follow: bool = False,
) -> Download | Upload:  # fmt: skip
    """Plan it; just one of the two is an address. With `pod` that is the pod, whatever the address names.

    Raises LainError as `Download.prepare` and `Upload.prepare` do.
    """
    there, too = parse_address(source), parse_address(destination)
    if there is not None:
        there = Address(pod or there.name, there.path)
        return await Download.prepare(
            kube, target, there, destination, container=container, force=force, follow=follow
        )
    assert too is not None, "who asks has looked"
    too = Address(pod or too.name, too.path)
    return await Upload.prepare(kube, target, source, too, container=container, force=force, follow=follow)
