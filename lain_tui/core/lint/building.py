"""Rules on how the image is made: build, prepare, release."""

from __future__ import annotations

from lain_tui.core.lint.report import Place, Report, described


def check_build(report: Report, values: Place) -> None:
    """Base is required, prepare has a script and names what it keeps, release needs a build to copy from."""
    build, release = values.get("build"), values.get("release")
    if build is not None and report.table(build):
        if build.get("base") is None:
            report.missing(build, "base", "The image to start from, such as python:3.12.")
        else:
            report.text(build.get("base"))
        report.texts(build.get("script"))
        report.text(build.get("workdir"))
        _check_image_env(report, build)
        prepare = build.get("prepare")
        if prepare is not None and report.table(prepare):
            _check_prepare(report, prepare)
    if release is not None and report.table(release):
        if build is None:
            what = "release copies out of what build made, and there is no build"
            report.error(release, "release-without-build", what, "Add build.")
        report.text(release.get("dest_base"))
        report.text(release.get("workdir"))
        report.texts(release.get("script"))
        _check_image_env(report, release)
        _check_copy(report, release)


def _check_prepare(report: Report, prepare: Place) -> None:
    if prepare.get("script") is None:
        report.missing(prepare, "script", "Without one there is nothing to prepare: remove prepare.")
    else:
        report.texts(prepare.get("script"))
    _check_image_env(report, prepare)
    keep = prepare.get("keep")
    if keep is None or not report.texts(keep):
        return
    for item in keep.items():
        parts = item.value.split("/")
        if "*" in item.value:
            report.error(
                item, "keep", f"{item.value!r} holds a *, each path must be named", "A folder stays whole."
            )
        elif item.value.startswith("/"):
            what = f"{item.value!r} is absolute, it must lie in the working directory"
            report.error(item, "keep", what, f"Write {item.value.lstrip('/') or 'a path'}.")
        elif ".." in parts:
            report.error(item, "keep", f"{item.value!r} leads out of the working directory")
        elif not item.value.strip("./"):
            report.error(item, "keep", f"{item.value!r} names nothing to keep")


def _check_image_env(report: Report, owner: Place) -> None:
    env = owner.get("env")
    if env is None or not report.table(env):
        return
    for name, value in env.entries():
        if isinstance(value.value, dict | list):
            report.error(value, "env-not-text", f"{name} must be text, this is {described(value.value)}")


def _check_copy(report: Report, release: Place) -> None:
    entries = release.get("copy")
    if entries is None or not report.sequence(entries):
        return
    for entry in entries.items():
        if isinstance(entry.value, str):
            continue
        if not isinstance(entry.value, dict):
            what = f"an entry is a path, or src and dest; this is {described(entry.value)}"
            report.error(entry, "type", what)
        elif entry.get("src") is None:
            report.missing(entry, "src")
        else:
            report.text(entry.get("src"))
            report.text(entry.get("dest"))
