"""What a build will do; neither docker nor network is needed to know it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.image.context import Context, measure
from lain_tui.core.image.dockerfile import Dockerfile, render_dockerfile
from lain_tui.core.image.names import LATEST, PREPARE, image_name
from lain_tui.core.image.prepare import LABEL, Inputs, read_inputs
from lain_tui.core.image.spec import BuildSpec, Stage, read_spec
from lain_tui.core.project.git import read_facts, why_no_commit
from lain_tui.core.values.layers import Values

DIRTY = "-dirty"


class BuildPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a build will do."""

    spec: BuildSpec
    registry: str
    tag: str
    """The commit's, `prepare`, or `latest` outside git."""
    meta: str
    """LAIN_META: the tag of the commit, with `-dirty` when the work tree is not clean."""
    unnamed: str = ""
    """Why the image is called `latest` and not after a commit, as a clause."""
    dockerfile: Dockerfile
    context: Context
    inputs: Inputs | None
    """What the prepare image is made from; None when the values have no prepare."""

    @property
    def image(self) -> str:
        return image_name(self.registry, self.spec.app, self.tag)

    @property
    def prepare_image(self) -> str:
        return image_name(self.registry, self.spec.app, PREPARE)

    @property
    def bases(self) -> tuple[str, ...]:
        """The images that it starts from."""
        return tuple(base for base in self.dockerfile.bases if base != "scratch")

    @property
    def dirty(self) -> bool:
        return self.meta.endswith(DIRTY)

    @property
    def labels(self) -> dict[str, str]:
        """What the image says of itself; the commit's are `-dirty` as LAIN_META is."""
        labels = {"org.opencontainers.image.title": self.spec.app, "lain-tui.meta": self.meta}
        if self.meta not in {LATEST, LATEST + DIRTY}:
            labels["org.opencontainers.image.revision"] = self.meta.partition("-")[2]
        if self.dockerfile.stage is Stage.PREPARE and self.inputs is not None:
            labels[LABEL] = self.inputs.label()
        return labels

    def of_prepare(self) -> BuildPlan:
        """The plan of the prepare image that this build stands on."""
        dockerfile = render_dockerfile(self.spec, meta=self.meta, stage=Stage.PREPARE)
        return msgspec.structs.replace(self, tag=PREPARE, dockerfile=dockerfile)


async def image_tag(folder: Path) -> tuple[str, str]:
    """The tag of HEAD (`latest` outside git and before the first commit), and LAIN_META."""
    facts = await read_facts(folder)
    if facts is None:
        return LATEST, LATEST
    return facts.tag, facts.tag + (DIRTY if facts.dirty else "")


async def plan_build(values: Values, folder: Path, *, stage: Stage | None = None) -> BuildPlan:
    """Look at everything that a build will use; `folder` is the app's repository.

    Raises LainError for what is wrong in the values, and when a file of the context cannot be read.
    """
    spec = read_spec(values)
    registry = str(values.get("registry") or "")
    (tag, meta), (context, inputs) = await asyncio.gather(image_tag(folder), _look(spec, folder))
    return BuildPlan(
        spec=spec,
        registry=registry,
        tag=PREPARE if stage is Stage.PREPARE else tag,
        meta=meta,
        unnamed=why_no_commit(folder) if tag == LATEST else "",
        dockerfile=render_dockerfile(spec, registry=registry, meta=meta, stage=stage),
        context=context,
        inputs=inputs,
    )


async def _look(spec: BuildSpec, folder: Path) -> tuple[Context, Inputs | None]:
    """Count and read files, in a thread."""
    for _ in range(2):  # git takes two turns to begin, and then goes on by itself meanwhile
        await asyncio.sleep(0)
    return await asyncio.to_thread(lambda: (measure(folder), read_inputs(spec, folder)))


def keep(plan: BuildPlan, folder: Path) -> str:
    """Write the plan's Dockerfile into the app's folder; returns what became of it. One that is there stays."""
    path = folder / "Dockerfile"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(plan.dockerfile.text)
    except FileExistsError:
        return f"{path} is there already: it stays as it is."
    except OSError as error:
        raise LainError(f"cannot write it: {error.strerror}", where=str(path)) from error
    return f"{path} is written."
