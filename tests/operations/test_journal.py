"""Changes that were cut off: written down as they go, told once, and without anything that a step said."""

from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

from lain_tui.core.model.plan import Plan
from lain_tui.core.operations.journal import CutOff, Journal
from lain_tui.core.operations.operation import begun, done, told

PLAN = Plan(verb="deploy", subject="11766623 to dummy on prod, namespace default")


def soon(one: CutOff) -> str:
    return one.sentence(one.began + timedelta(minutes=3))


def test_a_change_whose_end_was_seen_leaves_nothing(tmp_path: Path) -> None:
    page = Journal(tmp_path).begin(PLAN)
    page.step(begun("helm upgrade"))
    page.ended()
    assert Journal(tmp_path).cut_off() == [] and not list(tmp_path.iterdir())


def test_one_that_is_under_way_is_not_cut_off(tmp_path: Path) -> None:
    page = Journal(tmp_path).begin(PLAN)
    assert Journal(tmp_path).cut_off() == []
    page.ended()


def test_one_that_was_left_is_told_once_with_what_was_done_and_what_had_begun(tmp_path: Path) -> None:
    page = Journal(tmp_path).begin(PLAN)
    for step in (begun("delete Job migrate"), done("delete Job migrate"), begun("helm upgrade")):
        page.step(step)
    page.leave("the terminal went away")
    (found,) = Journal(tmp_path).cut_off()
    assert soon(found) == (
        "deploy 11766623 to dummy on prod, namespace default, begun 3 m ago, was cut off: the terminal went away. "
        "Done by then: delete Job migrate. Under way: helm upgrade. "
        "Helm was let finish, and nobody followed the pods."
    )
    assert Journal(tmp_path).cut_off() == []


def _dies(folder: Path, ready: Event) -> None:
    page = Journal(folder).begin(PLAN)
    page.step(begun("helm upgrade"))
    ready.set()
    signal.pause()


def test_one_whose_process_was_killed_is_told_without_a_guess(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_dies, args=(tmp_path, ready))
    process.start()
    assert ready.wait(60)
    assert Journal(tmp_path).cut_off() == [], "it lives"
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(60)
    (found,) = Journal(tmp_path).cut_off()
    assert "lain-tui was ended from outside" in soon(found)
    assert soon(found).endswith("Whether helm finished, lain-tui history tells.")


def test_what_steps_tell_is_not_written_down(tmp_path: Path) -> None:
    page = Journal(tmp_path).begin(PLAN)
    page.step(begun("web", "password=canary-1"))
    page.step(told("web", "canary-2 in a log line"))
    (file,) = tmp_path.iterdir()
    assert b"canary" not in file.read_bytes() and file.stat().st_mode & 0o077 == 0
    page.ended()


def test_a_line_cut_in_the_middle_costs_that_line_only(tmp_path: Path) -> None:
    page = Journal(tmp_path).begin(PLAN)
    page.step(done("delete Job migrate"))
    page.leave("SIGTERM came")
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-9])
    (found,) = Journal(tmp_path).cut_off()
    assert found.done == ("delete Job migrate",) and not found.why


def test_a_file_of_nonsense_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "20260101-000000-000000-1.jsonl").write_bytes(b"\0\xff nonsense\n")
    assert Journal(tmp_path).cut_off() == []


def test_a_folder_that_cannot_be_written_stops_no_change(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    page = Journal(tmp_path / "file" / "changes").begin(PLAN)
    page.step(begun("helm upgrade"))
    page.ended()
    assert Journal(tmp_path / "file" / "changes").cut_off() == []


def test_how_long_ago_is_said_in_whole_units() -> None:
    now = datetime(2026, 3, 5, 8, tzinfo=UTC)
    one = CutOff(verb="restart", subject="web of dummy", began=now - timedelta(hours=2))
    assert one.sentence(now).endswith("Nothing was done.") and "2 h ago" in one.sentence(now)
