"""`egate demo`: emulated travellers through an emulated gate."""

from typing import Annotated

import typer

app = typer.Typer(help=__doc__, invoke_without_command=True)


@app.callback()
def demo(
    headless: Annotated[bool, typer.Option(help="Tell the passages as text, without a page.")] = (
        True
    ),
    travellers: Annotated[
        str, typer.Option(help="`all`, or kinds separated by commas.", metavar="KINDS")
    ] = "all",
    seed: Annotated[int, typer.Option(help="The same seed tells the same stories.")] = 7,
    speed: Annotated[
        float | None, typer.Option(min=0.01, help="Seconds told per second; at once if left out.")
    ] = None,
) -> None:
    """Tell what happens to travellers of every kind, from the passport to the outcome."""
    from gate.bench.actors import KINDS
    from gate.bench.stories import tell

    kinds = list(KINDS) if travellers == "all" else [kind.strip() for kind in travellers.split(",")]
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise typer.BadParameter(
            f"no traveller {', '.join(unknown)}: one of {', '.join(KINDS)} or all"
        )
    told = tell(kinds, seed=seed, speed=speed, say=typer.echo)
    typer.echo(f"\n{told.summary}")
    if told.errors:
        raise typer.Exit(1)
