"""What the containers of this cluster run: small pure programs, chosen by image and command.

A program is called once, at its start, with everything it can see, and tells its whole future: the lines it will log and
when, how it ends if it ends, how it answers probes, what it consumes. Lines of the distant past are never made.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from . import shell

Line = tuple[float, str]
"""Seconds after the line before it (or after the start), and its text."""


@dataclass(frozen=True)
class Context:
    """What a program sees when it starts."""

    image: str
    argv: tuple[str, ...]
    env: dict[str, str]
    files: dict[str, str]
    pod: str
    container: str
    seed: str
    memory_limit: int = 0
    tty: bool = False

    @property
    def repository(self) -> str:
        """The last part of the image's name, without its tag."""
        return self.image.partition("@")[0].rpartition("/")[2].partition(":")[0]


@dataclass
class Run:
    """The future of one container."""

    lines: list[tuple[float, str]] = field(default_factory=list)
    """Offset in seconds from the start, and text."""
    exit_after: float | None = None
    exit_code: int = 0
    exit_reason: str = ""
    chatter: Callable[[], Iterator[Line]] | None = None
    """What it goes on saying, for ever."""
    sick: dict[str, str] = field(default_factory=dict)
    """How it fails a probe ("readiness", "liveness", "startup"): what the probe reports."""
    ports: frozenset[int] | None = None
    """What it listens on; None: wherever it is asked."""
    stop_after: float = 0.6
    stop_code: int = 0
    cpu: float = 3.0
    """Thousandths of a core it uses on average."""
    memory: float = 24.0
    """MiB it uses on average."""


Program = Callable[[Context], Run]

PATHS = (
    "/",
    "/api/orders",
    "/api/orders/1042",
    "/api/users/me",
    "/static/app.css",
    "/healthz",
    "/api/搜索?q=拉面",
)
_MESSAGES = (
    "订单已创建",
    "cache miss, asking the database",
    "user signed in",
    "库存不足，稍后重试",
    "slow query",
)


def _web(context: Context) -> Run:
    """A web server that logs JSON, some of it Chinese, and a traceback now and then."""
    rng = random.Random(context.seed)
    tag = context.env.get("IMAGE_TAG", "unknown")

    def chatter() -> Iterator[Line]:
        number = 0
        while True:
            number += 1
            status = rng.choices((200, 201, 302, 404, 500), (80, 6, 4, 8, 2))[0]
            level = {404: "warning", 500: "error"}.get(status, "info")
            record = {
                "level": level,
                "logger": "access",
                "method": rng.choice(("GET", "GET", "GET", "POST")),
                "path": rng.choice(PATHS),
                "status": status,
                "duration_ms": round(rng.lognormvariate(2.5, 0.8), 1),
                "request_id": f"{rng.getrandbits(48):012x}",
            }
            yield rng.uniform(0.3, 1.6), json.dumps(record, ensure_ascii=False)
            if number % 9 == 0:
                more = {"level": "info", "logger": "app", "msg": rng.choice(_MESSAGES), "tag": tag}
                yield 0.01, json.dumps(more, ensure_ascii=False)
            if status == 500:
                for text in _traceback(
                    "views.py",
                    "orders",
                    'raise TimeoutError("upstream took too long")',
                    "TimeoutError: upstream took too long",
                ):
                    yield 0.0005, text

    port = next((int(a) for a in context.argv if a.isdigit()), 5000)
    start = [
        (0.05, f"INFO:  Started server process [1] tag={tag}"),
        (0.4, "INFO:  Waiting for application startup."),
        (0.9, "INFO:  Application startup complete."),
        (0.95, f"INFO:  Uvicorn running on http://0.0.0.0:{port} (Press CTRL+C to quit)"),
    ]
    return Run(start, chatter=chatter, cpu=46, memory=118, ports=frozenset({port}))


def _traceback(file: str, function: str, statement: str, error: str) -> list[str]:
    return [
        "Traceback (most recent call last):",
        f'  File "/lain/app/{file}", line 41, in {function}',
        f"    {statement}",
        error,
    ]


def _worker(context: Context) -> Run:
    """A queue worker that can't start without MYSQL_HOST."""
    lines = [(0.12, "INFO worker: starting"), (0.31, "INFO worker: 正在读取配置")]
    if "MYSQL_HOST" not in context.env:
        trace = [
            "Traceback (most recent call last):",
            '  File "/lain/app/worker.py", line 87, in <module>',
            "    main()",
            '  File "/lain/app/worker.py", line 61, in main',
            "    db = connect(os.environ['MYSQL_HOST'])",
            "                 ~~~~~~~~~~^^^^^^^^^^^^^^",
            '  File "<frozen os>", line 685, in __getitem__',
            "KeyError: 'MYSQL_HOST'",
        ]
        lines += [(0.9 + i * 0.0004, text) for i, text in enumerate(trace)]
        return Run(lines, exit_after=1.3, exit_code=1)
    rng = random.Random(context.seed)

    def chatter() -> Iterator[Line]:
        while True:
            job = rng.randrange(10_000)
            yield rng.uniform(1, 4), f"INFO worker: took job {job} from queue mail"
            yield rng.uniform(0.05, 0.6), f"INFO worker: job {job} 完成 in {rng.uniform(0.05, 0.6):.3f}s"
            if rng.random() < 0.04:
                yield 0.02, f"WARNING worker: job {job} had to wait for a connection"

    lines.append((0.9, f"INFO worker: connected to mysql at {context.env['MYSQL_HOST']}"))
    return Run(lines, chatter=chatter, cpu=21, memory=87)


def _batch(context: Context) -> Run:
    """A nightly report: some lines, then success."""
    lines = [(0.3, "INFO daily: start"), (2.0, "INFO daily: reading yesterday's orders")]
    lines += [(4.0 + i * 3, f"INFO daily: {i * 10}% 已处理 {i * 1337} 行") for i in range(1, 11)]
    lines.append((36.0, "INFO daily: report sent, done"))
    return Run(lines, exit_after=37.0, exit_code=0, cpu=180, memory=210)


def _hello(context: Context) -> Run:
    """A small service that logs plain lines."""
    rng = random.Random(context.seed)

    def chatter() -> Iterator[Line]:
        while True:
            yield (
                rng.uniform(2, 9),
                f'10.244.0.{rng.randrange(2, 250)} - "GET /hello HTTP/1.1" 200 {rng.randrange(80, 900)}',
            )

    return Run([(0.1, "hello is listening on :8080")], chatter=chatter, cpu=4, memory=22)


def _nginx(context: Context) -> Run:
    rng = random.Random(context.seed)

    def chatter() -> Iterator[Line]:
        while True:
            yield (
                rng.uniform(2, 12),
                f'10.244.0.{rng.randrange(2, 250)} - - "GET / HTTP/1.1" 200 615 "-" "kube-probe/1.36"',
            )

    lines = [(0.05, "/docker-entrypoint.sh: Configuration complete; ready for start up")]
    return Run(lines, chatter=chatter, cpu=1, memory=9, ports=frozenset({80}))


def _glutton(context: Context) -> Run:
    """Eats memory until it is killed."""
    lines = [(0.2, "loading the whole table into memory …"), (1.6, "loaded 120000 rows")]
    return Run(lines, exit_after=3.4, exit_code=137, exit_reason="OOMKilled", cpu=700, memory=240)


def _unready(context: Context) -> Run:
    """Runs, but answers its readiness probe with 503."""
    run = _hello(context)
    run.sick = {"readiness": "HTTP probe failed with statuscode: 503"}
    return run


def _deadlock(context: Context) -> Run:
    """Runs, but hangs: the liveness probe times out."""
    hang = 'Get "http://{ip}:{port}{path}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    return Run(
        [(0.1, "started"), (2.0, "waiting for lock")], sick={"liveness": hang}, stop_code=137, stop_after=30.0
    )


def _slow_start(context: Context) -> Run:
    """Does not get up in the time its startup probe gives it."""
    refused = 'Get "http://{ip}:{port}{path}": dial tcp {ip}:{port}: connect: connection refused'
    return Run([(0.5, "warming up the cache, this takes a while")], sick={"startup": refused}, stop_code=143)


def _shell(context: Context) -> Run:
    """A script given to sh -c, or a single command such as sleep."""
    script = shell.run(list(context.argv), context.env, context.files)
    return Run(
        script.lines,
        exit_after=script.seconds if script.ends else None,
        exit_code=script.code,
        chatter=script.forever,
        cpu=1,
        memory=1.5,
        stop_code=script.stop_code,
        stop_after=script.stop_after,
        ports=frozenset(),
    )


_NAMED: dict[str, Program] = {
    "web": _web,
    "worker": _worker,
    "daily": _batch,
    "hello": _hello,
    "glutton": _glutton,
    "unready": _unready,
    "deadlock": _deadlock,
    "slow-start": _slow_start,
    "nginx": _nginx,
}


def _lines(context: Context) -> Run:
    """Twenty lines at once, then one more every 0.2 s."""

    def chatter() -> Iterator[Line]:
        number = 20
        while True:
            number += 1
            yield 0.2, f"line {number}"

    return Run([(0.01 * i, f"line {i}") for i in range(1, 21)], chatter=chatter, cpu=2, memory=1)


def _crash(context: Context) -> Run:
    return Run([(0.01, "starting"), (0.02, "KeyError: 'MYSQL_HOST'")], exit_after=0.1, exit_code=1)


def _patient(context: Context) -> Run:
    """Waits for commands, and ends at once when it is told to."""
    return Run([(0.01, "ready")], cpu=0.4, memory=1, stop_after=0.05, ports=frozenset())


def _done(context: Context) -> Run:
    return Run([(0.01, "done")], exit_after=0.1)


def _slow(context: Context) -> Run:
    return Run([(0.01, "ready")], cpu=0.4, memory=1, stop_after=3.0, ports=frozenset())


def _httpd(context: Context) -> Run:
    return Run(cpu=1, memory=2, ports=frozenset({8080}), stop_after=0.2, stop_code=143)


def _deaf(context: Context) -> Run:
    """Sleeps, and does not listen to SIGTERM."""
    return Run(cpu=0.1, memory=1, stop_after=shell.FOREVER)


def _oom(context: Context) -> Run:
    return Run(exit_after=0.5, exit_code=137, exit_reason="OOMKilled", cpu=900, memory=60)


def _busy(context: Context) -> Run:
    return Run(cpu=1000, memory=1, stop_after=0.1)


TEST_IMAGES: dict[str, Program] = {
    "logs": _lines,
    "crash": _crash,
    "shell": _patient,
    "done": _done,
    "slow": _slow,
    "web": _httpd,
    "oom": _oom,
    "busy": _busy,
    "pause": _deaf,
}
"""Programs for specifications that run on a real cluster as well: images of the registry ``lain.test``."""
TEST_REGISTRY = "lain.test"


def start(context: Context) -> Run:
    """Start what a container runs: named by its last word (``python run.py web``), by its image, or a script."""
    argv = context.argv
    if context.tty and len(argv) == 1 and shell.is_shell(argv[0]):
        return Run()  # it waits for somebody to attach
    if argv and shell.knows_script(list(argv)):
        return _shell(context)
    if context.image.startswith(f"{TEST_REGISTRY}/") and not argv:
        return TEST_IMAGES.get(context.repository, _patient)(context)
    for word in argv:
        if word in _NAMED:
            return _NAMED[word](context)
    if not argv and context.repository in ("busybox", "alpine", "debian", "bash"):
        return Run(exit_after=None if context.tty else 0.05)
    program = _NAMED.get(context.repository)
    return program(context) if program is not None else Run()
