"""Run the embedded cluster: ``python -m lain_tui.demo``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import tempfile
from pathlib import Path

from . import kubeconfig, seed
from .clock import Clock
from .cluster import Cluster
from .http.server import Server
from .seed.source import APP, REMOTE


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="lain_tui.demo", description="A small Kubernetes cluster in one process."
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument(
        "--kubeconfig", type=Path, help="where to write the kubeconfig (default: a temporary file)"
    )
    parser.add_argument(
        "--source",
        action="store_true",
        help="write the repository of the app it is about, beside the kubeconfig",
    )
    parser.add_argument("--seed", default="demo", help="demo, empty or load:PODS")
    parser.add_argument("--token", default="", help="let in only who brings this bearer token")
    parser.add_argument("--speed", type=float, default=1.0, help="cluster seconds per real second")
    parser.add_argument("--parent-pid", type=int, default=0, help="stop when this process is gone")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when standard input ends")
    parser.add_argument(
        "--control-port", type=int, default=None, help="a second port for /demo/faults, never down"
    )
    return parser.parse_args(argv)


async def _parent_gone(pid: int) -> None:
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        except PermissionError:
            pass
        if os.getppid() == 1 and pid != 1:
            return
        await asyncio.sleep(0.5)


async def _stdin_closed() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(4096):
        pass


async def serve(options: argparse.Namespace) -> int:
    """Plant, listen, say so, and live until told to stop."""
    cluster = Cluster(clock=Clock(options.speed))
    try:
        seed.plant(cluster, options.seed)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    cluster.faults.token = options.token
    server = Server(cluster)
    server.take_orders()
    control = Server(cluster) if options.control_port is not None else None
    try:
        await server.start(options.port)
        if control is not None:
            await control.start(options.control_port)
    except OSError as error:
        print(f"error: can't listen on port {options.port}: {error.strerror or error}", file=sys.stderr)
        return 1
    with contextlib.ExitStack() as stack:
        if options.kubeconfig is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="lain-tui-demo-"))
            options.kubeconfig = Path(folder) / "kubeconfig-demo"
        kubeconfig.write(options.kubeconfig, server.url, options.token)
        values = kubeconfig.write_values(options.kubeconfig.parent / "values-demo.yaml", server.port)
        hello = {"url": server.url, "kubeconfig": str(options.kubeconfig), "values": str(values)}
        if cluster.source is not None and options.source:
            source = options.kubeconfig.parent / APP
            cluster.source.write(source, REMOTE)
            hello["source"] = str(source)
        if control is not None:
            hello["control"] = control.url
        print(json.dumps(hello), flush=True)
        await _until_stopped(cluster, options)
        await server.stop()
        if control is not None:
            await control.stop()
    return 0


async def _until_stopped(cluster: Cluster, options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with contextlib.suppress(NotImplementedError, ValueError):
            loop.add_signal_handler(number, stop.set)
    waits = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(cluster.live())]
    if options.parent_pid:
        waits.append(asyncio.ensure_future(_parent_gone(options.parent_pid)))
    if options.until_stdin_closes:
        waits.append(asyncio.ensure_future(_stdin_closed()))
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)


def main(argv: list[str] | None = None) -> int:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    return asyncio.run(serve(_arguments(argv)))


if __name__ == "__main__":
    sys.exit(main())
