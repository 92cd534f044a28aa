"""Start and stop a real Kubernetes for the tests: `up`, `down`, `status`, `build`, `peers`.

`up` prints the path of the kubeconfig as its last line. Needs nothing but Python's standard library.
Ends with 3 when what it is made of cannot be had here, with 1 when it can and something is wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])  # the repository, so that this file runs from anywhere

from tests.cluster import binary, debian, images, launch, peers  # noqa: E402
from tests.cluster.binary import Unavailable  # noqa: E402

UNAVAILABLE = 3


def main() -> int:
    words = _parser().parse_args()
    words.data = words.data.resolve() if words.data else launch.clusters() / "up"
    try:
        done: int = words.run(words)
    except (Unavailable, RuntimeError) as reason:
        print(f"ctl.py: {reason}", file=sys.stderr)
        return UNAVAILABLE if isinstance(reason, Unavailable) else 1
    return done


def up(words: argparse.Namespace) -> int:
    running = launch.find(words.data)
    if running is None:
        print("Starting the cluster ...", file=sys.stderr, flush=True)
        node = not words.no_node
        running = launch.start(
            words.data, node=node, registry=node, kwok_nodes=words.kwok_nodes, detached=True, keep=words.keep
        )
    print(_described(running), file=sys.stderr)
    print(running.told["kubeconfig"])
    return 0


def down(words: argparse.Namespace) -> int:
    running = launch.find(words.data)
    if running is None:
        print(f"No cluster is up in {words.data}.", file=sys.stderr)
        launch.sweep()
        return 0
    running.stop()
    print("The cluster is gone.", file=sys.stderr)
    return 0


def status(words: argparse.Namespace) -> int:
    found = {running.data: running for running in launch.all_running()}
    if (chosen := launch.find(words.data)) is not None:
        found[chosen.data] = chosen
    for running in found.values():
        print(_described(running))
        print(running.told["kubeconfig"])
    return 0 if found else 1


def build(_: argparse.Namespace) -> int:
    print(binary.build())
    debian.install()
    print(images.archive())
    return 0


def build_peers(_: argparse.Namespace) -> int:
    for name, found in peers.build_all().items():
        print(f"{name}: {found}")
    return 0


def _described(running: launch.Running) -> str:
    told = running.told
    node = told.get("node_name") or "no real node"
    lines = [
        f"Kubernetes {told['version']} at {told['server']}: {node}, {told['kwok_nodes']} simulated nodes"
    ]
    for registry in told.get("registries", []):
        who = f"{registry['user']} / {registry['password']}" if registry.get("user") else "no password"
        lines.append(f"registry {registry['host']} ({who})")
    lines.append(f"logs in {told['logs']}")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument(
        "--data", type=Path, metavar="DIR", help="its folder, removed by down (default: one for all)"
    )
    starting = commands.add_parser("up", parents=[folder], help="start a cluster that stays until down")
    starting.add_argument("--no-node", action="store_true", help="a control plane and simulated nodes only")
    starting.add_argument(
        "--kwok-nodes", type=int, default=0, metavar="N", help="simulated nodes (default 0)"
    )
    starting.add_argument("--keep", action="store_true", help="leave its folder behind, for the logs")
    starting.set_defaults(run=up)
    for command, run, does in (
        ("down", down, "stop it; nothing is left behind"),
        ("status", status, "list the clusters that are up; 1 when there is none"),
    ):
        commands.add_parser(command, parents=[folder], help=does).set_defaults(run=run)
    commands.add_parser("build", help="make all that a cluster is started of").set_defaults(run=build)
    commands.add_parser("peers", help="build the programs the benchmarks compare with").set_defaults(
        run=build_peers
    )
    parser.set_defaults(data=None)
    return parser


if __name__ == "__main__":
    sys.exit(main())
