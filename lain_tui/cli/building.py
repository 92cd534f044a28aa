"""What the commands about images share: where they work, how they build, and what they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from lain_tui.core.image.build import BuildOptions
    from lain_tui.core.image.host import DockerHost
    from lain_tui.core.image.plan import BuildPlan
    from lain_tui.core.values.layers import Values

remote_docker = click.option(
    "--remote-docker",
    is_flag=True,
    envvar="LAIN_REMOTE_DOCKER",
    help="Use the cluster's remote_docker engine.",
)
network = click.option(
    "--network",
    metavar="NAME",
    default="",
    envvar="LAIN_BUILD_NETWORK",
    help="The network of the build's steps, such as host.",
)
keep_dockerfile = click.option(
    "--keep-dockerfile", is_flag=True, help="Write the Dockerfile down, unless there is one."
)
allow_dirty = click.option("--allow-dirty", is_flag=True, help="Build a work tree with uncommitted changes.")
allow_large = click.option("--allow-large", is_flag=True, help="Send more than 200 MB to the docker engine.")


def app_values(here: Session) -> tuple[Values, Path]:
    """The app's values, and the folder that holds its chart."""
    from lain_tui.core.config.resolve import resolve_values

    values = resolve_values(here.options, cwd=here.folder, env=here.env)
    return values, values.layers[0].path.parent.parent


def registry_of(values: Values) -> str:
    """The cluster's registry; empty when it has none."""
    return str(values.get("registry") or "")


def docker_host(here: Session, values: Values, *, remote: bool) -> DockerHost:
    """The engine to use; raises LainError when a remote one is wanted and the cluster has none."""
    from lain_tui.core.errors import LainError
    from lain_tui.core.image.host import resolve_host

    remote = remote or here.remote_docker
    address = str(values.get("remote_docker") or "") if remote else ""
    if remote and not address:
        raise LainError("the cluster has no remote docker", hint="Set remote_docker in the cluster's values.")
    return resolve_host(here.env, remote=address)


def engine_host(here: Session, *, remote: bool) -> DockerHost:
    """As `docker_host`; the app's values are looked for only when they have to say where the remote one is."""
    from lain_tui.core.image.host import resolve_host

    if remote or here.remote_docker:
        return docker_host(here, app_values(here)[0], remote=True)
    return resolve_host(here.env)


def build_options(
    here: Session, values: Values, *, remote: bool, network: str, push_prepare: bool
) -> BuildOptions:
    """How this command builds."""
    from lain_tui.core.image.build import BuildOptions

    return BuildOptions(
        host=docker_host(here, values, remote=remote),
        network=network,
        push_prepare=push_prepare,
        environment=dict(here.env),
    )


def context_agreed(here: Session, build: BuildPlan, *, large: bool) -> bool:
    """Tell what goes to the docker engine; whether more than 200 MB may, which is asked unless `large` says so."""
    from lain_tui.core.model.text import counted, spell_bytes

    context = build.context
    sent = f"{counted(context.files, 'file')}, {spell_bytes(context.size)}"
    here.say(f"Context: {sent}")
    most = f"{spell_bytes(context.most_size)} of it in {context.most}"
    told = f"{sent} go to the docker engine, {most}; ignore what the image does not need."
    return not context.large or large or agreed(here, told, option="--allow-large")


def agreed(here: Session, said: str, *, option: str) -> bool:
    """Whether to go on although `said`: by asking on a terminal, else only with the option."""
    here.say(said)
    if here.asks:
        return click.confirm("Go on?", default=False, err=True)
    here.say(f"Nothing was built. {option} builds all the same.")
    return False


def refuse_read_only(here: Session, verb: str) -> None:
    """Raise Refused for what changes a registry when nothing may be changed."""
    from lain_tui.core.config.clusters import current_cluster
    from lain_tui.core.errors import Refused

    cluster = here.options.cluster or here.options.context or current_cluster(here.env)
    if here.settings.reads_only(cluster):
        raise Refused(
            f"read-only: {verb} is off", hint="Leave --read-only away (or read_only in the settings)."
        )
