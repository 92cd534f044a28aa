"""What a build would meet: the engine, the prepare image it has, the image that may be there already."""

from __future__ import annotations

from lain_tui.core.errors import LainError
from lain_tui.core.image.build import BuildOptions
from lain_tui.core.image.buildkit import find_client
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.plan import BuildPlan
from lain_tui.core.image.prepare import LABEL, changes
from lain_tui.core.image.spec import Stage
from lain_tui.core.model.build import EngineView
from lain_tui.core.model.text import listed


async def look_at_engine(plan: BuildPlan, options: BuildOptions) -> EngineView:
    """Ask the engine, changing nothing; an engine that cannot be used is told in the answer."""
    try:
        async with Engine(options.host) as engine:
            name = await engine.ping()
            client = await find_client(options.environment, engine)
            found = await engine.image(plan.prepare_image) if plan.inputs is not None else None
            built = await engine.image(plan.image)
    except LainError as error:
        return EngineView(trouble=str(error))
    said: list[str] = []
    prepare = ""
    if plan.inputs is not None and plan.dockerfile.stage is not Stage.PREPARE:
        if found is not None:
            said = changes(found.labels.get(LABEL, ""), plan.inputs)
            prepare = listed(said) if said else "the engine has it"
        else:
            prepare = "pulled, or made when the registry has none" if plan.registry else "made first"
    return EngineView(
        name=name,
        builder="BuildKit" if client is not None else "the engine's own builder",
        prepare=prepare,
        prepare_stale=bool(said),
        built=built.size if built is not None else 0,
    )
