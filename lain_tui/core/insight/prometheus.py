"""Asking a Prometheus: its HTTP API's query and query_range (prometheus.io/docs/prometheus/latest/querying/api)."""

from __future__ import annotations

import asyncio
import math
from types import TracebackType
from typing import Any, Self

import aiohttp
import msgspec
from yarl import URL

from lain_tui.core.errors import LainError
from lain_tui.core.insight.probe import failure_words
from lain_tui.core.model.text import plain, shortened, spell

PATIENCE = 20.0
"""Seconds for one answer."""
Point = tuple[float, float]
"""Seconds since 1970, and the value."""


class _Series(msgspec.Struct):
    metric: dict[str, str] = {}
    value: tuple[float, str] | None = None
    values: list[tuple[float, str]] = []


class _Data(msgspec.Struct, rename="camel"):
    result: list[_Series] = []


class _Answer(msgspec.Struct, rename="camel"):
    status: str = ""
    data: _Data | None = None
    error: str = ""


class Prometheus:
    """One server; a name and a password may stand in its URL."""

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        """Raises LainError for what is no URL."""
        try:
            parsed = URL(url)
        except ValueError:
            parsed = URL()
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise LainError(
                f"{plain(url)!r} is no URL of a Prometheus", hint="Such as http://prometheus:9090."
            )
        self._url = parsed
        self._where = parsed.with_user(None).human_repr()
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._patience), trust_env=True
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def instant(self, query: str) -> list[float]:
        """The value of each series now; NaN and infinities are left out. Raises LainError."""
        result = await self._ask("query", {"query": query})
        return [
            number for series in result if series.value and (number := _number(series.value[1])) is not None
        ]

    async def range(self, query: str, *, start: float, end: float, step: float) -> list[list[Point]]:
        """The points of each series between two times (seconds since 1970). Raises LainError."""
        asked = {"query": query, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:.0f}"}
        result = await self._ask("query_range", asked)
        return [
            [(at, number) for at, text in series.values if (number := _number(text)) is not None]
            for series in result
        ]

    async def _ask(self, what: str, form: dict[str, str]) -> list[_Series]:
        assert self._session is not None, "a Prometheus is asked within its `async with`"
        url = self._url / "api/v1" / what
        try:
            # As a form: queries may be longer than URLs are allowed to be.
            async with self._session.post(url, data=form, allow_redirects=False) as answer:
                body = await answer.read()
        except TimeoutError:
            raise self._error(f"gave no answer within {spell(self._patience)}") from None
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
            raise self._error(f"cannot be reached: {failure_words(error, str(url))}") from None
        if answer.status in (401, 403):
            raise self._error("does not let us in", "A name and a password may stand in the URL.")
        try:
            said = msgspec.json.decode(body, type=_Answer)
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise self._error(f"answers {answer.status} and something else than Prometheus does") from None
        if said.status != "success" or said.data is None:
            raise self._error(f"cannot answer: {shortened(plain(said.error or str(answer.status)), 200)}",
                              "pql_template in the cluster's values says what is asked.")  # fmt: skip
        return said.data.result

    def _error(self, what: str, hint: str = "") -> LainError:
        return LainError(f"Prometheus {what}", where=self._where, hint=hint)


def _number(text: Any) -> float | None:
    try:
        number = float(text)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
