"""Finding the app's chart from wherever the user stands in its repository."""

from __future__ import annotations

from pathlib import Path

from lain_tui.core.errors import LainError


def find_chart(folder: Path) -> Path | None:
    """The nearest `chart/` that holds a values.yaml, from `folder` up to the top of its git work tree.

    Outside git only `folder` itself counts: a chart in some folder far above is none of its business.
    """
    folder = folder.absolute()
    candidates = [folder, *folder.parents]
    top = next((place for place, path in enumerate(candidates) if (path / ".git").exists()), 0)
    for path in candidates[: top + 1]:
        chart = path / "chart"
        if (chart / "values.yaml").exists():
            return chart
    return None


def no_chart(app: str = "") -> LainError:
    """That there is no chart here, for what needs one; `app` when it has to be that app's."""
    what = "there is no chart/values.yaml here, nor up to the top of the repository"
    if app:
        what = f"there is no chart of {app} here: no chart/values.yaml up to the top of the repository says appname: {app}"
    return LainError(what, hint="Go into the app's repository; lain-tui init writes a chart.")
