"""Harbor, by its own API: it answers with a token of the cluster's where the distribution API wants a user's login.

Reference: Harbor API 2.0, `GET /projects/{project}/repositories/{repository}/artifacts`.
"""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.registry.http import Http, NotThere

PAGE = 100


class Harbor(msgspec.Struct, frozen=True, kw_only=True):
    """Tags by Harbor's API."""

    host: str
    path: str
    """PROJECT/REPOSITORY; the repository may be nested."""
    token: str
    """Base64 of `user:password`, as Harbor's robot accounts give it."""
    plain: bool = False

    def __repr__(self) -> str:
        return f"Harbor({self.host!r}, {self.path!r})"

    async def tags(self) -> list[str]:
        """All tags; none when the repository is not there."""
        project, _, repository = self.path.partition("/")
        # Harbor decodes the path twice: a slash in a repository's name is written %252F.
        name = quote(quote(repository, safe=""), safe="")
        base = f"{'http' if self.plain else 'https'}://{self.host}/api/v2.0/projects/{quote(project)}"
        found: list[str] = []
        page = 1
        headers = {"Authorization": f"Basic {self.token}", "Accept": "application/json"}
        async with Http(headers=headers) as http:
            while True:
                url = f"{base}/repositories/{name}/artifacts?with_tag=true&page={page}&page_size={PAGE}"
                try:
                    answer = await http.get(url)
                except NotThere:
                    return found
                try:
                    artifacts = msgspec.json.decode(answer.body, type=list[_Artifact])
                except msgspec.DecodeError as error:
                    raise LainError(
                        "the answer is not Harbor's", where=answer.url.partition("?")[0]
                    ) from error
                found += [tag.name for artifact in artifacts for tag in artifact.tags or []]
                if len(artifacts) < PAGE:
                    return found
                page += 1


class _Tag(msgspec.Struct):
    name: str


class _Artifact(msgspec.Struct):
    tags: list[_Tag] | None = None
