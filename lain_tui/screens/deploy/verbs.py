"""What the Deploy screen can do."""

from __future__ import annotations

from lain_tui.screens.verbs import Verb

VERBS = (
    Verb("deploy.go", "enter,D", "deploy", "Deploy the chosen image, after a last question", worth=90, changes=True),
    Verb("deploy.read", "tab", "images or diff", "Between the images and the diff", worth=50),
    Verb("deploy.live", "d", "against live", "The diff against what lives, or against the release", worth=55),
    Verb("deploy.beside", "s", "side by side", "The diff in two columns, or in one", worth=35),
    Verb("deploy.set", "t", "set a value", "KEY=VALUE above all files, for this deploy", worth=45),
    Verb("deploy.files", "f", "values file", "One more values file, merged last", worth=30),
    Verb("deploy.canary", "a", "canary", "Beside what runs, as a release of its own without traffic", worth=25),
    Verb("deploy.lint", "i", "ignore lint", "Deploy whatever lint finds, or no longer", worth=10),
    Verb("deploy.copy", "c", "copy", "Copy the diff", worth=12),
    Verb("deploy.search", "slash", "search", "Search the diff", worth=28),
    Verb("deploy.reload", "ctrl+r", "check again", "Look at everything anew", worth=20),
    Verb("screen.help", "question_mark", "keys", "Show all keys of this screen, and search them", worth=40),
    Verb("deploy.back", "escape,q", "back", "Back to where you were; ends a search first", worth=60),
)  # fmt: skip
