"""What the Operate screen can do."""

from __future__ import annotations

from lain_tui.screens.base import COMMON
from lain_tui.screens.verbs import Verb

VERBS = (
    Verb("operate.run", "n", "run now", "Run the cronjob now, whatever its schedule says", worth=80, changes=True),
    Verb("operate.suspend", "u", "suspend", "Suspend the cronjob, or let it go on", worth=70, changes=True),
    Verb("operate.job", "J", "new job", "Run a command once, with a proc's image and env", worth=75, changes=True),
    Verb("operate.logs", "l", "logs", "The log of the run, or of the cronjob's last one", worth=90),
    Verb("operate.forward", "f", "forward", "Bring a port of a proc's pod to this machine", worth=65),
    Verb("operate.stop", "ctrl+d", "stop", "Stop forwarding the port under the cursor", worth=40),
    Verb("operate.advice", "a", "advice", "Requests and limits beside what is really used", worth=60),
    *COMMON,
    Verb("operate.back", "escape", "back", "Back to where you were; forwarded ports stay", worth=45),
)  # fmt: skip
