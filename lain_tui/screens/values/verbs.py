"""What the Values screen can do."""

from __future__ import annotations

from lain_tui.screens.base import COMMON
from lain_tui.screens.verbs import Verb

EDITS = frozenset({"values.edit", "values.override"})
"""Verbs that begin with the value as it is."""
LEAF_VERBS = EDITS | {"values.remove"}
"""Verbs that need a value under the cursor."""

VERBS = (
    Verb("values.open", "enter", "open file", "Open the file that sets the value in $EDITOR, at its line", worth=88),
    Verb("values.edit", "e", "edit", "Change the value in the file that sets it", worth=90, changes=True),
    Verb("values.override", "o", "override", "Set it for this cluster alone, in values-CLUSTER.yaml", worth=60,
         changes=True),
    Verb("values.new", "n", "new", "Set a key that is not there yet", worth=40, changes=True),
    Verb("values.remove", "delete", "remove", "Take the key out of the file; what it overrode counts again",
         worth=30, changes=True),
    Verb("values.undo", "u", "undo", "Take the last edit back", worth=28, changes=True),
    Verb("values.compare", "d", "compare", "Show another cluster's values side by side", worth=80),
    Verb("values.differences", "f", "all or different", "In a comparison: everything, or just what differs",
         worth=25),
    Verb("values.filter", "slash", "filter", "Show the keys whose path, value or file contains words", worth=85),
    Verb("values.reveal", "x", "reveal", "Show values whose names say that they are secret, or hide them", worth=20),
    Verb("values.fold-all", "z", "fold all", "Fold every map, or unfold them all", worth=15),
    Verb("values.copy", "c", "copy", "Copy the key and its value", worth=12),
    Verb("values.reload", "ctrl+r", "reload", "Read the files again", worth=5),
    Verb("values.back", "escape", "back", "End the filter, the comparison, or go back", worth=70),
    *COMMON,
)  # fmt: skip
