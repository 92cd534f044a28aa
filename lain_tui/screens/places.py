"""The screens one can go to from Status: one line each, imported when it is gone to."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from lain_tui.screens.verbs import Verb

if TYPE_CHECKING:
    from textual.screen import Screen

    from lain_tui.core.config.settings import Settings
    from lain_tui.core.model.finding import Remedy
    from lain_tui.core.target import Target
    from lain_tui.screens.session import Session
    from lain_tui.widgets.pod_rows import Row


class Context(NamedTuple):
    """From where one goes."""

    session: Session
    target: Target
    settings: Settings
    row: Row | None = None
    """The row under the cursor."""
    remedy: Remedy | None = None
    """What a finding proposes to do there."""
    asked: Callable[[], tuple[Remedy, ...]] = tuple
    """What finds the settings that the app's crashes ask for."""


class Place(NamedTuple):
    """A screen, the verb that goes there, and `module:function` that makes it from a Context."""

    verb: Verb
    factory: str


PLACES: tuple[Place, ...] = (
    Place(
        Verb(
            "go.env",
            "e",
            "env",
            "Variables and files of the app: change them, and see who reads them",
            worth=87,
        ),
        "lain_tui.screens.secrets.screen:secrets_screen",
    ),
    Place(
        Verb("go.logs", "L", "all logs", "The log of every pod of the app, as one stream", worth=28),
        "lain_tui.screens.logs.screen:app_logs",
    ),
    Place(
        Verb(
            "go.history", "h", "history", "The app's deploys, what each changed, and the way back", worth=72
        ),
        "lain_tui.screens.history.screen:history_screen",
    ),
    Place(
        Verb("go.deploy", "D", "deploy", "Choose an image, check, read the diff, deploy and watch", worth=78),
        "lain_tui.screens.deploy.screen:deploy_screen",
    ),
    Place(
        Verb("go.build", "B", "build", "Build the app's image, push it, and look into it", worth=24),
        "lain_tui.screens.build.screen:build_screen",
    ),
    Place(
        Verb("go.values", "v", "values", "The values in force, who set each, and edits in place", worth=22),
        "lain_tui.screens.values.screen:values_screen",
    ),
    Place(
        Verb(
            "go.operate",
            "o",
            "operate",
            "Cronjobs and jobs with their runs, forwarded ports, advice",
            worth=26,
        ),
        "lain_tui.screens.operate.screen:operate",
    ),
    Place(
        Verb(
            "go.cluster", "K", "cluster", "All namespaces: nodes, and what needs somebody, by cause", worth=18
        ),
        "lain_tui.screens.overview.screen:overview",
    ),
    Place(
        Verb(
            "go.clusters", "ctrl+k", "clusters", "The app on every cluster, and over to another one", worth=16
        ),
        "lain_tui.screens.fleet:fleet_screen",
    ),
)
"""In the order of the footer. Verbs have ids `go.<name>`."""


def open_place(id: str, context: Context) -> Screen[Any]:
    """Make the screen behind a verb of PLACES."""
    place = next(place for place in PLACES if place.verb.id == id)
    module, _, name = place.factory.partition(":")
    make: Callable[[Context], Screen[Any]] = getattr(import_module(module), name)
    return make(context)
