"""What docker's clients print, taken down from real builds, as the events that a screen draws and a command prints.

The lines are those of buildx 0.38 beside docker 28; github.com/moby/buildkit, util/progress/progressui, prints them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lain_tui.core.errors import LainError
from lain_tui.core.image.buildkit import build_buildkit, clients, find_client
from lain_tui.core.image.context import measure
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.host import DockerHost
from lain_tui.core.image.reasons import BaseUnavailable
from lain_tui.core.model.build import BuildEvent, BuildLine, BuildStep, ImageReady, LayerProgress
from tests.image.conftest import everything

LAYER = "0fbfa1224c7308a02f6e38c531027fc7abb03cb3dc619dbdc5d948b48774e88c"
BASE = f"reg.example.com/team/big:1@sha256:{LAYER}"
BEGUN = """\
#0 building with "default" instance using docker driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 156B done
#1 WARN: SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV "TOKEN") (line 4)
#1 DONE 0.0s

#2 [auth] team/big:pull token for reg.example.com
#2 DONE 0.0s

"""
BUILDING = f"""\
{BEGUN}#3 [internal] load metadata for reg.example.com/team/big:1
#3 DONE 0.1s

#4 [1/4] FROM {BASE}
#4 resolve {BASE} done
#4 sha256:{LAYER} 4.19MB / 30.01MB 0.1s
#4 ...

#5 [internal] load build context
#5 transferring context: 3.00MB 0.6s done
#5 DONE 0.7s

#4 [1/4] FROM {BASE}
#4 sha256:{LAYER} 30.01MB / 30.01MB 0.8s done
#4 extracting sha256:{LAYER} 0.1s done
#4 DONE 1.4s

#6 [2/4] WORKDIR /lain/app
#6 CACHED

#8 [4/4] RUN echo a && sleep 1 && echo b >&2 && exit 9
#8 0.085 a
#8 1.135 b
"""
FAILED = """\
#8 ERROR: process "/bin/sh -c echo a && sleep 1 && echo b >&2 && exit 9" did not complete successfully: exit code: 9
------
 > [4/4] RUN echo a && sleep 1 && echo b >&2 && exit 9:
0.085 a
1.135 b
------

 1 warning found (use docker --debug to expand):
 - SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV "TOKEN") (line 4)
Dockerfile:5
--------------------
   5 | >>> RUN echo a && sleep 1 && echo b >&2 && exit 9
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c echo a && exit 9" did not complete successfully: exit code: 9
"""
MADE = """\
#8 DONE 1.2s

#9 exporting to image
#9 exporting layers 0.1s done
#9 exporting manifest sha256:ba33cd688b2f5e8a036d2a57c2a0722fd67678cf67b7ee87821503c0eb45e39f done
#9 naming to moby-dangling@sha256:ba33cd688b2f5e8a036d2a57c2a0722fd67678cf67b7ee87821503c0eb45e39f done
#9 unpacking to moby-dangling@sha256:ba33cd688b2f5e8a036d2a57c2a0722fd67678cf67b7ee87821503c0eb45e39f 0.0s done
#9 DONE 0.2s

View build details: docker-desktop://dashboard/build/default/default/p4z1
"""


async def told(folder: Path, printed: str, *, made: bool = True) -> list[BuildEvent]:
    """The events of a build whose client prints this."""
    (folder / "app").mkdir()
    (folder / "printed").write_text(printed)
    program = folder / "docker"
    ending = (
        'for word; do case $word in --iidfile=*) printf sha256:1 > "${word#*=}"; esac; done'
        if made
        else "exit 1"
    )
    program.write_text(f"#!/bin/sh\ncat {folder}/printed >&2\n{ending}\n")
    program.chmod(0o755)
    building = build_buildkit(
        program, DockerHost(url="unix:///none", source="tests"), measure(folder / "app"), "FROM base:1\n",
        target="build", arguments={}, labels={}, environment=dict(os.environ),
    )  # fmt: skip
    return await everything(building)


NEWER, OLDER = "Docker version 28.2.2, build e6534b4", "Docker version 20.10.24+dfsg1, build 297e128"


def client(folder: Path, name: str, version: str, *, plugin: bool = False) -> Path:
    """Docker's client as far as it is asked what it can."""
    (folder / name).mkdir()
    path = folder / name / "docker"
    path.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "{version}" || {str(plugin).lower()}\n')
    path.chmod(0o755)
    return path


async def test_a_client_from_23_on_builds_only_with_its_plugin(tmp_path: Path) -> None:
    client(tmp_path, "plain", NEWER)
    client(tmp_path, "podman", "podman version 4.3.1", plugin=True)
    older, newer = client(tmp_path, "older", OLDER), client(tmp_path, "newer", NEWER, plugin=True)
    path = ":".join(str(tmp_path / name) for name in ("plain", "podman", "older", "newer"))
    assert await everything(clients({"PATH": path})) == [(older, "1.41"), (newer, "")]


@pytest.mark.parametrize(("least", "taken"), [((1, 24), "older"), ((1, 44), "newer")])
async def test_a_client_that_the_engine_is_too_new_for_is_left_aside(
    tmp_path: Path, least: tuple[int, int], taken: str
) -> None:
    """docker 20.10 does not end when the engine refuses its version of the API: it waits for ever."""

    async def answer(request: web.Request) -> web.Response:
        asked = tuple(int(part) for part in request.match_info["version"].split("."))
        return web.Response(text="OK") if asked >= least else web.Response(status=400, text="too old")

    application = web.Application()
    application.router.add_get("/v{version}/_ping", answer)
    server = TestServer(application, host="127.0.0.1")
    await server.start_server()
    client(tmp_path, "older", OLDER)
    client(tmp_path, "newer", NEWER, plugin=True)
    environment = {"PATH": f"{tmp_path / 'older'}:{tmp_path / 'newer'}"}
    async with Engine(DockerHost(url=f"tcp://127.0.0.1:{server.port}", source="tests")) as engine:
        found = await find_client(environment, engine)
    await server.close()
    assert found == tmp_path / taken / "docker"


async def test_steps_lines_and_layers_are_known_from_what_is_said_beside_them(tmp_path: Path) -> None:
    events = await told(tmp_path, BUILDING + MADE)
    steps = [(e.title, e.state.value, e.seconds) for e in events if isinstance(e, BuildStep)]
    assert steps == [
        (f"[1/4] FROM {BASE}", "running", None),
        ("send the context", "running", None),
        ("send the context", "done", 0.7),
        (f"[1/4] FROM {BASE}", "done", 1.4),
        ("[2/4] WORKDIR /lain/app", "running", None),
        ("[2/4] WORKDIR /lain/app", "cached", 0.0),
        ("[4/4] RUN echo a && sleep 1 && echo b >&2 && exit 9", "running", None),
        ("[4/4] RUN echo a && sleep 1 && echo b >&2 && exit 9", "done", 1.2),
        ("exporting to image", "running", None),
        ("exporting to image", "done", 0.2),
    ]
    moved = [(e.layer, e.action, e.current, e.total) for e in events if isinstance(e, LayerProgress)]
    assert moved == [
        (LAYER[:12], "Downloading", 4_190_000, 30_010_000),
        ("context", "Sending", 3_000_000, 0),
        (LAYER[:12], "Downloading", 30_010_000, 30_010_000),
        (LAYER[:12], "Extracting", 0, 0),
    ]
    assert [e.text for e in events if isinstance(e, BuildLine)] == ["a", "b"]
    assert events[-1] == ImageReady(image="", image_id="sha256:1")


async def test_the_failing_step_is_told_with_its_lines_and_nothing_of_what_follows(tmp_path: Path) -> None:
    with pytest.raises(LainError) as raised:
        await told(tmp_path, BUILDING + FAILED, made=False)
    assert raised.value.what == "the build failed: it ended with exit code 9\na\nb"
    assert raised.value.where == "[4/4] RUN echo a && sleep 1 && echo b >&2 && exit 9"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("reg.example.com/team/big:1: not found", "the registry reg.example.com does not have it"),
        (
            "pull access denied, repository does not exist or may require authorization:"
            " server message: insufficient_scope: authorization failed",
            "the registry reg.example.com gives no access to team/big",
        ),
        (
            "failed to resolve source metadata for reg.example.com/team/big:1: unexpected status from HEAD request"
            " to https://reg.example.com/v2/team/big/manifests/1: 429 Too Many Requests",
            "the registry reg.example.com is asked too often",
        ),
    ],
)
async def test_a_base_image_that_is_not_given(tmp_path: Path, said: str, why: str) -> None:
    printed = f"{BEGUN}#3 [internal] load metadata for reg.example.com/team/big:1\n#3 ERROR: {said}\n"
    printed += f"------\n > [internal] load metadata for reg.example.com/team/big:1:\n------\nERROR: {said}\n"
    with pytest.raises(BaseUnavailable) as raised:
        await told(tmp_path, printed, made=False)
    assert raised.value.what == f"the base image reg.example.com/team/big:1 cannot be had: {why}"


async def test_what_fails_outside_of_any_step_is_said_without_the_clients_preface(tmp_path: Path) -> None:
    said = "ERROR: failed to build: failed to solve: dockerfile parse error on line 2: unknown instruction: RUNN\n"
    with pytest.raises(LainError) as raised:
        await told(tmp_path, BEGUN + said, made=False)
    assert (
        raised.value.what == "the build failed: dockerfile parse error on line 2: unknown instruction: RUNN"
    )
