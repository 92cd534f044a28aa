"""`lain-tui send-msg`."""

from __future__ import annotations

import sys

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.session import session


@click.command(epilog='Example: lain-tui send-msg "nightly build passed"')
@click.argument("text", metavar="TEXT")
def command(text: str) -> int:
    """Send TEXT to the app's webhook (webhook in its values); - reads it from standard input."""
    from lain_tui.core.errors import LainError
    from lain_tui.core.notify.webhook import post, webhook_of

    here = session()
    target = here.app_target()
    url = webhook_of(target)
    if not url:
        here.say(f"{target.app} has no webhook for {target.cluster}: nobody was told.")
        return ExitCode.DONE
    words = sys.stdin.read().strip() if text == "-" else text
    if not words:
        raise LainError("there is nothing to send")
    if fault := here.run(post(url, words)):
        raise LainError(f"the message was not sent: {fault}")
    here.say("sent")
    return ExitCode.DONE
