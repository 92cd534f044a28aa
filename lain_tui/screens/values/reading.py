"""The Values screen as far as it reads: the tree of what is in force, a filter, another cluster beside it, the files."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import msgspec
from textual import events, on, work
from textual.app import ComposeResult
from textual.message import Message

from lain_tui.core.config.others import other_clusters
from lain_tui.core.config.picture import ValuesPicture, read_picture
from lain_tui.core.errors import LainError
from lain_tui.core.model.values import ValueRow
from lain_tui.core.target import Target
from lain_tui.core.values.tree import TreeView, rows_of
from lain_tui.screens.base import LainScreen
from lain_tui.screens.editor import edit_file
from lain_tui.screens.values.words import bar_words, empty_tree
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.filter_bar import FilterBar
from lain_tui.widgets.title_bar import TitleBar
from lain_tui.widgets.value_pane import ValuePane
from lain_tui.widgets.value_tree import ValueTitles, ValueTree, columns_for, key_of, shown

LOOK = 1.0
"""Seconds between two looks at whether a file has changed."""


class ReadingScreen(LainScreen[None]):
    """Reads the files of the chart and the cluster; needs no cluster that answers."""

    VERBS: ClassVar[tuple[Verb, ...]] = ()
    AUTO_FOCUS = "ValueTree"

    @dataclass
    class Read(Message):
        """The files have been read, or cannot be."""

        picture: ValuesPicture | None
        other: ValuesPicture | None
        error: LainError | None = None

    def __init__(self, target: Target) -> None:
        super().__init__()
        self._target = target
        self._picture: ValuesPicture | None = None
        self._other: ValuesPicture | None = None
        self._compared = ""
        self._error: LainError | None = None
        self._view = TreeView()
        self._rows: list[ValueRow] = []
        self._revealed = False

    def compose_content(self) -> ComposeResult:
        target = self._target
        yield TitleBar(target.app, target.cluster, protected=target.protected, read_only=target.read_only)
        yield ValueTitles()
        yield ValueTree()
        yield ValuePane()

    def on_mount(self) -> None:
        super().on_mount()
        self._show()
        self.verb_reload()
        self.set_interval(LOOK, self._look)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        height = event.size.height
        self.query_one(ValuePane).styles.height = 6 if height < 30 else min(14, height // 3)
        self.call_after_refresh(self._show)

    # Reading

    @work(group="values-read", exclusive=True, exit_on_error=False)
    async def verb_reload(self) -> None:
        try:
            picture = await asyncio.to_thread(read_picture, self._target, os.environ)
            other = None
            if self._compared:
                other = await asyncio.to_thread(read_picture, self._target, os.environ, self._compared)
        except LainError as error:
            self.post_message(self.Read(None, None, error))
        else:
            self.post_message(self.Read(picture, other))

    def _look(self) -> None:
        """Read again what somebody else has changed."""
        pictures = [picture for picture in (self._picture, self._other) if picture is not None]
        if (not pictures and self._error is not None) or any(picture.stale for picture in pictures):
            self.verb_reload()

    @on(Read)
    def _was_read(self, message: Read) -> None:
        told, self._error = str(self._error), message.error
        if message.picture is not None:
            self._picture, self._other = message.picture, message.other
        elif self._picture is not None and message.error is not None and str(message.error) != told:
            self.say_error(message.error)  # the last picture stays
        self._show()
        self.show_keys()

    # Showing

    def _show(self) -> None:
        picture, other = self._picture, self._other
        self._rows = (
            []
            if picture is None
            else rows_of(picture.leaves, self._view, other.leaves if other is not None else None)
        )
        compared = other is not None
        columns = columns_for(self._rows, self.size.width or 80, compared=compared)
        names = ("KEY", "VALUE", "FROM")
        if picture is not None and other is not None:
            names = ("KEY", picture.cluster or "chart", other.cluster)
        self.query_one(ValueTitles).show(columns, names)
        notice = empty_tree(picture, self._view, self._error, self.keys(), self.size.width or 80)
        self.query_one(ValueTree).show_rows(
            self._rows, columns, compared=compared, revealed=self._revealed, notice=notice
        )
        self.query_one(TitleBar).show(*bar_words(picture, other, self._rows, self._view))
        self._show_pane()

    def _show_pane(self) -> None:
        row, picture, other = self._row, self._picture, self._other
        source: tuple[str, ...] = ()
        if row is not None and row.leaf is not None and picture is not None:
            source = picture.sources.get(row.leaf.origin.file, ())
        names = (picture.cluster, other.cluster) if picture is not None and other is not None else ("", "")
        self.query_one(ValuePane).show(row, names=names, source=source, revealed=self._revealed)

    @property
    def _row(self) -> ValueRow | None:
        return self.query_one(ValueTree).row

    @on(ChoiceList.Highlighted)
    def _moved(self) -> None:
        self._show_pane()
        self.show_keys()

    @on(ValueTree.FoldRequested)
    def _fold(self, message: ValueTree.FoldRequested) -> None:
        folded = self._view.folded
        self._look_at(folded=folded | {message.path} if message.folded else folded - {message.path})

    def _look_at(self, **changes: object) -> None:
        self._view = msgspec.structs.replace(self._view, **changes)
        self._show()

    def verb_fold_all(self) -> None:
        maps = {leaf.path[:depth] for leaf in self._leaves() for depth in range(1, len(leaf.path))}
        self._look_at(folded=frozenset() if self._view.folded else frozenset(maps))

    def _leaves(self) -> list[ValueRow]:
        picture, other = self._picture, self._other
        if picture is None:
            return []
        return rows_of(picture.leaves, None, other.leaves if other is not None else None)

    def verb_reveal(self) -> None:
        self._revealed = not self._revealed
        self._show()

    def verb_copy(self) -> None:
        row = self._row
        if row is not None:
            text = ".".join(row.path)
            if row.leaf is not None:
                text += f": {shown(row.leaf, revealed=self._revealed)}"
            self.app.copy_to_clipboard(text)
            self.say(f"Copied {'.'.join(row.path)}")

    # Filter and comparison

    async def verb_filter(self) -> None:
        if not self.query(FilterBar):
            bar = FilterBar(self._view.filter, hint="words of a key, a value or a file's name")
            await self.mount(bar, after=self.query_one(ValuePane))

    @on(FilterBar.Changed)
    def _filter(self, message: FilterBar.Changed) -> None:
        self._look_at(filter=message.text.strip())

    @on(FilterBar.Closed)
    async def _filtered(self, message: FilterBar.Closed) -> None:
        await self.query(FilterBar).remove()
        tree, words = self.query_one(ValueTree), message.text.strip()
        tree.focus()
        self._look_at(filter=words)
        if words and self._row is not None and self._row.is_map:
            # What was looked for is a value, and stands below the maps that lead to it.
            tree.move_to(next((key_of(row.path) for row in self._rows if not row.is_map), ""))

    @work(group="values-compare", exclusive=True, exit_on_error=False)
    async def verb_compare(self) -> None:
        names = await asyncio.to_thread(other_clusters, self._target, os.environ)
        if not names:
            self.say("There is no other cluster to compare with", severity="warning")
            return
        from lain_tui.screens.choose import ChooseScreen

        name = names[0]
        if len(names) > 1:
            name = await self.app.push_screen_wait(ChooseScreen("Compare with", names))
        if name:
            self._compared = name
            self._view = msgspec.structs.replace(self._view, differences_only=True)
            self.verb_reload()

    def verb_differences(self) -> None:
        self._look_at(differences_only=not self._view.differences_only)

    def verb_back(self) -> None:
        if self._view.filter:
            self._look_at(filter="")
        elif self._compared:
            self._compared, self._other = "", None
            self._look_at(differences_only=False)
            self.show_keys()
        else:
            self.dismiss()

    # The files themselves

    @on(ChoiceList.Chosen)
    def _chosen(self) -> None:
        self.verb_open()

    @work(group="values-open", exclusive=True, exit_on_error=False)
    async def verb_open(self) -> None:
        row = self._row
        leaf = (row.leaf or row.other) if row is not None else None
        if leaf is None and row is not None:
            # A map: the first value in it.
            inside = [
                other for other in self._leaves() if other.path[: len(row.path)] == row.path and other.leaf
            ]
            leaf = inside[0].leaf if inside else None
        if leaf is None:
            return
        try:
            await edit_file(self.app, Path(leaf.origin.file), leaf.origin.line)
        except LainError as error:
            self.say_error(error)
        self.verb_reload()
