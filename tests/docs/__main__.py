"""Write the pages anew: `python -m tests.docs` runs the commands they show, and keeps what they print now."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.docs.pages import CHINESE, DOCS, PAGES, SCHEMA, name_of, shown, with_outputs
from tests.docs.reference import filled, schema, with_sections
from tests.docs.sandbox import Sandbox, alike
from tests.embedded import EmbeddedCluster
from tests.packaging.man import PAGE, man


def main() -> None:
    """Rewrite what differs by more than numbers and ages."""
    PAGE.write_text(man())
    SCHEMA.write_text(schema())
    with tempfile.TemporaryDirectory(prefix="lain-docs-") as folder, EmbeddedCluster(source=True) as cluster:
        for number, page in enumerate(PAGES):
            before = page.read_text()
            text = with_sections(before) if page == DOCS / "commands.md" else before
            text = filled(text)
            if page == CHINESE:
                printed = {one.command: one.output for one in shown((DOCS / "commands.md").read_text())}
                text = with_outputs(text, printed.__getitem__)
            elif "```console" in text:
                with Sandbox(Path(folder) / str(number), cluster) as sandbox:
                    text = with_outputs(text, sandbox.run)
            if alike(text) != alike(before):
                page.write_text(text)
                print("written", name_of(page))


if __name__ == "__main__":
    main()
