"""The Dockerfile that an app's values stand for."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.image.names import image_name
from lain_tui.core.image.quoting import NEWLINE, env_line, paths_line, run_line
from lain_tui.core.image.spec import IMAGE_OWN, BuildSpec, Stage, StageSpec

USER = "1001"
_CHOWN = f"--chown={USER}:{USER}"


class Instruction(msgspec.Struct, frozen=True):
    """One line of a Dockerfile, and the key of the values that it comes from."""

    text: str
    key: str = ""


class Dockerfile(msgspec.Struct, frozen=True, kw_only=True):
    """A Dockerfile and what must be given to build it."""

    stage: Stage
    """The stage that it is for, its last."""
    instructions: tuple[Instruction, ...]
    arguments: tuple[str, ...] = ()
    """Names of the build arguments that it asks for."""
    bases: tuple[str, ...] = ()
    """Images that it starts from."""

    @property
    def text(self) -> str:
        return "".join(f"{instruction.text}\n" for instruction in self.instructions)

    def argument_values(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The arguments that `environment` has a value for, and the line break."""
        values = {
            name: environment[name]
            for name in self.arguments
            if name in environment and name not in IMAGE_OWN
        }
        return {**values, NEWLINE: "\n"} if NEWLINE in self.arguments else values


def render_dockerfile(
    spec: BuildSpec, *, registry: str = "", meta: str = "", stage: Stage | None = None
) -> Dockerfile:
    """The Dockerfile of one stage, the last unless told otherwise.

    `meta` becomes LAIN_META: the image's tag, with `-dirty` when the work tree is not clean. Raises LainError when
    the values have no such stage.
    """
    stage = stage or spec.last
    if stage is Stage.PREPARE:
        lines, stages = list(_prepare(spec)), [spec.prepare]
    else:
        lines, stages = list(_build(spec, registry, meta)), [spec.build]
        if stage is Stage.RELEASE:
            lines += [Instruction(""), *_release(spec, meta)]
            stages.append(spec.release)
        lines.append(Instruction(f"USER {USER}"))
    arguments = [name for part in stages if part for name in part.arguments]
    if any(f"${{{NEWLINE}}}" in line.text for line in lines):
        arguments.append(NEWLINE)
        lines.insert(0, Instruction(f"# Line breaks in values: build with --build-arg {NEWLINE}=$'\\n'"))
    bases = [line.text.split()[1] for line in lines if line.text.startswith("FROM ")]
    return Dockerfile(
        stage=stage,
        instructions=tuple(lines),
        arguments=tuple(dict.fromkeys(arguments)),
        bases=tuple(dict.fromkeys(bases)),
    )


def _prepare(spec: BuildSpec) -> Iterator[Instruction]:
    part = spec.prepare
    if part is None:
        raise LainError("there is nothing to prepare", hint="Add build.prepare.script to the values.")
    yield Instruction(f"FROM {part.base} AS prepare", "build.base")
    yield Instruction(f"WORKDIR {part.workdir}", "build.workdir")
    yield Instruction(paths_line(f"ADD {_CHOWN}", ".", part.workdir), "build.workdir")
    yield from _variables(part, "build.prepare.env")
    if part.script:
        yield Instruction(run_line(part.script), "build.prepare.script")
    yield Instruction(run_line([keep_only(part.keep)]), "build.prepare.keep")


def _build(spec: BuildSpec, registry: str, meta: str) -> Iterator[Instruction]:
    part = spec.build
    if spec.prepare:
        yield Instruction(f"FROM {image_name(registry, spec.app, 'prepare')} AS build", "build.prepare")
    else:
        yield Instruction(f"FROM {part.base} AS build", "build.base")
    yield Instruction(f"WORKDIR {part.workdir}", "build.workdir")
    yield from _variables(part, "build.env")
    if meta:
        yield Instruction(f"ENV LAIN_META={meta}")
    yield Instruction(paths_line(f"ADD {_CHOWN}", ".", part.workdir), "build.workdir")
    if part.script:
        yield Instruction(run_line(part.script), "build.script")


def _release(spec: BuildSpec, meta: str) -> Iterator[Instruction]:
    part = spec.release
    if part is None:
        raise LainError("there is no release stage", hint="Add release to the values.")
    yield Instruction(f"FROM {part.base} AS release", "release.dest_base")
    yield Instruction(f"WORKDIR {part.workdir}", "release.workdir")
    if meta:
        yield Instruction(f"ENV LAIN_META={meta}")
    for source, target in part.copy:
        yield Instruction(paths_line(f"COPY {_CHOWN} --from=build", source, target), "release.copy")
    yield from _variables(part, "release.env")
    if part.script:
        yield Instruction(run_line(part.script), "release.script")


def _variables(part: StageSpec, key: str) -> Iterator[Instruction]:
    lines = [(name, env_line(name, value)) for name, value in part.env.items()]
    names = list(part.arguments)
    if any(f"${{{NEWLINE}}}" in line for _, line in lines):
        names.append(NEWLINE)
    for name in names:
        yield Instruction(f"ARG {name}", key)
    # One ENV a line: a reference sees the variables above it.
    for name, line in lines:
        yield Instruction(line, f"{key}.{name}")


def keep_only(paths: tuple[str, ...]) -> str:
    """A shell line that empties the working directory but for `paths`, files or folders, nested ones included.

    Kept files are not moved, so that their layer is not written twice. It needs find, as busybox has it too.
    """
    if not paths:
        return "find . -mindepth 1 -maxdepth 1 -exec rm -rf {} +"
    patterns = [shlex.quote("./" + _no_pattern(path)) for path in paths]
    inside = [shlex.quote("./" + _no_pattern(path) + "/*") for path in paths]
    kept = " -o ".join(f"-path {pattern}" for pattern in patterns)
    folders = " ".join(f"! -path {pattern}" for pattern in (*patterns, *inside))
    told = "echo 'to keep, but not there: '"
    quoted = [shlex.quote(f"./{path}") for path in paths]
    warnings = "".join(f"test -e {path} || test -L {path} || {told}{path} >&2; " for path in quoted)
    return (
        f"{warnings}find . \\( {kept} \\) -prune -o ! -type d -exec rm -f {{}} +"
        f" && {{ find . -depth -mindepth 1 -type d {folders} -exec rmdir {{}} \\; 2>/dev/null; true; }}"
    )


def _no_pattern(path: str) -> str:
    """A path as a pattern that matches just itself."""
    return "".join(f"\\{char}" if char in "*?[\\" else char for char in path)
