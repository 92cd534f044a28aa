"""Commands that hand words on to another program: those behind two dashes."""

from __future__ import annotations

import click


class WordsCommand(click.Command):
    """Takes what stands behind `--` as a command of its own, so that `x -- ls` is no proc called ls."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            place = args.index("--")
            args, ctx.meta["words"] = args[:place], tuple(args[place + 1 :])
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if "unexpected extra argument" in error.message:
                raise click.UsageError(
                    f"The command goes behind two dashes: lain-tui {self.name} web -- ls.", ctx
                ) from None
            raise


def words_of(ctx: click.Context) -> tuple[str, ...]:
    """What stood behind the dashes."""
    words: tuple[str, ...] = ctx.meta.get("words", ())
    return words
