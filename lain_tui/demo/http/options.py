"""What the query of a request says besides what is asked, and how it is refused when it makes no sense."""

from __future__ import annotations

from aiohttp import web

from .. import errors
from ..api import Options
from ..kinds import Kind
from ..validate.causes import Cause, forbidden, go, too_long, unsupported

_MATCHES = ("Exact", "NotOlderThan")
_LONGEST_MANAGER = 128
_VALIDATIONS = ["", "Ignore", "Strict", "Warn"]
_OF_VERB = {"create": "CreateOptions", "update": "UpdateOptions", "patch": "PatchOptions"}


def flag(query: dict[str, str], name: str) -> bool:
    """A boolean as the API reads it: anything but false and 0 is true, when it is there."""
    return name in query and query[name].lower() not in ("false", "0")


def number(query: dict[str, str], name: str) -> int | None:
    """A whole number. ApiError 400 when it is none."""
    text = query.get(name)
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise errors.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None


def writing(request: web.BaseRequest, query: dict[str, str], verb: str, subresource: str) -> Options:
    """Read what a writing request says; the manager's name falls back to the client's. ApiError 422."""
    applying = request.content_type.startswith("application/apply-patch")
    dry, manager = request.query.getall("dryRun", []), query.get("fieldManager", "")
    causes: list[Cause] = []
    if verb == "patch" and not applying and "force" in query:
        causes.append(forbidden("force", "may not be specified for non-apply patch"))
    if applying and not manager:
        why = "Required value: is required for apply patch"
        causes.append(("FieldValueRequired", why, "fieldManager"))
    if len(manager) > _LONGEST_MANAGER:
        causes.append(too_long("fieldManager", _LONGEST_MANAGER))
    for at, character in enumerate(manager):
        if not character.isprintable():
            why = f"invalid character U+{ord(character):04X} (at position {at})"
            causes.append(("FieldValueInvalid", f"Invalid value: {go(manager)}: {why}", "fieldManager"))
    if any(value != "All" for value in dry):
        causes.append(unsupported("dryRun", dry, ["All"]))
    if query.get("fieldValidation", "") not in _VALIDATIONS:
        causes.append(unsupported("fieldValidation", query["fieldValidation"], _VALIDATIONS))
    refuse(_OF_VERB.get(verb, "UpdateOptions"), causes)
    agent = request.headers.get("User-Agent", "unknown").partition("/")[0][:_LONGEST_MANAGER]
    return Options(
        dry_run=bool(dry),
        manager=manager or ("" if applying else agent),
        force=flag(query, "force"),
        field_validation=query.get("fieldValidation") or "Warn",
        subresource=subresource,
    )


def check_list(query: dict[str, str], *, watching: bool) -> None:
    """Refuse a list or a watch whose query makes no sense, before anything is sent. ApiError 400, 422 or 500."""
    for name in ("limit", "timeoutSeconds"):
        number(query, name)
    refuse("ListOptions", _of_watch(query) if watching else _of_list(query))
    version = query.get("resourceVersion", "")
    if version and not version.isdigit():
        why = f"{_unsigned(version)}"
        if watching:
            raise errors.ApiError(500, "", why)
        raise errors.bad_request(f"invalid resource version: {why}")


def check_get(query: dict[str, str]) -> None:
    """ApiError 500, as it really is, for a version that is no number."""
    version = query.get("resourceVersion", "")
    if version and not version.isdigit():
        raise errors.ApiError(500, "", _unsigned(version))


def _unsigned(version: str) -> str:
    parsing = f"strconv.ParseUint: parsing {go(version)}: invalid syntax"
    return f"resourceVersion: Invalid value: {go(version)}: {parsing}"


def _of_list(query: dict[str, str]) -> list[Cause]:
    field, match, causes = "resourceVersionMatch", query.get("resourceVersionMatch", ""), []
    if match:
        if not query.get("resourceVersion"):
            why = "resourceVersionMatch is forbidden unless resourceVersion is provided"
            causes.append(forbidden(field, why))
        if query.get("continue"):
            causes.append(forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
        if match not in _MATCHES:
            causes.append(unsupported(field, match, [*_MATCHES, ""]))
        if match == "Exact" and query.get("resourceVersion") == "0":
            why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
            causes.append(forbidden(field, why))
    if "sendInitialEvents" in query:
        causes.append(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    return causes


def _of_watch(query: dict[str, str]) -> list[Cause]:
    field, match, causes = "resourceVersionMatch", query.get("resourceVersionMatch", ""), []
    if "sendInitialEvents" in query and match != "NotOlderThan":
        why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        causes.append(forbidden(field, why))
    if match:
        if "sendInitialEvents" not in query:
            why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            causes.append(forbidden(field, why))
        if match != "NotOlderThan":
            causes.append(unsupported(field, match, ["NotOlderThan"]))
    if query.get("continue"):
        causes.append(forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
    return causes


def refuse(options: str, causes: list[Cause]) -> None:
    """ApiError 422 for options of that kind, when there is a cause."""
    if causes:
        raise errors.invalid(Kind(options, options.lower(), "meta.k8s.io"), "", causes)
