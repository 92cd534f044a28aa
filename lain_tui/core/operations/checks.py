"""Everything that is looked at before a deploy, each as one check that passes or says what to do."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence

from lain_tui.core.diff.normal import pod_template
from lain_tui.core.errors import LainError
from lain_tui.core.helm.history import PENDING
from lain_tui.core.helm.record import ReleaseRecord
from lain_tui.core.helm.runner import Helm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Forbidden, KubeError, NotFound
from lain_tui.core.kube.resources import NAMESPACES, QUOTAS
from lain_tui.core.lint.run import lint_app
from lain_tui.core.model.lint import LintSeverity
from lain_tui.core.model.plan import Check, Outcome
from lain_tui.core.model.quantity import parse_quantity
from lain_tui.core.model.release import Revision
from lain_tui.core.model.text import counted, listed
from lain_tui.core.operations.candidate import CANARY, CANARY_ANNOTATION, Candidate, Choice
from lain_tui.core.operations.owners import check_owners
from lain_tui.core.operations.record_size import check_size
from lain_tui.core.operations.references import check_secrets
from lain_tui.core.project.git import behind, commit_of_tag, commits_between, short_tag
from lain_tui.core.registry.tags import has_tag, newest_first, open_repository
from lain_tui.core.target import Target

OnCheck = Callable[[Check], None]


async def run_checks(
    kube: KubeClient,
    target: Target,
    choice: Choice,
    candidate: Candidate,
    current: ReleaseRecord | None,
    revisions: Sequence[Revision],
    *,
    helm: Helm,
    on_check: OnCheck = lambda check: None,
) -> list[Check]:
    """All checks, in one order whichever ends first; each is told to `on_check` as soon as it has ended."""

    async def told(checks: Awaitable[list[Check]]) -> list[Check]:
        done = await checks
        for check in done:
            on_check(check)
        return done

    work: list[Awaitable[list[Check]]] = [
        _lint(target, choice, candidate, helm),
        _image(target, candidate, choice),
        _namespace(kube, target),
        check_secrets(kube, target.namespace, target.app, candidate.objects),
        _release(choice, candidate, revisions, current),
        _git(candidate, choice),
        _cherry(candidate, current),
        _quota(kube, target, candidate),
        check_owners(kube, target.namespace, candidate, current),
        check_size(candidate),
    ]
    return [check for checks in await asyncio.gather(*map(told, work)) for check in checks]


async def _lint(target: Target, choice: Choice, candidate: Candidate, helm: Helm) -> list[Check]:
    findings = await lint_app(
        candidate.values, candidate.chart, cluster=target.cluster, namespace=target.namespace, helm=helm
    )
    errors = [finding for finding in findings if finding.severity is LintSeverity.ERROR]
    shown = errors or findings
    if not shown:
        return [Check(what="lint", outcome=Outcome.PASSED)]
    first = shown[0]
    file = first.file.removeprefix(f"{candidate.chart.parent}/")
    place = f"{file}:{first.line}: " if first.line else f"{file}: " if file else ""
    more = f" (and {len(shown) - 1} more)" if len(shown) > 1 else ""
    fails = bool(errors) and not choice.ignore_lint
    return [
        Check(
            what="lint",
            outcome=Outcome.FAILED if fails else Outcome.WARNED,
            detail=f"{place}{first.what}{more}",
            hint=first.mend or "lain-tui lint tells of each.",
        )
    ]


async def _image(target: Target, candidate: Candidate, choice: Choice) -> list[Check]:
    tag = candidate.tag
    what = f"image {short_tag(tag)} is in the registry"
    settings = candidate.effective
    try:
        if await has_tag(settings, target.app, tag, os.environ):
            return [Check(what=what, outcome=Outcome.PASSED)]
        tags = newest_first(await (await open_repository(settings, target.app, os.environ)).tags())
    except LainError as error:
        return [
            Check(
                what=what,
                outcome=Outcome.WARNED,
                detail=f"the registry was not asked: {error.what}",
                hint=error.hint,
            )
        ]
    head = candidate.facts is not None and candidate.facts.tag == tag
    hint = "Build and push it: lain-tui build --push." if head else ""
    if tags and not head:
        hint = f"The newest are {listed(tags, most=3)}."
    return [Check(what=what, outcome=Outcome.FAILED, detail="it is not there", hint=hint)]


async def _namespace(kube: KubeClient, target: Target) -> list[Check]:
    what = f"namespace {target.namespace} exists"
    try:
        await kube.get(NAMESPACES, target.namespace)
    except NotFound:
        hint = f"Make it: kubectl create namespace {target.namespace}."
        return [Check(what=what, outcome=Outcome.FAILED, detail="there is none", hint=hint)]
    except Forbidden:
        return []  # whoever may only see one namespace is not asked about all
    except KubeError as error:
        return [Check(what=what, outcome=Outcome.FAILED, detail=error.what, hint=error.hint)]
    return []


async def _release(
    choice: Choice, candidate: Candidate, revisions: Sequence[Revision], current: ReleaseRecord | None
) -> list[Check]:
    """Nobody else is at work on it, and no canary is out."""
    checks = []
    own = [one for one in revisions if one.release == candidate.release]
    main = candidate.release.removesuffix(CANARY) if choice.canary else candidate.release
    canary = [one for one in revisions if one.release == f"{main}{CANARY}"]
    if own and own[0].status in PENDING:
        who = current.user if current is not None else ""
        since = f"{own[0].updated:%H:%M:%S}" if own[0].updated is not None else ""
        checks.append(
            Check(
                what="no other helm is at work on the release",
                outcome=Outcome.WARNED if choice.auto_pilot else Outcome.FAILED,
                detail=f"revision {own[0].revision} is {own[0].status} since {since} UTC"
                + (f", by {who}" if who else ""),
                hint="It is rolled back first."
                if choice.auto_pilot
                else "Wait; if nobody is at work, roll back.",
            )
        )
    else:
        checks.append(Check(what="no other helm is at work on the release", outcome=Outcome.PASSED))
    if choice.canary:
        if not any(one.release == main for one in revisions):
            checks.append(
                Check(
                    what=f"{main} is deployed",
                    outcome=Outcome.FAILED,
                    detail="a canary needs something to stand beside",
                    hint="Deploy without --canary first.",
                )
            )
        checks += _without_traffic(candidate)
    elif canary and not choice.after_canary:
        checks.append(
            Check(
                what="no canary is out",
                outcome=Outcome.FAILED,
                detail=f"{main}{CANARY} is deployed",
                hint="Finish it: lain-tui set-canary-group --final, or --abort.",
            )
        )
    return checks


def _without_traffic(candidate: Candidate) -> list[Check]:
    """A canary's ingress without the canary annotation would take every second request from the start."""
    open_ones = [
        one.name
        for one in candidate.objects
        if one.kind == "Ingress" and one.annotations.get(CANARY_ANNOTATION) != "true"
    ]
    what = "the canary takes no traffic yet"
    if not open_ones:
        return [Check(what=what, outcome=Outcome.PASSED)]
    return [
        Check(
            what=what,
            outcome=Outcome.FAILED,
            detail=f"the chart gives {listed(open_ones)} no ingressAnnotations",
            hint="lain-tui init --template-only renews the templates.",
        )
    ]


async def _git(candidate: Candidate, choice: Choice) -> list[Check]:
    facts = candidate.facts
    if facts is None:
        return [
            Check(what="the chart is under version control", outcome=Outcome.SKIPPED, detail="no git here")
        ]
    checks = []
    if facts.dirty:
        checks.append(
            Check(
                what="the work tree is clean",
                outcome=Outcome.WARNED,
                detail="uncommitted changes: what is in chart/ goes out, the image is the commit's",
            )
        )
    else:
        checks.append(Check(what="the work tree is clean", outcome=Outcome.PASSED))
    if number := await behind(candidate.chart.parent):
        checks.append(
            Check(
                what="HEAD is up to date",
                outcome=Outcome.WARNED,
                detail=f"the upstream branch is {counted(number, 'commit')} ahead",
                hint="git pull first, or its values are not in this deploy.",
            )
        )
    return checks


async def _cherry(candidate: Candidate, current: ReleaseRecord | None) -> list[Check]:
    """Which commits go out, and which go back."""
    if current is None:
        return []
    old, new = current.image_tag, candidate.tag
    if old == new:
        return [
            Check(
                what="the image is another one",
                outcome=Outcome.WARNED,
                detail="it is the one that runs: no pod restarts for it",
                hint="lain-tui restart gives every proc new pods.",
            )
        ]
    if not (commit_of_tag(old) and commit_of_tag(new)):
        return []
    folder = candidate.chart.parent
    try:
        out, back = await asyncio.gather(commits_between(folder, old, new), commits_between(folder, new, old))
    except LainError as error:
        return [Check(what="commits", outcome=Outcome.SKIPPED, detail=error.what, hint=error.hint)]
    if back:
        subjects = listed([commit.subject for commit in back], most=3)
        return [
            Check(
                what="commits go out only",
                outcome=Outcome.WARNED,
                detail=f"{counted(len(back), 'commit')} of what runs is not in it: {subjects}",
            )
        ]
    subjects = listed([commit.subject for commit in out], most=3)
    return [
        Check(
            what=f"{counted(len(out), 'commit')} go{'es' if len(out) == 1 else ''} out",
            outcome=Outcome.PASSED,
            detail=subjects,
        )
    ]


async def _quota(kube: KubeClient, target: Target, candidate: Candidate) -> list[Check]:
    """Whether there is room for one more pod of each kind, as a rollout needs."""
    try:
        quotas = await kube.list(QUOTAS, target.namespace)
    except KubeError:
        return []
    checks = []
    for quota in quotas:
        tight = []
        for name, hard in quota.status.hard.items():
            need = _largest(candidate, name)
            try:
                left = parse_quantity(hard) - parse_quantity(quota.status.used.get(name, "0"))
            except ValueError:
                continue
            if need and left < need:
                tight.append(f"{name}: {quota.status.used.get(name, '0')} of {hard} used")
        what = f"quota {quota.metadata.name} has room for a new pod"
        if tight:
            checks.append(
                Check(
                    what=what,
                    outcome=Outcome.WARNED,
                    detail=listed(tight),
                    hint="A rollout may stand still: lower requests or replicas, or ask for more.",
                )
            )
        else:
            checks.append(Check(what=what, outcome=Outcome.PASSED))
    return checks


def _largest(candidate: Candidate, resource: str) -> float:
    """What the largest pod of the release asks of a quota's resource; 0 for what no pod asks."""
    if resource in ("pods", "count/pods"):
        return 1.0
    side, _, name = resource.rpartition(".")
    if name not in ("cpu", "memory"):
        return 0.0
    largest = 0.0
    for one in candidate.objects:
        if one.kind not in ("Deployment", "StatefulSet"):
            continue
        pod = (pod_template(one.body) or {}).get("spec") or {}
        amounts = [
            ((container.get("resources") or {}).get(side or "requests") or {}).get(name)
            for container in pod.get("containers") or []
        ]
        try:
            largest = max(
                largest, sum(parse_quantity(str(amount)) for amount in amounts if amount is not None)
            )
        except ValueError:
            continue
    return largest
