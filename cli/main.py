"""The `prescore` command: every command group is registered here, and nothing else happens."""

from importlib.metadata import version as version_of
from typing import Annotated

import typer

from cli import (
    evaluate,
    explain,
    forgetting,
    importing,
    keys,
    rank,
    score,
    serve,
    train,
    versions,
    when,
)
from cli.shell import Shell

app = typer.Typer(
    name="prescore",
    cls=Shell,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve", epilog=serve.EXAMPLES)(serve.serve)
app.command("score", epilog=score.EXAMPLES)(score.score)
app.command("rank", epilog=rank.EXAMPLES)(rank.rank)
app.command("explain", epilog=explain.EXAMPLES)(explain.explain)
app.command("when", epilog=when.EXAMPLES)(when.when)
app.command("import", epilog=importing.EXAMPLES)(importing.import_posts)
app.command("forget", epilog=forgetting.EXAMPLES)(forgetting.forget)
app.add_typer(train.app, name="train")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(keys.app, name="keys")
app.command("models", epilog=versions.MODELS_EXAMPLES)(versions.models)
app.command("promote", epilog=versions.PROMOTE_EXAMPLES)(versions.promote)
app.command("rollback", epilog=versions.ROLLBACK_EXAMPLES)(versions.rollback)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"prescore {version_of('prescore')}")
        raise typer.Exit


@app.callback()
def prescore(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Say which."),
    ] = False,
) -> None:
    """Forecast a social post before it is published: how strongly it moves people, how far it goes.

    State lives in PRESCORE_HOME (.prescore by default); MLFLOW_TRACKING_URI and
    PRESCORE_DATABASE_URL are honoured. Exit codes: 0 done, 1 failed, 2 wrong usage.
    """


if __name__ == "__main__":
    app()
