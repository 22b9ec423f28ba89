"""`prescore serve`: the scoring API and the page."""

from typing import Annotated

import typer

from cli.places import open_home

EXAMPLES = """Examples:

prescore serve

prescore serve --host 0.0.0.0 --port 8080
"""


def serve(
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65_535, help="Port to listen on.")
    ] = 8000,
) -> None:
    """Run the scoring service with the champion models, and the page to try it on."""
    from serving.main import serve as run
    from serving.settings import Settings

    run(Settings(home=open_home(), host=host, port=port))
