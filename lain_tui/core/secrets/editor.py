"""The user's own editor on a text that must not touch a disk: a file in memory, gone with its folder afterwards."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from lain_tui.core.errors import LainError
from lain_tui.core.process import attend, ctrl_c_is_theirs
from lain_tui.core.secrets.keyring import is_alive, start_time

_PREFIX = "lain-tui-"
_VIM = ("-n", "-i", "NONE", "-c", "set nobackup nowritebackup noundofile")
_QUIET: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("vim", "nvim", "gvim"), _VIM),
    "emacs": ("--eval", "(setq make-backup-files nil auto-save-default nil create-lockfiles nil)"),
}
"""What keeps an editor from leaving copies of its own elsewhere: swap files, undo files, yanked text."""


async def edit_text(text: str, *, name: str = "document.yaml", env: Mapping[str, str] | None = None) -> str:
    """Let the user change a text in $VISUAL, $EDITOR or vi; return what it is then.

    The file is in memory (tmpfs), readable by this user alone, and removed in any case but the death of this process;
    then by the next one. Raises LainError when there is no memory to put it in, or the editor failed.
    """
    env = os.environ if env is None else env
    command = shlex.split(env.get("VISUAL") or env.get("EDITOR") or "vi")
    with _folder(env) as folder:
        path = folder / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        quiet = _QUIET.get(Path(command[0]).name, ())
        # What the editor writes beside or in TMPDIR goes with the folder.
        with ctrl_c_is_theirs():
            code = await attend(
                [*command, *quiet, str(path)],
                environment={**env, "TMPDIR": str(folder)},
                hint="Set VISUAL or EDITOR to one that is there.",
            )
        if code != 0:
            raise LainError(f"the editor ended with {code}: nothing was changed", where=command[0])
        try:
            return path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            raise LainError("what the editor left cannot be read as UTF-8: nothing was changed") from None


@contextlib.contextmanager
def _folder(env: Mapping[str, str]) -> Iterator[Path]:
    """A folder of this process in memory; folders of processes that are gone are taken away, too."""
    base = next((place for place in _places(env) if _is_memory(place)), None)
    if base is None:
        raise LainError(
            "there is no folder in memory here for an editor's file",
            hint="Change it in the app, or with set KEY=- from standard input.",
        )
    for old in base.glob(f"{_PREFIX}*"):
        pid, _, started = old.name.removeprefix(_PREFIX).partition("-")
        if pid.isdigit() and started.isdigit() and not is_alive(int(pid), int(started)):
            shutil.rmtree(old, ignore_errors=True)
    folder = base / f"{_PREFIX}{os.getpid()}-{start_time()}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _places(env: Mapping[str, str]) -> list[Path]:
    runtime = env.get("XDG_RUNTIME_DIR")
    return [*([Path(runtime)] if runtime else []), Path("/dev/shm")]


def _is_memory(place: Path) -> bool:
    """A folder of ours on a tmpfs, as /proc/mounts has it."""
    if not (place.is_dir() and os.access(place, os.W_OK)):
        return False
    try:
        mounts = Path("/proc/mounts").read_text("utf-8").splitlines()
    except OSError:
        return False
    points = {parts[1]: parts[2] for line in mounts if len(parts := line.split()) > 2}
    real = place.resolve()
    point = next(str(folder) for folder in (real, *real.parents) if str(folder) in points)
    return points[point] in ("tmpfs", "ramfs")
