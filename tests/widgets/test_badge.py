"""A protected cluster is told from others with colour and without."""

from __future__ import annotations

from lain_tui.widgets.badge import badge


def test_a_protected_cluster_has_a_ground_of_its_own() -> None:
    assert badge("prod", protected=True, colour=True) == (" prod ", "badge-protected")
    assert badge("test", protected=False, colour=True) == (" test ", "badge")
    assert badge("prod", protected=True, colour=True, own=True) == (" prod ", "badge-own")


def test_without_colour_a_word_tells_it() -> None:
    assert badge("prod", protected=True, colour=False)[0] == " prod protected "
    assert badge("test", protected=False, colour=False)[0] == " test "
