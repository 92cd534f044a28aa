"""The images of the node, made without docker from Debian's packages."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from tests.cluster import debian, images

pytestmark = pytest.mark.real


@pytest.mark.skipif(debian.unavailable() is not None, reason=str(debian.unavailable()))
def test_they_are_made_from_nothing_and_always_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = images.archive().read_bytes()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = images.archive()
    assert made.is_relative_to(tmp_path)
    assert made.read_bytes() == ours
    with tarfile.open(made) as archive:
        index = archive.extractfile("index.json")
        assert index is not None
        named = [m["annotations"]["io.containerd.image.name"] for m in json.load(index)["manifests"]]
    assert named == [f"{images.NAMES}/{name}:1" for name in images.PROGRAMS]
    left = [path.name for path in made.parent.iterdir()]
    assert len(left) == 2, f"an archive, a layer and nothing half done: {left}"
