"""From what a command or the app did to an exit code: every error becomes one sentence, never a traceback.

Knows no click, so that the full-screen app starts without it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.core.errors import LainError, Refused


def outcome(action: Callable[[], int | None]) -> int:
    """Run it and return the exit code; errors are told on standard error."""
    try:
        code = action() or ExitCode.DONE
        with contextlib.suppress(ValueError):  # closed
            sys.stdout.flush()
    except Refused as error:
        tell(str(error))
        return ExitCode.REFUSED
    except LainError as error:
        tell(str(error))
        return ExitCode.FAILED
    except KeyboardInterrupt:
        tell("interrupted")
        return ExitCode.INTERRUPTED
    except Terminated:
        tell("terminated")
        return ExitCode.TERMINATED
    except BrokenPipeError:
        _let_go_of_stdout()
        return ExitCode.READER_GONE
    except OSError as error:
        if error.errno != errno.EIO:
            return _bug(error)
        return ExitCode.TERMINATED  # the terminal went away: nobody is there to be told
    except Exception as error:
        return _bug(error)
    return code


def tell(sentence: str) -> None:
    """Say something on standard error; if nobody listens there either, say nothing."""
    from lain_tui.core.model.text import plain

    with contextlib.suppress(OSError):
        print("lain-tui:", *(plain(line) for line in sentence.splitlines()), file=sys.stderr)


@contextlib.contextmanager
def ends_on_sigterm() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind what runs, so that nothing is left behind."""

    def end(number: int, frame: FrameType | None) -> None:
        raise Terminated

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Terminated(BaseException):
    """SIGTERM or SIGHUP came."""


def _bug(error: Exception) -> int:
    from lain_tui.core.report import write_report

    report = write_report(error)
    where = f" A report without any of your data is in {report}." if report else ""
    tell(f"this is a bug of lain-tui's ({type(error).__name__}).{where}")
    return ExitCode.FAILED


def _let_go_of_stdout() -> None:
    # Python flushes standard output once more at its end; give it somewhere to go.
    devnull = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError, ValueError):
        os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
