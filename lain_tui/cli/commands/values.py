"""`lain-tui values`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lain_tui.cli.output import output, print_document
from lain_tui.cli.session import session

if TYPE_CHECKING:
    from lain_tui.cli.documents.configuring import ProvenanceRow
    from lain_tui.core.values.layers import Values


@click.command(epilog="Example: lain-tui --cluster prod values --provenance")
@click.option("--provenance", is_flag=True, help="Tell file and line of each value, and what it overrode.")
@click.option("--reveal", is_flag=True, help="Show passwords and tokens, too.")
@output
def command(provenance: bool, reveal: bool, output: str) -> None:
    """Show the values that helm's templates see as .Values.

    chart/values.yaml, the cluster's values, chart/values-CLUSTER.yaml and --values files, merged in this order as
    helm merges them. Needs no cluster and no helm.
    """
    from lain_tui.core.config.resolve import resolve_values
    from lain_tui.core.values.tree import hidden
    from lain_tui.core.values.writer import to_yaml, to_yaml_with_remarks

    here = session()
    values = resolve_values(here.options, cwd=here.folder, env=here.env)
    seen = values.as_helm_sees()
    if not reveal:
        seen = hidden(seen)
    if output != "text":
        from lain_tui.cli.documents.configuring import ValuesDocument

        files = tuple(str(layer.path) for layer in values.layers)
        rows = _provenance(values, reveal=reveal) if provenance else None
        print_document(ValuesDocument(files=files, values=seen, provenance=rows), output)
    elif provenance:
        click.echo(to_yaml_with_remarks(values.helm_table(), seen), nl=False)
    else:
        click.echo(to_yaml(seen), nl=False)


def _provenance(values: Values, *, reveal: bool) -> tuple[ProvenanceRow, ...]:
    from lain_tui.cli.documents.configuring import OverrodeRow, ProvenanceRow
    from lain_tui.core.values.layers import Origin
    from lain_tui.core.values.tree import hidden

    def entry(key: str, origin: Origin) -> dict[str, Any]:
        value = origin.value if reveal else hidden(origin.value, key)
        return {"file": str(origin.file), "line": origin.line, "value": value}

    rows = []
    for key, node in values.helm_table().items():
        for path, leaf in node.leaves((key,)):
            origin = Origin.of(leaf)
            overrode = tuple(OverrodeRow(**entry(path[-1], one)) for one in origin.overrode)
            rows.append(ProvenanceRow(path=tuple(path), **entry(path[-1], origin), overrode=overrode))
    return tuple(rows)
