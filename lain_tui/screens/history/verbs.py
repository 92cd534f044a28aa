"""What the History screen can do."""

from __future__ import annotations

from lain_tui.screens.verbs import Verb

VERBS = (
    Verb("history.diff", "d", "diff", "What the revision changed: against the one before, or the marked one", worth=70),
    Verb("history.live", "l", "against live", "How what lives differs from the revision", worth=55),
    Verb("history.values", "v", "values", "The values that it was deployed with", worth=65),
    Verb("history.manifest", "y", "manifest", "Its objects as helm rendered them", worth=50),
    Verb("history.notes", "t", "notes", "The chart's notes", worth=10),
    Verb("history.mark", "m", "mark", "Compare the others with this revision, or no longer", worth=45),
    Verb("history.rollback", "r", "roll back", "Go back to this revision; its diff is shown first", worth=75, changes=True),
    Verb("history.beside", "s", "side by side", "Old and new in two columns, or in one", worth=20),
    Verb("history.read", "tab", "list or text", "Between the list and what is beneath it", worth=30),
    Verb("history.search", "slash", "search", "Search what is beneath the list", worth=28),
    Verb("history.copy", "c", "copy", "Copy what is beneath the list", worth=15),
    Verb("screen.help", "question_mark", "keys", "Show all keys of this screen, and search them", worth=40),
    Verb("history.back", "escape,q", "back", "Back to where you were; ends a search first", worth=60),
)  # fmt: skip
