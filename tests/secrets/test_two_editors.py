"""Two editors at once: no update lost, none applied half. On the real API server with --cluster=real."""

from __future__ import annotations

import asyncio
import random
import uuid

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import SECRETS
from lain_tui.core.model.holder import Holder, Ref
from lain_tui.core.secrets.apply import Applied, Apply, Conflicted
from lain_tui.core.secrets.draft import Draft, Edits
from lain_tui.core.secrets.holders import read_holder
from lain_tui.core.target import Target
from tests.conftest import Cluster

ROUNDS = 200
KEYS = "ABCD"


class Editor:
    """Reads, drafts, applies; settles a conflict by keeping its own side or taking theirs."""

    def __init__(self, name: str, kube: KubeClient, target: Target, ref: Ref, chance: random.Random) -> None:
        self.name, self.kube, self.target, self.ref, self.chance = name, kube, target, ref, chance
        self.count = 0
        self.won: list[Applied] = []
        """Each apply that went through, in order."""

    async def edit(self) -> None:
        draft = Draft(await read_holder(self.kube, self.ref))
        await asyncio.sleep(self.chance.random() / 200)
        self.count += 1
        for key in self.chance.sample(KEYS, self.chance.randint(1, 3)):
            if self.chance.random() < 0.2 and draft.get(key) is not None:
                draft.remove(key)
            else:
                draft.set(key, f"{self.name}{self.count}".encode())
        while draft:
            operation = Apply(self.kube, self.target, [draft])
            try:
                async for _ in operation.run():
                    if operation.applied:
                        break
            except Conflicted as conflicted:
                draft.rebase(conflicted.theirs)
                for conflict in draft.conflicts:
                    draft.resolve(conflict.key, ours=self.chance.random() < 0.5)
                continue
            if operation.applied:
                self.won.append(operation.applied[self.ref])
            return


def _is_exactly(before: Holder, sent: Edits, now: Holder) -> None:
    wanted = {**before.data, **sent}
    assert now.data == {key: value for key, value in sorted(wanted.items()) if value is not None}


async def test_two_editors_lose_nothing(cluster: Cluster) -> None:
    target = Target(namespace="default", cluster="test", kubeconfig=(cluster.kubeconfig,))
    ref = Ref(name=f"edited-{uuid.uuid4().hex[:8]}", namespace="default")
    chance = random.Random(20_260_305)
    async with KubeClient.open(target) as kube, KubeClient.open(target) as other:
        created = Apply(kube, target, [Draft(Holder(ref=ref, exists=False), {"A": b"start"})])
        async for _ in created.run():
            pass
        one, two = (
            Editor(name, at, target, ref, random.Random(chance.random()))
            for name, at in (("x", kube), ("y", other))
        )
        for _ in range(ROUNDS):
            await asyncio.gather(one.edit(), two.edit())
        final = await read_holder(kube, ref)
        await kube.delete(SECRETS, ref.name, ref.namespace)
    assert one.count == two.count == ROUNDS
    # The writes of both stand in one order, and each is on top of the one that it saw: nothing came between what an
    # editor saw and what it wrote, and nothing of a write is missing in what the next one saw.
    order = sorted([*one.won, *two.won], key=lambda write: int(write.now.version))
    assert one.won == sorted(one.won, key=lambda write: int(write.now.version)), "as each editor made them"
    assert two.won == sorted(two.won, key=lambda write: int(write.now.version))
    state = created.applied[ref].now
    for write in order:
        assert write.before.version == state.version and write.before.data == state.data
        _is_exactly(write.before, write.sent, write.now)
        state = write.now
    assert final.version == state.version and final.data == state.data
