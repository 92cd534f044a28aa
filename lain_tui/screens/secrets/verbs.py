"""What the Env & secrets screen can do."""

from __future__ import annotations

from lain_tui.screens.base import COMMON
from lain_tui.screens.verbs import Verb

KEY_VERBS = frozenset(
    f"secrets.{name}" for name in ("edit", "remove", "rename", "duplicate", "copy", "replace", "reveal")
)
"""Verbs that need a key under the cursor."""

VERBS = (
    Verb("secrets.review", "ctrl+s", "review, apply", "Look at what the draft changes, and apply it", worth=95,
         changes=True),
    Verb("secrets.edit", "enter", "edit", "Edit the value; esc leaves the editor, and keeps what was typed as a draft",
         worth=90, changes=True),
    Verb("secrets.reveal", "x", "reveal", "Show the value, or mask it again; it masks itself after 30 seconds", worth=88),
    Verb("secrets.reveal-all", "X", "reveal all", "Show every value as it is selected, or mask them again"),
    Verb("secrets.copy", "c", "copy", "Copy the value without showing it; the clipboard is cleared after 45 seconds",
         worth=60),
    Verb("secrets.new", "n", "new", "Add a key", worth=86, changes=True),
    Verb("secrets.rename", "r", "rename", "Give the key another name", worth=40, changes=True),
    Verb("secrets.duplicate", "d", "duplicate", "Copy the key and its value to another name", changes=True),
    Verb("secrets.remove", "delete,ctrl+d", "remove", "Remove the key, once applied", worth=50, changes=True),
    Verb("secrets.undo", "u", "undo", "Take the last step of the draft back", worth=70, changes=True),
    Verb("secrets.undo-apply", "U", "undo apply", "Draft the way back from what was applied last", worth=45,
         changes=True),
    Verb("secrets.restart", "R", "restart readers", "Restart the procs that do not see yet what was applied here",
         changes=True),
    Verb("secrets.ours", "O", "keep mine", "In a conflict: keep the drafted value", changes=True),
    Verb("secrets.theirs", "T", "take theirs", "In a conflict: take the value that somebody else set",
         changes=True),
    Verb("secrets.document", "y", "document", "The whole of it as YAML, to be edited here", worth=55),
    Verb("secrets.external", "E", "in $EDITOR", "The whole of it as YAML in $EDITOR, through a file in memory",
         worth=20, changes=True),
    Verb("secrets.import", "i", "import", "Set the keys of a file: .env, YAML or JSON", worth=30, changes=True),
    Verb("secrets.replace", "f", "from file", "Take a file's content as the value, byte for byte", changes=True),
    Verb("secrets.save", "s", "save", "Write the value, or on its title the whole of it as YAML, to a file that only you can read", worth=15),
    Verb("secrets.open", "o", "open other", "Open another Secret or ConfigMap of the namespace", worth=25),
    Verb("secrets.filter", "slash", "filter", "Show the keys whose names contain words", worth=65),
    Verb("secrets.back", "escape", "back", "Leave the editor, end the filter, or go back; the draft stays", worth=80),
    *COMMON,
)  # fmt: skip
