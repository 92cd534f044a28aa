"""`lain-tui env` and `lain-tui secret`, as their users run them; and where a value may be seen."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.canary import Watcher, files_with
from tests.cli.conftest import Done, Program
from tests.embedded import EmbeddedCluster

CANARY = "canary-5c1d90b2"
WATCHED = "canary-a90e77f1"
"""The one that is never an argument: whoever has it on a command line has leaked it."""

Run = Callable[..., Done]


@pytest.fixture(scope="module")
def living() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster(speed=10) as cluster:
        yield cluster


@pytest.fixture
def run(living: EmbeddedCluster, program: Program) -> Iterator[Run]:
    """`lain-tui --app dummy …` on the demo; `input` is its standard input."""
    (program.home / "tmp").mkdir()
    program.env |= {"KUBECONFIG": str(living.kubeconfig), "TMPDIR": str(program.home / "tmp"), "USER": "ann"}

    def start(*words: str, input: str = "", **env: str) -> Done:
        return subprocess.run(
            program.argv("--app", "dummy", *words),
            input=input, cwd=program.repository, env={**program.env, **env}, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip

    yield start
    living.clear_faults()


def held(living: EmbeddedCluster, name: str = "dummy-env") -> dict[str, bytes]:
    import base64

    data = living.get(f"/api/v1/namespaces/default/secrets/{name}").get("data") or {}
    return {key: base64.b64decode(value) for key, value in data.items()}


def test_show_is_masked_unless_asked(run: Run) -> None:
    done = run("env", "show")
    assert done.returncode == 0 and '  FOO: "***"\n' in done.stdout and "BAR" not in done.stdout
    assert "  FOO: BAR\n" in run("env", "show", "--reveal").stdout
    body = json.loads(run("secret", "show", "--reveal", "-o", "json").stdout)
    assert body["kind"] == "Secret" and body["data"] == {"topsecret.txt": "I\nAM\nBATMAN"}
    assert json.loads(run("env", "show", "FOO", "-o", "json").stdout)["data"] == {"FOO": None}


def test_set_takes_values_from_arguments_files_and_standard_input(
    run: Run, living: EmbeddedCluster, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"\xff\r\n")
    done = run("env", "set", "A=x=y", f"B=@{tmp_path / 'file'}", "C=-", input="typed")
    assert done.returncode == 0 and done.stdout == ""
    assert "done   apply dummy-env: added A, B and C\n" in done.stderr
    now = held(living)
    assert (now["A"], now["B"], now["C"], now["FOO"]) == (b"x=y", b"\xff\r\n", b"typed", b"BAR")
    assert run("env", "set", "A=x=y").stderr == "Secret dummy-env is so already: nothing to change.\n"


def test_rename_unset_add(run: Run, living: EmbeddedCluster) -> None:
    assert run("env", "add", "ONE=1").returncode == 0
    refused = run("env", "add", "ONE=2")
    assert refused.returncode == 4
    assert refused.stderr == "lain-tui: Secret dummy-env: ONE is there already. --overwrite changes them.\n"
    assert run("env", "rename", "ONE", "UNO").returncode == 0
    assert held(living)["UNO"] == b"1" and "ONE" not in held(living)
    assert run("env", "unset", "UNO").returncode == 0
    assert "UNO" not in held(living)
    missing = run("env", "unset", "UNO")
    assert (missing.returncode, missing.stderr) == (1, "lain-tui: Secret dummy-env has no key UNO\n")


def test_files(run: Run, living: EmbeddedCluster, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(bytes(range(256)))
    (tmp_path / "more.yaml").write_text("PORT: 5000\nTEXT: |\n  a\n  b\n")
    assert run("secret", "add", str(tmp_path / "logo.png")).returncode == 0
    assert held(living, "dummy-secret")["logo.png"] == bytes(range(256))
    assert run("env", "addfile", str(tmp_path / "more.yaml")).returncode == 0
    assert (held(living)["PORT"], held(living)["TEXT"]) == (b"5000", b"a\nb\n")


def test_what_was_shown_can_be_restored(run: Run, living: EmbeddedCluster) -> None:
    saved, before = run("env", "show", "--reveal").stdout, held(living)
    run("env", "set", "LATER=1", "FOO=changed")
    done = run("env", "restore", "-", "--format", "yaml", input=saved)
    assert done.returncode == 0 and "changed FOO, removed LATER" in done.stderr
    assert held(living) == before
    masked = run("env", "restore", "-", "--format", "yaml", input=run("env", "show").stdout)
    assert masked.returncode == 1 and "its values are masked" in masked.stderr
    assert held(living) == before


def editor(folder: Path, script: str) -> str:
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_edit_in_the_users_editor(run: Run, living: EmbeddedCluster, tmp_path: Path) -> None:
    script = f'stat -c "%a %n" "$1" > {tmp_path}/seen; sed -i "s/BAR/baz/; /GREETING/d" "$1"; echo "  NEW: 017" >> "$1"'
    done = run("env", "edit", EDITOR=editor(tmp_path, script))
    assert done.returncode == 0, done.stderr
    mode, path = (tmp_path / "seen").read_text().split()
    assert mode == "600" and path.startswith("/dev/shm/") and not Path(path).parent.exists()
    now = held(living)
    assert (now["FOO"], now["NEW"]) == (b"baz", b"017") and "GREETING" not in now
    run("env", "set", "FOO=BAR", "GREETING=hello")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ('echo "  oops: [" >> "$1"', "it is no YAML there"),
        ("exit 3", "the editor ended with 3: nothing was changed"),
        ("exec /gone", "nothing was changed"),
    ],
)
def test_an_edit_that_fails_changes_nothing(
    run: Run, living: EmbeddedCluster, tmp_path: Path, script: str, words: str
) -> None:
    before = held(living)
    done = run("env", "edit", EDITOR=editor(tmp_path, script))
    assert done.returncode == 1 and words in done.stderr and done.stderr.count("\n") <= 2
    assert held(living) == before


def known_as(program: Program, name: str, cluster: EmbeddedCluster) -> None:
    """The cluster is one that lain knows by this name."""
    (program.home / ".kube" / f"kubeconfig-{name}").write_text(cluster.kubeconfig.read_text())
    values = Path(program.env["LAIN_CLUSTER_VALUES_DIR"])
    values.mkdir(exist_ok=True)
    (values / f"values-{name}.yaml").write_text("domain: x\n")


def test_two_clusters_are_compared_without_a_value(run: Run, program: Program) -> None:
    assert run("env", "show").returncode == 0
    done = run("env", "diff", "nowhere")
    assert done.returncode == 1 and "there is no cluster 'nowhere'" in done.stderr
    with EmbeddedCluster() as other:
        known_as(program, "other", other)
        run("env", "set", f"ONLY={CANARY}", "SECRET_KEY=another")
        done = run("env", "diff", "other", "-o", "json")
    assert done.returncode == 3, done.stderr
    verdicts = {one["key"]: one["verdict"] for one in json.loads(done.stdout)["keys"]}
    assert (verdicts["FOO"], verdicts["SECRET_KEY"], verdicts["ONLY"]) == ("equal", "different", "only here")
    assert CANARY not in done.stdout + done.stderr
    run("env", "unset", "ONLY")


def test_read_only_and_protected(run: Run, program: Program, living: EmbeddedCluster) -> None:
    before = held(living)
    for words in (["set", "X=1"], ["edit"]):
        done = run("--read-only", "env", *words)
        assert done.returncode == 4 and "read-only" in done.stderr
    settings = program.home / ".config" / "lain-tui" / "config.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("protected: ['*']\n")
    done = run("env", "set", f"X={CANARY}")
    assert (
        done.returncode == 4
        and "dummy is to be typed first, and this is no terminal: nothing was done" in done.stderr
    )
    assert "Warning: X came as an argument" in done.stderr and CANARY not in done.stderr
    assert held(living) == before
    assert run("env", "set", "X=-", "--yes", input="1").returncode == 0
    assert run("env", "unset", "X", "--yes").returncode == 0


def test_a_dry_run_changes_nothing(run: Run, living: EmbeddedCluster) -> None:
    before = held(living)
    done = run("env", "set", f"X={CANARY}", "--dry-run", "-o", "json")
    plan = json.loads(done.stdout)["plan"]
    assert plan["calls"][1] == "  + X" and CANARY not in done.stdout
    assert held(living) == before


def test_a_value_is_seen_nowhere_but_where_it_belongs(
    run: Run, program: Program, living: EmbeddedCluster, tmp_path: Path
) -> None:
    """After every command, faults included: arguments, environments, files, output, reports."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "value").write_text(WATCHED)
    (source / "all.env").write_text(f"IMPORTED={WATCHED}\n")
    (source / "all.yaml").write_text(f"ADDED: {WATCHED}\n")
    (source / "edit.sed").write_text(f"s/{WATCHED}/{WATCHED}-edited/\n")  # not on sed's own command line
    edits = editor(source, f'sed -i -f "{source}/edit.sed" "$1"')
    changing: list[tuple[list[str], str]] = [
        (["env", "set", "K=-"], WATCHED),
        (["env", "set", f"L=@{source / 'value'}"], ""),
        (["env", "add", "M=-"], WATCHED),
        (["env", "import", str(source / "all.env")], ""),
        (["env", "addfile", str(source / "all.yaml")], ""),
        (["env", "rename", "K", "N"], ""),
        (["env", "edit"], ""),
        (["env", "unset", "N"], ""),
        (["secret", "add", str(source / "value")], ""),
        (["-v", "env", "set", "K=-"], WATCHED + "2"),
        (["env", "restore", "-", "--format", "json"], json.dumps({"FOO": "BAR", "R": WATCHED})),
    ]
    faults: list[dict[str, object]] = [
        {"action": "status", "code": 500},
        {"action": "drop"},
        {"action": "status", "code": 403},
        {"action": "status", "code": 409},
    ]
    places = (program.home, program.repository, Path("/dev/shm"))

    def unseen(words: list[str], given: str = "") -> Done:
        done = run(*words, input=given, EDITOR=edits)
        assert WATCHED not in done.stdout + done.stderr, words
        assert "Traceback" not in done.stderr and "bug" not in done.stderr, done.stderr
        assert files_with(WATCHED, *places) == [], words
        return done

    with Watcher(WATCHED) as watcher:
        for number, (words, given) in enumerate(changing):
            before, fault = held(living), faults[number % len(faults)]
            living.fault(**fault, verb="patch", resource="secrets")
            refused = unseen(words, given)
            living.clear_faults()
            assert (refused.returncode != 0, held(living)) == (True, before), (words, fault)
            done = unseen(words, given)
            assert done.returncode == 0, done.stderr
        assert held(living) == {"FOO": b"BAR", "R": WATCHED.encode()}
        for words in (["env", "show"], ["secret", "show", "-o", "json"], ["env", "set", "R=-", "--dry-run"]):
            assert unseen(words, WATCHED + "3").returncode == 0
        known_as(program, "same", living)
        assert unseen(["env", "diff", "same"]).returncode == 0
        assert unseen(["secret", "diff", "same", "-o", "json"]).returncode == 0
    assert watcher.seen == []
