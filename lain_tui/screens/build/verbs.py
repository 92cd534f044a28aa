"""What the Build screen can do."""

from __future__ import annotations

from lain_tui.screens.base import COMMON
from lain_tui.screens.verbs import Verb

BUILDING = frozenset({"build.prepare", "build.build", "build.push"})
"""Verbs that begin a build."""

VERBS = (
    Verb("build.build", "b", "build", "Build this commit's image", worth=90),
    Verb("build.push", "P", "build and push", "Build it, and push its tag and latest", worth=85, changes=True),
    Verb("build.prepare", "p", "prepare", "Make the prepare image anew, and push it", worth=80, changes=True),
    Verb("build.shell", "s", "shell", "Run a shell in the image that was built", worth=75),
    Verb("build.stop", "ctrl+x", "stop", "Stop the build; no image is named", worth=60),
    Verb("build.log", "l", "log", "The whole log of the selected build: search it, copy it", worth=70),
    Verb("build.turn", "tab", "file or steps", "The Dockerfile with its values, or the steps of a build", worth=65),
    Verb("build.stage", "t", "stage", "The Dockerfile of the next stage: prepare, build, release", worth=50),
    Verb("build.open", "enter", "open value", "Open the value behind the instruction in $EDITOR", worth=45),
    Verb("build.before", "left_square_bracket", "build before", "Show the build before the one shown"),
    Verb("build.after", "right_square_bracket", "build after", "Show the build after the one shown"),
    Verb("build.remote", "r", "remote docker", "Build on the cluster's remote docker, or here again", worth=20),
    Verb("build.reload", "ctrl+r", "reload", "Read the values and ask the engine again", worth=5),
    Verb("build.back", "escape", "back", "Go back; a build under way goes on", worth=72),
    *COMMON,
)  # fmt: skip
