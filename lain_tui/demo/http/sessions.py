"""exec and attach over websockets (v4 and v5.channel.k8s.io)."""

from __future__ import annotations

import asyncio
import json

from aiohttp import WSMsgType, web

from .. import errors, filetools
from ..clock import stamp
from ..cluster import Cluster
from ..disk import Disk
from ..errors import ApiError
from ..kinds import POD
from ..kubelet import environment
from ..kubelet.container import Container
from ..shell import FOREVER, Session, is_shell, knows_script
from ..storage import Obj
from . import logs
from .route import Route
from .terminal import Terminal
from .top import Top

STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
PIECE = 32 * 1024
PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")


class Channel:
    """One websocket, with its channels told apart."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self.input: asyncio.Queue[bytes | None] = asyncio.Queue()
        """What was typed; None when stdin was closed."""
        self.size: tuple[int, int] = (24, 80)
        self.resized = asyncio.Event()
        self.killed = False
        """The container has ended under the session."""

    async def send(self, channel: int, data: bytes) -> None:
        if data:
            await self._socket.send_bytes(bytes([channel]) + data)

    async def read(self) -> None:
        """Sort what comes in until the client goes."""
        async for message in self._socket:
            if message.type is not WSMsgType.BINARY and message.type is not WSMsgType.TEXT:
                continue
            data = message.data if isinstance(message.data, bytes) else message.data.encode()
            if not data:
                continue
            if data[0] == STDIN:
                self.input.put_nowait(data[1:])
            elif data[0] == RESIZE:
                size = json.loads(data[1:])
                self.size = (int(size["Height"]), int(size["Width"]))
                self.resized.set()
            elif data[0] == CLOSE and data[1:2] == bytes([STDIN]):
                self.input.put_nowait(None)
        self.input.put_nowait(None)

    async def end(self, code: int, words: list[str]) -> None:
        await self.send(ERROR, json.dumps(_outcome(code, words)).encode())
        await self._socket.close()


def _outcome(code: int, words: list[str]) -> Obj:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


def _running(cluster: Cluster, route: Route, wanted: str) -> tuple[Obj, Container]:
    """Find the running container a session is for. ApiError when there is none."""
    pod = cluster.api.found(POD, route.namespace, route.name).obj
    name = logs.choose(pod, wanted)
    phase = (pod.get("status") or {}).get("phase")
    if phase in ("Succeeded", "Failed"):
        raise errors.bad_request(f"cannot exec into a container in a completed pod; current phase is {phase}")
    if not pod["spec"].get("nodeName"):
        raise errors.bad_request(f"pod {route.name} does not have a host assigned")
    container = cluster.kubelet.container(route.namespace, route.name, name)
    if container is None or container.stage != "running":
        raise errors.internal(f'unable to upgrade connection: container not found ("{name}")')
    return pod, container


async def serve(request: web.BaseRequest, cluster: Cluster, route: Route) -> web.StreamResponse:
    """Run one session to its end."""
    query = request.query
    pod, container = _running(cluster, route, query.get("container", ""))
    command = query.getall("command", [])
    if route.subresource == "exec" and not command:
        raise errors.bad_request("you must specify at least one command for the container")
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise ApiError(
            403, "Forbidden", "this cluster speaks exec over websockets only (kubectl 1.31 and later)"
        )
    socket = web.WebSocketResponse(protocols=PROTOCOLS)
    await socket.prepare(request)
    channel = Channel(socket)
    reading = asyncio.ensure_future(channel.read())
    watching = asyncio.ensure_future(_hang_up(channel, cluster, route, container))
    try:
        if route.subresource == "attach":
            if query.get("stdin") in ("true", "1") and container.spec.get("tty"):
                await _join(channel, cluster, pod, container)
            else:
                await _attach(channel, cluster, container)
        else:
            tty = query.get("tty") in ("true", "1")
            stdin = query.get("stdin") in ("true", "1")
            await _exec(channel, cluster, pod, container, list(command), tty=tty, stdin=stdin)
    except ConnectionResetError:
        pass
    finally:
        reading.cancel()
        watching.cancel()
        await socket.close()
    return socket


async def _hang_up(channel: Channel, cluster: Cluster, route: Route, container: Container) -> None:
    """End whoever reads what is typed when the container's end takes them with it."""
    run = container.started_at
    while True:
        await asyncio.sleep(logs.POLL)
        there = cluster.kubelet.container(route.namespace, route.name, container.name) is container
        if not there or container.stage != "running" or container.started_at != run:
            break
    channel.killed = True
    channel.input.put_nowait(None)


def _shell(cluster: Cluster, pod: Obj, container: Container) -> Session:
    env = environment.variables(cluster.storage, pod, container.spec)
    env["_NOW"] = stamp(cluster.clock.now())
    disk = _disk(cluster, pod, container)
    return Session(env, dict(disk.mounted), disk=disk)


def _disk(cluster: Cluster, pod: Obj, container: Container) -> Disk:
    """The container's files, with what is mounted as it is now."""
    if container.disk is None:
        container.disk = Disk(cluster.clock, (*filetools.PROGRAMS, "top"))
    container.disk.mounted = environment.files(cluster.storage, pod, container.spec)
    return container.disk


async def _exec(
    channel: Channel,
    cluster: Cluster,
    pod: Obj,
    container: Container,
    command: list[str],
    *,
    tty: bool,
    stdin: bool,
) -> None:
    session = _shell(cluster, pod, container)
    if tty:
        try:
            async with asyncio.timeout(0.3):
                await channel.resized.wait()
        except TimeoutError:
            pass
        session.size = channel.size
    if not _has(session, command[0]):
        await channel.send(ERROR, json.dumps(_not_found(command[0])).encode())
        return
    program = command[0].rpartition("/")[2]
    if program == "top":
        await Top(channel, container).run(tty=tty)
        await channel.end(137 if channel.killed else 0, command)
        return
    interactive = is_shell(command[0]) and "-c" not in command
    if interactive and stdin:
        terminal = Terminal(channel, session, container, pod["metadata"]["name"], tty)
        await terminal.run()
    elif command == ["cat"] and stdin:
        while (data := await channel.input.get()) is not None:
            await channel.send(STDOUT, data)
    elif program in filetools.PROGRAMS:
        session.code = await _work(channel, session, command, stdin=stdin, tty=tty)
    elif not interactive:
        text = command[command.index("-c") + 1] if "-c" in command else _quoted(command)
        await _play(channel, cluster, session, text, "\r\n" if tty else "\n")
    await channel.end(137 if channel.killed else session.code, command)


def _has(session: Session, command: str) -> bool:
    program = command.rpartition("/")[2]
    if program in filetools.PROGRAMS or program == "top":
        return f"/bin/{program}" in session.disk.nodes if session.disk is not None else False
    return knows_script([command])


async def _work(channel: Channel, session: Session, command: list[str], *, stdin: bool, tty: bool) -> int:
    """Run a program that works on files: byte for byte, and all of its input first."""
    assert session.disk is not None, "an exec session has one"
    given = bytearray()
    while stdin and (data := await channel.input.get()) is not None:
        given += data
    if channel.killed:
        return 137
    ran = filetools.run(command, session.disk, bytes(given))
    for start in range(0, len(ran.out), PIECE):
        piece = ran.out[start : start + PIECE]
        await channel.send(STDOUT, piece.replace(b"\n", b"\r\n") if tty else piece)
    await channel.send(STDOUT if tty else STDERR, ran.err.encode())
    return ran.code


async def _play(channel: Channel, cluster: Cluster, session: Session, text: str, newline: str) -> None:
    """Run a script, in the time it takes."""
    at = 0.0
    for line in session.execute(text):
        if line.at > at:
            await cluster.clock.sleep(line.at - at)
            at = line.at
        # a terminal is one stream for both
        target = STDERR if line.error and newline == "\n" else STDOUT
        await channel.send(target, (line.text + newline).encode())
    if session.at > at:
        await cluster.clock.sleep(min(session.at - at, FOREVER))


def _quoted(words: list[str]) -> str:
    return " ".join("'" + word.replace("'", "'\"'\"'") + "'" for word in words)


def _not_found(command: str) -> Obj:
    why = (
        "error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec "
        f'failed: exec failed: unable to start container process: exec: "{command}": executable file not found in $PATH'
    )
    return errors.internal(why).status()


async def _attach(channel: Channel, cluster: Cluster, container: Container) -> None:
    """Show what a container writes from now on, until it ends."""
    log = container.log
    assert log is not None
    log.advance(cluster.clock.now())
    number = log.entries[-1].number + 1 if log.entries else 0
    while log.ended is None:
        log.advance(cluster.clock.now())
        for entry in log.since(number):
            await channel.send(STDOUT, (entry.text + "\n").encode())
            number = entry.number + 1
        await asyncio.sleep(logs.POLL)
    await channel.end(int((container.finished or {}).get("exitCode", 0)), [])


async def _join(channel: Channel, cluster: Cluster, pod: Obj, container: Container) -> None:
    """Give the shell that a container is to whoever attached; the container ends with it."""
    session = _shell(cluster, pod, container)
    await Terminal(channel, session, container, pod["metadata"]["name"], True).run()
    container.killed_code, container.stopping_at = session.code, cluster.clock.now()
    cluster.kubelet.look(pod["metadata"]["namespace"], pod["metadata"]["name"])
    await channel.end(session.code, [])
