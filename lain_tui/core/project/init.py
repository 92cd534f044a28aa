"""Write a new app's chart, or bring the templates of an existing one up to date."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from importlib import resources
from pathlib import Path
from typing import Literal

from lain_tui.core.errors import LainError
from lain_tui.core.files import write_whole
from lain_tui.core.project.names import MAX_RELEASE_NAME, name_fault

Language = Literal["en", "zh"]

_APP = "@@APP@@"
_COMMENT = re.compile(r"^\{\{/\* (en|zh): (.*) \*/\}\}\n", re.MULTILINE)


def chart_files(app: str, language: Language = "en") -> dict[str, str]:
    """The chart's files by their path in `chart/`: comments in one language, `app` filled in."""
    source = resources.files("lain_tui") / "chart"
    files = {
        f"{name}.yaml": (source / f"{name}.{language}.yaml").read_text(encoding="utf-8").replace(_APP, app)
        for name in ("Chart", "values")
    }
    files[".helmignore"] = (source / "helmignore").read_text(encoding="utf-8")
    for template in sorted((source / "templates").iterdir(), key=lambda entry: entry.name):
        text = template.read_text(encoding="utf-8")
        files[f"templates/{template.name}"] = _COMMENT.sub(
            lambda match: f"{{{{/* {match[2]} */}}}}\n" if match[1] == language else "", text
        )
    return files


def init_chart(root: Path, app: str, *, language: Language = "en") -> list[Path]:
    """Write `root`/chart for `app` and return the files written.

    Raises LainError, and writes nothing, for a name that Kubernetes would refuse and when a file is there already.
    """
    if fault := name_fault(app, longest=MAX_RELEASE_NAME):
        raise LainError(f"an app cannot be called so: {fault}", hint="Give another name: lain-tui init NAME")
    chart = root / "chart"
    files = chart_files(app, language)
    present = [name for name in files if os.path.lexists(chart / name)]
    if present or (os.path.lexists(chart) and not chart.is_dir()):
        raise LainError(
            f"{present[0] if present else 'chart'} is there already, nothing was written",
            where=str(chart),
            hint="--template-only brings just the templates up to date",
        )
    try:
        draft = Path(tempfile.mkdtemp(prefix=".chart-", dir=root))
    except OSError as error:
        raise LainError(f"cannot write here: {error.strerror}", where=str(root)) from error
    try:
        draft.chmod(0o755)
        for name, text in files.items():
            _write(draft / name, text)
        if chart.is_dir():
            for name in files:
                (chart / name).parent.mkdir(exist_ok=True)
                (draft / name).replace(chart / name)
        else:
            draft.rename(chart)
    except OSError as error:
        raise LainError(f"cannot write the chart: {error.strerror}", where=str(chart)) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return [chart / name for name in files]


def refresh_templates(root: Path, *, language: Language | None = None) -> list[Path]:
    """Replace the templates of `root`/chart by today's and return those that changed; all else stays as it is.

    Templates of the user's own, under other names, stay too, and so does the language unless another is given.
    """
    chart = root / "chart"
    if not (chart / "Chart.yaml").is_file():
        raise LainError("there is no chart here", where=str(chart), hint="lain-tui init NAME writes one")
    changed = []
    for name, text in chart_files("", language or _language_of(chart)).items():
        path = chart / name
        if not name.startswith("templates/"):
            continue
        try:
            if path.is_file() and path.read_text(encoding="utf-8", errors="replace") == text:
                continue
            _write(path, text)
        except OSError as error:
            raise LainError(f"cannot write the template: {error.strerror}", where=str(path)) from error
        changed.append(path)
    return changed


def _language_of(chart: Path) -> Language:
    """The language of the comments in a chart's templates, as far as there are any of ours."""
    for name in chart_files(""):
        if name.startswith("templates/"):
            with contextlib.suppress(OSError):
                text = (chart / name).read_text(encoding="utf-8", errors="replace")
                if re.search(r"\{\{/\*.*[\u4e00-\u9fff]", text):
                    return "zh"
    return "en"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    write_whole(path, text, replace=True)
