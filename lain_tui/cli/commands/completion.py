"""`lain-tui completion`."""

from __future__ import annotations

import click


@click.command(epilog='Example: eval "$(lain-tui completion bash)"')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands, options and live names.

    Apps, procs, pods, tags and revisions are asked of the cluster, and kept for half a minute.

    \b
    For good:
      bash  lain-tui completion bash >> ~/.bashrc
      zsh   lain-tui completion zsh > "${fpath[1]}/_lain-tui"
      fish  lain-tui completion fish > ~/.config/fish/completions/lain-tui.fish
    """  # noqa: D301 - click wants the control character itself
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None, "click knows these shells"
    click.echo(kind(ctx.find_root().command, {}, "lain-tui", "_LAIN_TUI_COMPLETE").source())
