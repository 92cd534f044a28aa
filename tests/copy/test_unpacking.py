"""Archives that a stranger made: nothing is written outside of the folder, whatever they say."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from lain_tui.core.copy.unpack import Unpacking
from lain_tui.core.errors import LainError


def archive(*members: tarfile.TarInfo, data: bytes = b"evil") -> io.BytesIO:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for member in members:
            member.size = len(data) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(data))
    buffer.seek(0)
    return buffer


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, 0o755
    return info


def unpack(top: Path, stream: io.BytesIO) -> Unpacking:
    unpacking = Unpacking(top, "sha256", lambda count: None)
    unpacking.read(stream)
    return unpacking


@pytest.mark.parametrize("name", ["../evil", "/evil", "./a/../../evil", "a/../../../evil"])
def test_a_name_that_leads_out_ends_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(LainError, match="names a file outside of the folder"):
        unpack(tmp_path / "top", archive(member(name)))
    assert not (tmp_path / "evil").exists()


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    stream = archive(member("./door", tarfile.SYMTYPE, "../elsewhere"), member("./door/evil"))
    with pytest.raises(LainError):
        unpack(tmp_path / "top", stream)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_links_that_lead_out_through_each_other_are_left_out(tmp_path: Path) -> None:
    stream = archive(
        member("./a", tarfile.DIRTYPE), member("./a/b", tarfile.DIRTYPE), member("./a/b/up", tarfile.SYMTYPE, "../.."),
        member("./out", tarfile.SYMTYPE, "a/b/up/.."), member("./fine", tarfile.SYMTYPE, "a/b"),
    )  # fmt: skip
    unpacking = unpack(tmp_path / "top", stream)
    assert unpacking.left_out == ["out: a link that leads out, to a/b/up/.."]
    assert (tmp_path / "top" / "fine").is_symlink()


def test_a_second_name_for_a_file_stays_one(tmp_path: Path) -> None:
    unpacking = unpack(tmp_path / "top", archive(member("./one"), member("./two", tarfile.LNKTYPE, "./one")))
    assert unpacking.sizes == {"one": 4, "two": 4}
    assert (tmp_path / "top" / "one").stat().st_ino == (tmp_path / "top" / "two").stat().st_ino


def test_a_second_name_for_a_file_elsewhere_ends_it(tmp_path: Path) -> None:
    with pytest.raises(LainError, match="outside"):
        unpack(tmp_path / "top", archive(member("./two", tarfile.LNKTYPE, "/etc/passwd")))


def test_devices_are_left_out_and_no_bits_but_permissions_are_taken(tmp_path: Path) -> None:
    suid = member("./suid")
    suid.mode = 0o4755
    unpacking = unpack(tmp_path / "top", archive(member("./tty", tarfile.CHRTYPE), suid))
    assert unpacking.left_out == ["tty: neither file, folder nor link"]
    assert (tmp_path / "top" / "suid").stat().st_mode & 0o7777 == 0o755


def test_an_archive_that_is_cut_short(tmp_path: Path) -> None:
    whole = archive(member("./one"), data=b"x" * 10_000).getvalue()
    with pytest.raises(LainError, match="no whole tar archive"):
        unpack(tmp_path / "top", io.BytesIO(whole[:4_000]))
