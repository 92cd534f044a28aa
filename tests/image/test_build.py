"""Real builds, with BuildKit and with the engine's own builder."""

from __future__ import annotations

import asyncio
import contextlib
import random
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.image.build import BuildOptions, run_build
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.host import DockerHost
from lain_tui.core.image.plan import plan_build
from lain_tui.core.image.spec import Stage
from lain_tui.core.image.transfer import ImageMissing, push, save
from lain_tui.core.model.build import BuildLine, BuildStep, ImageReady, LayerProgress, StepState
from lain_tui.core.model.text import uncoloured
from lain_tui.core.registry.credentials import ANONYMOUS
from lain_tui.core.registry.distribution import Distribution
from tests.docker_daemon import Daemon
from tests.image.conftest import Repository, everything

TRICKY = {
    "SPACES": "  two  spaces ",
    "QUOTES": """say "hi" and 'ho'""",
    "DOLLAR": "$HOME $(id) $$ ${ $1",
    "HASH": "# no comment #",
    "BACKSLASH": "C:\\new\\table\\",
    "LINES": "one\ntwo\n\nfour\n",
    "CHINESE": "中文 ☃",
    "EMPTY": "",
    "JSON": '{"a": ["b", "\\n"]}',
    "EQUALS": "a=b=c",
    "TAB": "a\tb",
    "BACKTICK": "`id`",
    "PERCENT": "%s %",
}
_CHANCE = random.Random(20)
_PIECES = [
    " ", "  ", "\t", "\n", "'", '"', "$", "$$", "${", "}", "${X", "#", "\\", "\\\\", "`", "=", "%", "!", "&", ";", "|", "<", "*",
    "a", "B", "0", "中", "☃", "\u00a0", "é",
]  # fmt: skip
CHANCE = {f"CHANCE_{n}": "".join(_CHANCE.choices(_PIECES, k=_CHANCE.randint(1, 9))) for n in range(30)}


def awkward(options: BuildOptions) -> dict[str, str]:
    """Values of every kind, and some of any: fewer for the engine's own builder, which takes a container for each."""
    return TRICKY | (CHANCE if options.network else dict(list(CHANCE.items())[:4]))


def environment(daemon: Daemon, image: str) -> dict[str, str]:
    # -0 keeps line breaks apart; the image's busybox knows it.
    out = daemon.docker("run", "--rm", "--network=none", image, "env", "-0").stdout
    return dict(entry.split("=", 1) for entry in out.split("\0") if "=" in entry)


async def test_env_values_reach_the_image_as_written(
    daemon: Daemon, repository: Repository, options: BuildOptions
) -> None:
    given = awkward(options)
    values = repository.values(build={"base": "base:1", "env": given, "script": ["true"]})
    repository.commit()
    plan = await plan_build(values, repository.folder)
    events = await everything(run_build(plan, options))
    assert isinstance(events[-1], ImageReady)
    found = environment(daemon, plan.image)
    assert {name: found.get(name) for name in given} == given


async def test_references_and_arguments(
    daemon: Daemon, repository: Repository, options: BuildOptions
) -> None:
    secret = "a b\"c'd$e\\f#g\n中文"
    env = {"PATH": "/lain/app/bin:${PATH}", "A": "1", "B": "${A}2", "TOKEN": "<${TOKEN}>"}
    values = repository.values(build={"base": "base:1", "env": env, "script": ["true"]})
    options = msgspec.structs.replace(options, environment={**options.environment, "TOKEN": secret})
    plan = await plan_build(values, repository.folder)
    await everything(run_build(plan, options))
    found = environment(daemon, plan.image)
    assert found["PATH"] == "/lain/app/bin:/bin"
    assert found["B"] == "12"
    assert found["TOKEN"] == f"<{secret}>"


async def test_arguments_reach_the_image_as_they_are(
    daemon: Daemon, repository: Repository, options: BuildOptions
) -> None:
    given = awkward(options) if options.network else dict(list(TRICKY.items())[:7])
    env = {f"COPY_{name}": f"${{{name}}}" for name in given}
    values = repository.values(build={"base": "base:1", "env": env, "script": ["true"]})
    options = msgspec.structs.replace(options, environment={**options.environment, **given})
    plan = await plan_build(values, repository.folder)
    await everything(run_build(plan, options))
    found = environment(daemon, plan.image)
    assert {name: found.get(f"COPY_{name}") for name in given} == given


async def test_after_prepare_only_what_is_kept_is_there(
    daemon: Daemon, repository: Repository, options: BuildOptions, builder: str
) -> None:
    for name in (
        "requirements.txt",
        "src/app.py",
        "web/deep/kept/a",
        "web/deep/other",
        ".hidden/x",
        "a[1].txt",
    ):
        repository.write(name, "x")
    prepare = {
        "script": [
            "mkdir -p 'with space/in' empty/dir .cache/sub && touch 'with space/in/f' .cache/sub/g treasure.txt top",
            f"ln -s treasure.txt link && ln -s nowhere dangling  # {builder} has no cached layer of this",
        ],
        "keep": [
            "treasure.txt",
            "web/deep/kept",
            "with space/in",
            ".cache",
            "./dangling",
            "a[1].txt",
            "absent",
        ],
    }
    values = repository.values(build={"base": "base:1", "prepare": prepare})
    plan = await plan_build(values, repository.folder, stage=Stage.PREPARE)
    events = await everything(run_build(plan, options))
    out = daemon.docker("run", "--rm", "--network=none", plan.image, "find", ".", "-mindepth", "1").stdout
    assert sorted(out.split("\n")[:-1]) == sorted(
        [
            "./.cache", "./.cache/sub", "./.cache/sub/g", "./a[1].txt", "./dangling", "./treasure.txt", "./web",
            "./web/deep", "./web/deep/kept", "./web/deep/kept/a", "./with space", "./with space/in",
            "./with space/in/f",
        ]
    )  # fmt: skip
    said = [event.text for event in events if isinstance(event, BuildLine)]
    assert any("not there: ./absent" in line for line in said)


async def test_after_prepare_without_keep_nothing_is_there(
    daemon: Daemon, repository: Repository, options: BuildOptions
) -> None:
    repository.write(".dotfile", "x")
    values = repository.values(build={"base": "base:1", "prepare": {"script": ["touch a"]}})
    plan = await plan_build(values, repository.folder, stage=Stage.PREPARE)
    await everything(run_build(plan, options))
    assert daemon.docker("run", "--rm", "--network=none", plan.image, "ls", "-A").stdout == ""


async def test_scripts_with_lines_comments_and_here_documents(
    daemon: Daemon, repository: Repository, options: BuildOptions
) -> None:
    script = ["cat > made <<EOF\nline $((1 + 1))\nEOF\n# done\n", "echo two >> made  # a comment"]
    values = repository.values(build={"base": "base:1", "script": script})
    plan = await plan_build(values, repository.folder)
    await everything(run_build(plan, options))
    assert daemon.docker("run", "--rm", "--network=none", plan.image, "cat", "made").stdout == "line 2\ntwo\n"


async def test_build_uses_prepare_runs_as_1001_and_says_its_commit(
    daemon: Daemon, repository: Repository, options: BuildOptions
) -> None:
    repository.write("requirements.txt", "a")
    build = {"base": "base:1", "prepare": {"script": ["echo gold > treasure.txt"], "keep": ["treasure.txt"]}}
    release = {"dest_base": "base:1", "copy": [{"src": "/lain/app/treasure.txt", "dest": "/vault/t"}]}
    values = repository.values(build=build, release=release)
    tag = repository.commit()
    daemon.docker("rmi", "-f", "dummy:prepare", check=False)
    plan = await plan_build(values, repository.folder)
    assert (plan.tag, plan.meta, plan.dirty) == (tag, tag, False)
    events = await everything(run_build(plan, options))
    ready = events[-1]
    assert isinstance(ready, ImageReady)
    assert ready.image == f"dummy:{tag}"
    assert ready.size > 0
    shown = daemon.docker(
        "run", "--rm", "--network=none", plan.image, "sh", "-c", "id -u; cat /vault/t; echo $LAIN_META"
    )
    assert shown.stdout.split() == ["1001", "gold", tag]
    labels = daemon.docker("inspect", "--format={{json .Config.Labels}}", plan.image).stdout
    assert msgspec.json.decode(labels)["org.opencontainers.image.revision"] == tag.partition("-")[2]


async def test_prepare_that_is_out_of_date_is_told(
    daemon: Daemon, repository: Repository, options: BuildOptions
) -> None:
    repository.write("requirements.txt", "a")
    build = {"base": "base:1", "prepare": {"script": ["cat requirements.txt"], "keep": []}}
    daemon.docker("rmi", "-f", "dummy:prepare", check=False)
    plan = await plan_build(repository.values(build=build), repository.folder)
    await everything(run_build(plan, options))
    repository.write("requirements.txt", "b")
    daemon.docker("tag", "base:1", "base:2")
    build["base"] = "base:2"
    plan = await plan_build(repository.values(build=build), repository.folder)
    told = [
        e.detail for e in await everything(run_build(plan, options)) if isinstance(e, BuildStep) and e.detail
    ]
    assert "base was base:1, now it is base:2, requirements.txt has changed" in told[0]


async def test_a_dirty_work_tree_is_marked(
    daemon: Daemon, repository: Repository, options: BuildOptions
) -> None:
    values = repository.values(build={"base": "base:1"})
    tag = repository.commit()
    repository.write("new.py", "x")
    plan = await plan_build(values, repository.folder)
    assert (plan.dirty, plan.tag, plan.meta) == (True, tag, f"{tag}-dirty")
    await everything(run_build(plan, options))
    assert environment(daemon, plan.image)["LAIN_META"] == f"{tag}-dirty"
    labels = daemon.docker("inspect", "--format={{json .Config.Labels}}", plan.image).stdout
    assert msgspec.json.decode(labels)["org.opencontainers.image.revision"].endswith("-dirty")


async def test_what_git_ignores_stays_out_and_nothing_is_left_behind(
    daemon: Daemon, repository: Repository, options: BuildOptions
) -> None:
    repository.write(".gitignore", "*.log\n/build\n!keep.log\nnode_modules/\n")
    for name in (
        "a.log",
        "deep/b.log",
        "keep.log",
        "build/x",
        "deep/build/y",
        "deep/node_modules/z",
        "Dockerfile",
    ):
        repository.write(name, "mine")
    values = repository.values(build={"base": "base:1"})
    repository.commit()
    before = {str(path) for path in repository.folder.rglob("*") if ".git" not in path.parts}
    plan = await plan_build(values, repository.folder)
    await everything(run_build(plan, options))
    out = daemon.docker("run", "--rm", "--network=none", plan.image, "find", ".", "-type", "f").stdout
    assert sorted(out.split()) == [
        "./.gitignore", "./Dockerfile", "./chart/values.yaml", "./deep/build/y", "./keep.log",
    ]  # fmt: skip
    assert plan.context.files == len(out.split())
    after = {str(path) for path in repository.folder.rglob("*") if ".git" not in path.parts}
    assert after == before
    assert (repository.folder / "Dockerfile").read_text() == "mine"


async def test_the_users_own_dockerignore_is_used(
    daemon: Daemon, repository: Repository, options: BuildOptions
) -> None:
    repository.write(".dockerignore", "*\n!src\n**/*.txt\n")
    for name in ("src/a.py", "src/deep/b.py", "src/c.txt", "d.py"):
        repository.write(name, "x")
    plan = await plan_build(repository.values(build={"base": "base:1"}), repository.folder)
    assert not plan.context.derived
    await everything(run_build(plan, options))
    out = daemon.docker("run", "--rm", "--network=none", plan.image, "find", ".", "-type", "f").stdout
    assert sorted(out.split()) == ["./src/a.py", "./src/deep/b.py"]


async def test_steps_are_told_with_time_and_cached_ones_marked(
    repository: Repository, options: BuildOptions, builder: str
) -> None:
    bar = "printf '10%%\\r50%%\\r100%%\\n'"
    script = [f"echo said-{builder} >&2; {bar} >&2"]
    plan = await plan_build(repository.values(build={"base": "base:1", "script": script}), repository.folder)
    first = await everything(run_build(plan, options))
    said = [uncoloured(e.text) for e in first if isinstance(e, BuildLine)]
    assert said == [f"said-{builder}", "100%"]
    ran = [e for e in first if isinstance(e, BuildStep) and "RUN" in e.title]
    assert [step.state for step in ran] == [StepState.RUNNING, StepState.DONE]
    assert ran[-1].seconds is not None
    if options.network:
        sent = [e for e in first if isinstance(e, LayerProgress) and e.action == "Sending"]
        assert sent and sent[-1].total == plan.context.size
    again = await everything(run_build(plan, options))
    assert [e.state for e in again if isinstance(e, BuildStep) and "RUN" in e.title][-1] is StepState.CACHED


async def test_a_failing_step_is_named_with_its_last_lines_and_no_image(
    daemon: Daemon, repository: Repository, options: BuildOptions
) -> None:
    values = repository.values(build={"base": "base:1", "script": ["echo looking; echo no luck >&2; exit 7"]})
    plan = await plan_build(values, repository.folder)
    daemon.docker("rmi", "-f", plan.image, check=False)
    with pytest.raises(LainError) as raised:
        await everything(run_build(plan, options))
    assert "exit code 7" in raised.value.what
    assert "no luck" in raised.value.what
    assert "RUN" in raised.value.where
    assert daemon.docker("inspect", plan.image, check=False).returncode != 0


async def test_a_cancelled_build_stops_and_leaves_no_image_nor_shows_its_arguments(
    daemon: Daemon, repository: Repository, options: BuildOptions
) -> None:
    env = {"TOKEN": "${TOKEN}"}
    values = repository.values(build={"base": "base:1", "env": env, "script": ["echo begun; sleep 300"]})
    options = msgspec.structs.replace(options, environment={**options.environment, "TOKEN": "hush-4711"})
    plan = await plan_build(values, repository.folder)
    daemon.docker("rmi", "-f", plan.image, check=False)
    begun = asyncio.Event()

    async def build() -> None:
        async for event in run_build(plan, options):
            if isinstance(event, BuildLine) and event.text == "begun":
                begun.set()

    task = asyncio.create_task(build())
    await asyncio.wait_for(begun.wait(), 20)
    assert not [line for line in _command_lines() if b"hush-4711" in line], "a build argument can be read"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    deadline = asyncio.get_running_loop().time() + 15
    while _sleeping(daemon):
        assert asyncio.get_running_loop().time() < deadline, "the step still runs"
        await asyncio.sleep(0.1)
    assert daemon.docker("inspect", plan.image, check=False).returncode != 0


async def test_the_plugin_writes_nothing_among_dockers_settings(
    repository: Repository, builder: str, options: BuildOptions
) -> None:
    if builder != "buildx":
        pytest.skip("only buildx would")
    settings = Path(options.environment["DOCKER_CONFIG"])
    before = names(settings)
    plan = await plan_build(repository.values(build={"base": "base:1"}), repository.folder)
    await everything(run_build(plan, options))
    assert names(settings) == before


def _command_lines() -> Iterator[bytes]:
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield (process / "cmdline").read_bytes()


def _sleeping(daemon: Daemon) -> bool:
    """Whether a `sleep 300` of this daemon's containers runs: their root lies below its folder."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"sleep\x00300" in (process / "cmdline").read_bytes():
                return str(daemon.folder) in (process / "mountinfo").read_text()
        except OSError:
            continue
    return False


async def test_a_base_image_that_is_nowhere(
    repository: Repository, registry: str, options: BuildOptions
) -> None:
    plan = await plan_build(repository.values(build={"base": f"{registry}/nope:1"}), repository.folder)
    with pytest.raises(LainError, match=r"base image .*/nope:1 cannot be had"):
        await everything(run_build(plan, msgspec.structs.replace(options, pull=True)))


async def test_prepare_is_pulled_or_pushed_or_built(
    daemon: Daemon, repository: Repository, registry: str, options: BuildOptions, builder: str
) -> None:
    team = f"{registry}/team-{builder}"
    build = {"base": "base:1", "prepare": {"script": ["echo gold > t"], "keep": ["t"]}}
    values = repository.values(build=build, registry=team)
    tag = repository.commit()
    options = msgspec.structs.replace(options, pull=True)
    plan = await plan_build(values, repository.folder)

    first = await everything(run_build(plan, options))
    titles = [event.title for event in first if isinstance(event, BuildStep)]
    assert f"push {team}/dummy:prepare" in titles, "it was nowhere: built, and pushed"
    assert plan.image == f"{team}/dummy:{tag}"

    daemon.docker("rmi", "-f", plan.image, plan.prepare_image)
    second = await everything(run_build(plan, options))
    states = [(event.title, event.state) for event in second if isinstance(event, BuildStep)]
    assert (f"pull {team}/dummy:prepare", StepState.DONE) in states
    assert not any("push" in title or "prepare.script" in title for title, _ in states)


async def test_push_sends_the_tag_and_latest_with_bytes(
    daemon: Daemon, repository: Repository, registry: str
) -> None:
    image = f"{registry}/deep/er/dummy:1619925143-{'a' * 40}"
    repository.write("big", "x" * 3_000_000)
    daemon.docker("tag", "base:1", image)
    async with Engine(DockerHost(url=daemon.host, source="tests")) as engine:
        events = await everything(push(engine, image, daemon.environment))
    assert isinstance(events[-1], ImageReady)
    assert any(isinstance(event, LayerProgress) for event in events)
    tags = await Distribution(host=registry, path="deep/er/dummy", login=ANONYMOUS).tags()
    assert sorted(tags) == [f"1619925143-{'a' * 40}", "latest"]


async def test_push_of_an_image_that_is_not_built(daemon: Daemon, registry: str) -> None:
    async with Engine(DockerHost(url=daemon.host, source="tests")) as engine:
        with pytest.raises(ImageMissing, match=r"no image .* to push"):
            await everything(push(engine, f"{registry}/dummy:none", daemon.environment))


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_save_writes_a_whole_archive_once(daemon: Daemon, tmp_path: Path) -> None:
    daemon.docker("tag", "base:1", "example.com/team/app:v1")
    async with Engine(DockerHost(url=daemon.host, source="tests")) as engine:
        await everything(save(engine, "example.com/team/app:v1", tmp_path))
        assert names(tmp_path) == ["app_v1.tar.gz"]
        with tarfile.open(tmp_path / "app_v1.tar.gz") as archive:
            manifest = archive.extractfile("manifest.json")
            assert manifest is not None
            assert msgspec.json.decode(manifest.read())[0]["RepoTags"] == ["example.com/team/app:v1"]
        with pytest.raises(LainError, match="nothing was written"):
            await everything(save(engine, "example.com/team/app:v1", tmp_path))
        await everything(save(engine, "example.com/team/app:v1", tmp_path, force=True))
        stopped = save(engine, "base:1", tmp_path)
        await anext(stopped)
        await anext(stopped)
        await stopped.aclose()  # type: ignore[attr-defined]
    assert names(tmp_path) == ["app_v1.tar.gz"]


async def test_no_engine_is_one_sentence(tmp_path: Path) -> None:
    async with Engine(DockerHost(url=f"unix://{tmp_path}/none.sock", source="default")) as engine:
        with pytest.raises(LainError, match="no docker engine runs here"):
            await engine.ping()


@pytest.fixture
def small_disk(tmp_path: Path, daemon: Daemon) -> Iterator[Path]:
    """64 kB; where there is a daemon, there is the right to mount it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], check=True)
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def test_a_full_disk_leaves_no_half_archive(daemon: Daemon, small_disk: Path) -> None:
    async with Engine(DockerHost(url=daemon.host, source="tests")) as engine:
        with pytest.raises(LainError, match="cannot write it: No space left on device"):
            await everything(save(engine, "base:1", small_disk))
    assert names(small_disk) == []
