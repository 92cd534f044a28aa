"""What lain's users often run into, added to whatever was found."""

from __future__ import annotations

from datetime import datetime

import msgspec

from lain_tui.core.model.finding import Finding, Remedy
from lain_tui.core.model.text import counted, listed, since
from lain_tui.core.triage.case import PodCase
from lain_tui.core.triage.lifecycle import node_pressure
from lain_tui.core.triage.settings import env_sources, skipped_names


def with_hints(case: PodCase, found: Finding) -> Finding:
    """The finding with the hints that apply to its pod."""
    hints = [stale_settings(case), hidden_keys(case), skipped_names(case), _node_short(case)]
    sentences = tuple(hint for hint in hints if hint and hint not in found.explanation)
    remedies = found.remedies
    if stale_settings(case):
        remedies = (*remedies, Remedy(text="restart", verb="restart", arguments={"proc": case.proc}))
    return msgspec.structs.replace(found, explanation=(*found.explanation, *sentences), remedies=remedies)


def stale_settings(case: PodCase) -> str:
    """A Secret or ConfigMap that was changed after the pod had begun: its environment is the old one."""
    begun = case.pod.status.start_time or case.pod.metadata.creation_timestamp
    if begun is None:
        return ""
    used = _env_names(case)
    for kind, places in (("Secret", case.secrets), ("ConfigMap", case.config_maps)):
        for name, keys in places.items():
            if (
                name in used
                and keys.changed is not None
                and keys.changed > begun
                and not _restarted_since(case, keys.changed)
            ):
                ago = since(keys.changed, case.now)
                return f"{kind} {name} was changed {ago} ago; this pod has not been restarted since."
    return ""


def _restarted_since(case: PodCase, moment: datetime) -> bool:
    """Every container began after that moment: a restarted container reads its environment anew."""
    starts = [
        status.state.running.started_at if status.state.running is not None else None
        for status in case.pod.status.container_statuses or ()
    ]
    known = [start for start in starts if start is not None]
    return bool(starts) and len(known) == len(starts) and all(start > moment for start in known)


def _env_names(case: PodCase) -> set[str]:
    names: set[str] = set()
    for container in case.pod.spec.containers or ():
        sources = env_sources(case, container)
        names |= {*sources.secrets, *sources.config_maps}
    return names


def hidden_keys(case: PodCase) -> str:
    """Keys of a Secret that values' `env` hides: what is edited there has no effect."""
    for container in case.pod.spec.containers or ():
        sources = env_sources(case, container)
        for name, keys in sources.secrets.items():
            if keys is None or keys.names is None:
                continue
            if hidden := sorted(sources.values & keys.names):
                key = counted(len(hidden), "key")
                return f"values env hides {key} of Secret {name}: {listed(hidden)}."
    return ""


def _node_short(case: PodCase) -> str:
    short = node_pressure(case.node) if case.node is not None else ()
    return f"Its node {case.node.metadata.name} is short of {listed(short)}." if short and case.node else ""
