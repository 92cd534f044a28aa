"""Finding the app's chart from wherever the user stands in its repository."""

from __future__ import annotations

from pathlib import Path


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
