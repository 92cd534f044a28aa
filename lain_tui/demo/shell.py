"""A shell just big enough for scripts in pods and for exec: words, quotes, variables, a few commands.

It runs in no time at all: `run` tells when each line would come and when it would end.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from . import filetools
from .disk import Disk, NoSuchFile

Line = tuple[float, str]


class Output(NamedTuple):
    """A line that a command writes."""

    at: float
    """The second it comes at."""
    text: str
    error: bool
    """It goes to standard error."""


FOREVER = 10.0**9
"""Seconds that count as never ending."""
_COMMANDS = {
    *(
        "echo",
        "printf",
        "env",
        "printenv",
        "cat",
        "ls",
        "pwd",
        "cd",
        "exit",
        "true",
        "false",
        "sleep",
        "date",
    ),
    *("hostname", "whoami", "id", "stty", "export", "uname", "tail", "test", "[", ":", "tty", "kill"),
}


@dataclass
class Script:
    """What a script would do."""

    lines: list[tuple[float, str]] = field(default_factory=list)
    seconds: float = 0.0
    code: int = 0
    forever: Callable[[], Iterator[Line]] | None = None
    stop_code: int = 137
    stop_after: float = FOREVER

    @property
    def ends(self) -> bool:
        return self.seconds < FOREVER and self.forever is None


@dataclass
class Session:
    """One shell with its variables."""

    env: dict[str, str]
    files: dict[str, str] = field(default_factory=dict)
    size: tuple[int, int] | None = None
    """Rows and columns of the terminal, when there is one."""
    ended: bool = False
    code: int = 0
    at: float = 0.0
    """Seconds that would have passed."""
    disk: Disk | None = None
    """What is written to, when there is something to write to."""

    def execute(self, text: str) -> list[Output]:
        """Run one or more commands; give their lines with the second each comes at."""
        lines: list[Output] = []
        for joint, command in _commands(text):
            if self.ended:
                break
            if (joint == "&&" and self.code) or (joint == "||" and not self.code):
                continue
            lines += [Output(self.at, line, error) for line, error in self._one(command)]
        return lines

    def _one(self, command: str) -> list[tuple[str, bool]]:
        """Run one command; give each line that is seen, and whether it goes to standard error."""
        try:
            words = shlex.split(self._expanded(command), comments=True)
        except ValueError as error:
            self.code = 2
            return [(f"sh: syntax error: {error}", True)]
        words, out, err, file = _redirected(words)
        while words and re.fullmatch(r"[A-Za-z_]\w*=.*", words[0]):
            name, _, value = words.pop(0).partition("=")
            self.env[name] = value
        if not words:
            return []
        lines = self._run(words[0].rpartition("/")[2], words[1:])
        complaint = re.compile(r"\w+: ")
        to = [err if self.code and complaint.match(line) else out for line in lines]
        if file is not None and self.disk is not None:
            written = [line for line, stream in zip(lines, to, strict=True) if stream == _FILE]
            self._write(self.disk, file, written)
        to = [stream if stream != _FILE else _NOWHERE for stream in to]
        return [(line, stream == _ERR) for line, stream in zip(lines, to, strict=True) if stream]

    def _write(self, disk: Disk, file: Target, lines: list[str]) -> None:
        data = "".join(line + "\n" for line in lines).encode()
        try:
            before = disk.look(file.path)[1].data if file.append else b""
        except NoSuchFile:
            before = b""
        try:
            disk.write(file.path, before + data)
        except NoSuchFile:
            self.code = 1

    def _expanded(self, text: str) -> str:
        pieces = re.split(r"('[^']*')", text)
        return "".join(piece if piece.startswith("'") else self._variables(piece) for piece in pieces)

    def _variables(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1] or match[2]
            return str(self.code) if name == "?" else self.env.get(name, "")

        return re.sub(r"\$(?:\{(\w+)\}|(\w+|\?))", value, text)

    def _run(self, name: str, words: list[str]) -> list[str]:
        self.code = 0
        if self.disk is not None and name in filetools.PROGRAMS:
            ran = filetools.run([name, *words], self.disk, b"")
            self.code = ran.code
            return (ran.out.decode(errors="replace") + ran.err).splitlines()
        handler = getattr(self, f"_do_{name}", None) if name.isalpha() else None
        if handler is not None:
            output: list[str] = handler(words)
            return output
        if name == ":":
            return []
        if name in ("[",):
            return self._do_test(words[:-1])
        self.code = 127
        return [f"sh: {name}: not found"]

    def _do_echo(self, words: list[str]) -> list[str]:
        if words[:1] in (["-n"], ["-e"]):
            words = words[1:]
        return " ".join(words).split("\n")

    def _do_printf(self, words: list[str]) -> list[str]:
        text = words[0].replace("\\n", "\n").replace("\\033", "\x1b") if words else ""
        return text.replace("%s", " ".join(words[1:])).rstrip("\n").split("\n")

    def _do_env(self, words: list[str]) -> list[str]:
        return [f"{name}={value}" for name, value in self.env.items()]

    def _do_printenv(self, words: list[str]) -> list[str]:
        if not words:
            return self._do_env(words)
        self.code = 0 if words[0] in self.env else 1
        return [self.env[words[0]]] if words[0] in self.env else []

    def _do_export(self, words: list[str]) -> list[str]:
        for word in words:
            name, _, value = word.partition("=")
            self.env[name] = value
        return []

    def _do_cat(self, words: list[str]) -> list[str]:
        lines: list[str] = []
        for word in words:
            if word in self.files:
                lines += self.files[word].rstrip("\n").split("\n")
            elif word != "/dev/null":
                self.code = 1
                lines.append(f"cat: {word}: No such file or directory")
        return lines

    def _do_ls(self, words: list[str]) -> list[str]:
        if self.disk is not None:
            return self._list(self.disk, next((word for word in words if not word.startswith("-")), "."))
        where = next((word for word in words if not word.startswith("-")), "/").rstrip("/")
        if where in self.files:
            return [where]
        inside = {path[len(where) + 1 :].split("/")[0] for path in self.files if path.startswith(where + "/")}
        if not where:
            inside |= {"bin", "etc", "lain", "proc", "tmp", "usr", "var"}
        if not inside:
            self.code = 2
            return [f"ls: cannot access '{where}': No such file or directory"]
        return sorted(inside)

    def _list(self, disk: Disk, path: str) -> list[str]:
        try:
            place, node = disk.look(path)
        except NoSuchFile as error:
            self.code = 2
            return [f"ls: {path}: {error}"]
        if not node.is_folder:
            return [path]
        return sorted({name[len(place.rstrip("/")) + 1 :].split("/")[0] for name, _ in disk.walk(place)})

    def _do_sleep(self, words: list[str]) -> list[str]:
        units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
        for word in words:
            match = re.fullmatch(r"(\d+(?:\.\d+)?|infinity|inf)([smhd]?)", word)
            if match is None:
                self.code = 1
                return [f"sleep: invalid number '{word}'"]
            self.at += FOREVER if match[1].startswith("inf") else float(match[1]) * units.get(match[2], 1)
        return []

    def _do_tail(self, words: list[str]) -> list[str]:
        if "-f" in words:
            self.at += FOREVER
        return []

    def _do_exit(self, words: list[str]) -> list[str]:
        self.ended = True
        self.code = int(words[0]) & 255 if words and words[0].lstrip("-").isdigit() else 0
        return []

    def _do_kill(self, words: list[str]) -> list[str]:
        return []

    def _do_true(self, words: list[str]) -> list[str]:
        return []

    def _do_false(self, words: list[str]) -> list[str]:
        self.code = 1
        return []

    def _do_test(self, words: list[str]) -> list[str]:
        if len(words) == 2 and words[0] in ("-d", "-f", "-e", "-n", "-z"):
            there, folder = self._is_there(words[1]), self._is_folder(words[1])
            holds = {"-d": folder, "-f": there and not folder, "-e": there}.get(words[0], bool(words[1]))
            self.code = int(holds is (words[0] == "-z"))
        elif len(words) == 3 and words[1] in ("=", "==", "!="):
            self.code = int((words[0] == words[2]) is (words[1] == "!="))
        else:
            self.code = int(not words)
        return []

    def _is_there(self, path: str) -> bool:
        if self.disk is None:
            return path in self.files
        try:
            return bool(self.disk.look(path))
        except NoSuchFile:
            return False

    def _is_folder(self, path: str) -> bool:
        if self.disk is None:
            return any(file.startswith(f"{path.rstrip('/')}/") for file in self.files)
        try:
            return self.disk.look(path)[1].is_folder
        except NoSuchFile:
            return False

    def _do_pwd(self, words: list[str]) -> list[str]:
        return [self.env.get("PWD", "/")]

    def _do_cd(self, words: list[str]) -> list[str]:
        self.env["PWD"] = words[0] if words else "/"
        return []

    def _do_hostname(self, words: list[str]) -> list[str]:
        return [self.env.get("HOSTNAME", "localhost")]

    def _do_whoami(self, words: list[str]) -> list[str]:
        return ["lain"]

    def _do_id(self, words: list[str]) -> list[str]:
        return ["1001"] if "-u" in words else ["uid=1001(lain) gid=1001(lain) groups=1001(lain)"]

    def _do_uname(self, words: list[str]) -> list[str]:
        return ["Linux"]

    def _do_date(self, words: list[str]) -> list[str]:
        return [self.env.get("_NOW", "")]

    def _do_tty(self, words: list[str]) -> list[str]:
        self.code = 0 if self.size else 1
        return ["/dev/pts/0" if self.size else "not a tty"]

    def _do_stty(self, words: list[str]) -> list[str]:
        if self.size is None:
            self.code = 1
            return ["stty: standard input: Inappropriate ioctl for device"]
        return [f"{self.size[0]} {self.size[1]}"] if words == ["size"] else []


_NOWHERE, _OUT, _ERR, _FILE = 0, 1, 2, 3


class Target(NamedTuple):
    """A file that a command's output goes to."""

    path: str
    append: bool


def _redirected(words: list[str]) -> tuple[list[str], int, int, Target | None]:
    """Take ``>file``, ``2>&1`` and the like out; tell where output and errors go."""
    kept: list[str] = []
    out, err = _OUT, _ERR
    file: Target | None = None
    i = 0
    while i < len(words):
        match = re.fullmatch(r"([12&]?)(>>?)(.*)", words[i])
        if match is None:
            kept.append(words[i])
        else:
            path = match[3] or (words[i + 1] if i + 1 < len(words) else "")
            place = {"&1": out, "&2": err, "/dev/null": _NOWHERE}.get(path, _FILE)
            if place == _FILE:
                file = Target(path, match[2] == ">>")
            out = out if match[1] == "2" else place
            err = place if match[1] in ("2", "&") else err
            i += not match[3]
        i += 1
    return kept, out, err, file


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Split a script at ; newline && || outside quotes, into (joint before it, command)."""
    joint, start, quote, i = "", 0, "", 0
    while i < len(text):
        char = text[i]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in ";\n" or text[i : i + 2] in ("&&", "||"):
            yield joint, text[start:i]
            width = 1 if char in ";\n" else 2
            joint = text[i : i + width] if width == 2 else ""
            i += width - 1
            start = i + 1
        i += 1
    yield joint, text[start:]


_SHELL = re.compile(r"(?:.*/)?(?:ba|da|a)?sh")
_LOOP = re.compile(r"while\s+(?:true|:)\s*;\s*do\s+(.*?);?\s*done", re.DOTALL)
_COUNTED = re.compile(
    r"for\s+(\w+)\s+in\s+(?:\$\(seq\s+(\d+)(?:\s+(\d+))?\)|([^;$]*))\s*;\s*do\s+(.*?);?\s*done", re.DOTALL
)
_TRAP = re.compile(r"trap\s+(['\"])(.*?)\1\s+[\w ]*TERM\b[\w ]*;?")


def knows(command: str) -> bool:
    return command.rpartition("/")[2] in _COMMANDS


def is_shell(command: str) -> bool:
    return bool(_SHELL.fullmatch(command))


def knows_script(argv: list[str]) -> bool:
    return is_shell(argv[0]) or knows(argv[0])


def run(argv: list[str], env: dict[str, str], files: dict[str, str]) -> Script:
    """Foresee a script (``sh -c TEXT``) or a single command. An interactive shell without input ends at once."""
    session = Session(dict(env), files)
    if is_shell(argv[0]):
        text = argv[argv.index("-c") + 1] if "-c" in argv[:-1] else ""
    else:
        text = shlex.join(argv)
    script = Script()
    trap = _TRAP.search(text)
    if trap is not None:
        text = text.replace(trap[0], "")
        script.stop_code, script.stop_after = 0, 0.2
    text = _COUNTED.sub(_unrolled, text)
    loop = _LOOP.search(text)
    written = session.execute(text[: loop.start()] if loop else text)
    script.lines = [(line.at, line.text) for line in written if line.at < FOREVER]
    script.seconds, script.code = session.at, session.code
    if loop and not session.ended:
        script.forever = _repeat(loop[1], session)
    if script.ends:
        script.seconds += 0.02
    return script


def _unrolled(match: re.Match[str]) -> str:
    name, first, last, listed, body = match.groups()
    values = listed.split() if first is None else [str(i) for i in _seq(first, last)]
    return ";".join(f"{name}={value}; {body}" for value in values[:5000])


def _seq(first: str, last: str | None) -> range:
    return range(1, int(first) + 1) if last is None else range(int(first), int(last) + 1)


def _repeat(body: str, session: Session) -> Callable[[], Iterator[Line]]:
    """Give the lines of an endless loop, each with the seconds since the one before."""

    def forever() -> Iterator[Line]:
        mine = Session(dict(session.env), session.files)
        said = 0.0
        while not mine.ended:
            before = mine.at
            for line in mine.execute(body):
                yield line.at - said, line.text
                said = line.at
            if mine.at == before:
                mine.at += 0.05
            if mine.at > FOREVER:
                return

    return forever
