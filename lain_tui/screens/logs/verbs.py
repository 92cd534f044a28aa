"""What the Logs screen can do."""

from __future__ import annotations

from lain_tui.screens.base import COMMON
from lain_tui.screens.verbs import Verb

RANGES: dict[str, tuple[str, int | None]] = {
    "0": ("the newest lines", None),
    "1": ("1 m", 60),
    "2": ("5 m", 300),
    "3": ("15 m", 900),
    "4": ("30 m", 1800),
    "5": ("1 h", 3600),
    "6": ("all there is", 0),
}
"""Time ranges on digit keys, as k9s has them; 0 seconds stands for everything the kubelet keeps."""

VERBS = (
    Verb("logs.search", "slash", "search", "Highlight a regular expression or a text; hides nothing", worth=90),
    Verb("logs.next", "n", "next", "To the next match, towards the newest", worth=12),
    Verb("logs.previous", "N", "previous", "To the match before, towards the oldest"),
    Verb("logs.only", "f", "only matches", "Show only what matches the search, ±3 lines", worth=60),
    Verb("logs.filter", "ampersand,colon", "filter", "Hide what does not match: words, !not, proc:web, status:500 …",
         worth=70),
    Verb("logs.level", "v", "level", "Show only this level and above: all, info, warn, error", worth=65),
    Verb("logs.error", "e", "next error", "To the next error, towards the newest", worth=50),
    Verb("logs.error-before", "E", "error before", "To the error before, towards the oldest"),
    Verb("logs.moment", "T", "go to time", "Go to a moment: 15m ago, 10:32", worth=22),
    Verb("logs.events", "a", "events", "Events, crashes and connections among the lines: most, all or none", worth=15),
    Verb("logs.fold", "z", "traces", "Fold stack traces under their first lines, or show them whole", worth=14),
    Verb("logs.wrap", "w", "wrap", "Wrap long lines, or scroll sideways", worth=40),
    Verb("logs.times", "t", "times", "Times short, full or hidden", worth=20),
    Verb("logs.names", "i", "names", "Names of procs and pods short, full or hidden", worth=18),
    Verb("logs.records", "r", "records", "JSON and logfmt lines as message and fields, or as written", worth=16),
    Verb("logs.before", "p", "previous run", "The runs before the last restarts, or the current ones", worth=30),
    Verb("logs.copy", "c", "copy", "Copy the lines selected or marked, or the line under the cursor", worth=35),
    Verb("logs.save", "ctrl+s", "save", "Save the lines shown to a file: text, or JSON lines", worth=32),
    Verb("logs.pager", "o", "pager", "Open the lines shown in $PAGER"),
    Verb("logs.mark-next", "right_square_bracket", "next mark", "To the next marked line"),
    Verb("logs.mark-before", "left_square_bracket", "mark before", "To the marked line before"),
    Verb("logs.older", "O", "older", "Load older lines, as far as the kubelet keeps them"),
    Verb("logs.scope", "S", "scope", "Choose the procs, pods and containers that are read", worth=26),
    Verb("logs.kibana", "ctrl+k", "kibana", "Copy the link to the same proc and time in Kibana"),
    Verb("logs.streams", "A", "all streams", "Follow all containers, however many there are"),
    *(
        Verb(f"logs.range-{key}", key, words, f"Show {words}" if key in "06" else f"Show the last {words}")
        for key, (words, _) in RANGES.items()
    ),
    Verb("logs.back", "escape", "back", "End the search or filter, or go back to where you were", worth=95),
    *COMMON,
)  # fmt: skip
