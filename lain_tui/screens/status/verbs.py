"""What the Status screen can do."""

from __future__ import annotations

from lain_tui.screens.base import COMMON
from lain_tui.screens.places import PLACES
from lain_tui.screens.verbs import Verb

POD_VERBS = frozenset({"status.delete"})
"""Verbs that need a pod under the cursor, or marked."""
ROW_VERBS = POD_VERBS | {
    "status.logs",
    "status.previous-log",
    "status.describe",
    "status.yaml",
    "status.copy",
    "status.shell",
    "status.transfer",
    "status.restart",
}
"""Verbs that need a row."""

VERBS = (
    Verb("status.logs", "l", "logs", "The pod's log, all of the proc's, or those of the marked pods, as one stream", worth=90),
    Verb("status.previous-log", "p", "previous", "The log of the run before this one", worth=30),
    Verb("status.describe", "d", "describe", "Describe the pod or proc, with its events", worth=85),
    Verb("status.yaml", "y", "yaml", "Show the object as YAML, managed fields left out", worth=60),
    Verb("status.shell", "s", "shell", "A shell in the pod, or in the proc's newest one", worth=82, changes=True),
    Verb("status.transfer", "t", "copy files", "Copy files into the pod, or out of it", worth=23),
    Verb("status.restart", "r", "restart", "Restart the proc, or the pod, or all marked pods", worth=76, changes=True),
    Verb("status.add-key", "a", "add key", "Add the setting that a crash asks for to the app's Secret",
         changes=True),
    Verb("status.delete", "ctrl+d", "delete pod", "Delete the pod, or all marked ones", worth=25, changes=True),
    *(place.verb for place in PLACES),
    Verb("status.filter", "slash", "filter", "Filter the pods: regex, !inverse, -l selector, -f fuzzy", worth=80),
    Verb("status.faults", "ctrl+z", "faults only", "Show only what needs you, or everything", worth=70),
    Verb("status.flat", "g", "flat", "Pods in one flat list, or grouped by proc", worth=20),
    Verb("status.copy", "c", "copy name", "Copy the name of the pod or object", worth=15),
    Verb("status.web", "w", "web", "Open Grafana, Kibana or a URL of the app; over SSH its address is copied", worth=12),
    Verb("status.urls", "u", "check URLs", "Ask the app's URLs again, now", worth=10),
    Verb("status.retry", "ctrl+r", "retry", "Connect again now, without waiting", worth=5),
    *COMMON,
    Verb("status.back", "escape", "back", "Take the marks away, or the filter, or go back to the apps"),
)  # fmt: skip
