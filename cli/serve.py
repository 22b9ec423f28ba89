"""`prescore serve`: the scoring API and the page."""

from typing import Annotated

import typer

from cli.places import open_home
from serving.logs import LogFormat

EXAMPLES = """Examples:

prescore serve

prescore serve --workers 4

prescore serve --host 0.0.0.0 --port 8080      (needs a key: see prescore keys create)

prescore serve --receipts --receipt-days 90
"""

Host = Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")]
Port = Annotated[int, typer.Option(metavar="N", min=0, max=65_535, help="Port to listen on.")]
Workers = Annotated[int, typer.Option(metavar="N", min=1, max=64, help="Processes that answer.")]
OpenToNetwork = Annotated[
    bool,
    typer.Option(
        "--open-to-network",
        help="Let whoever reaches the address use the service, as long as no key was made.",
    ),
]
AllowOrigin = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-origin",
        metavar="URL",
        help="Let pages of another site call it, such as https://planner.example.org.",
    ),
]
TrustedProxy = Annotated[
    list[str] | None,
    typer.Option(
        "--trusted-proxy",
        metavar="ADDRESS|NETWORK",
        help="Believe X-Forwarded-Proto and -For from here, such as 172.18.0.0/16: a proxy that"
        " sets both itself, and nobody else. Repeatable; 127.0.0.1 and ::1 are believed unasked.",
    ),
]
Receipts = Annotated[
    bool,
    typer.Option(
        "--receipts",
        help="Keep what each score was made from, with the text, to read back and make again.",
    ),
]
ReceiptDays = Annotated[int, typer.Option(metavar="N", min=1, help="Forget receipts after N days.")]
Logs = Annotated[
    LogFormat,
    typer.Option(metavar="text|json", help="As JSON there is a line for every request, too."),
]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 1,
    open_to_network: OpenToNetwork = False,
    allow_origin: AllowOrigin = None,
    trusted_proxy: TrustedProxy = None,
    receipts: Receipts = False,
    receipt_days: ReceiptDays = 30,
    log_format: Logs = LogFormat.TEXT,
) -> None:
    """Run the scoring service with the champion models, and the page to try it on."""
    from serving.access.settings import Access
    from serving.settings import Settings

    access = Access(open_to_network, tuple(allow_origin or ()), tuple(trusted_proxy or ()))
    settings = Settings(
        home=open_home(),
        host=host,
        port=port,
        access=access,
        receipt_days=receipt_days if receipts else None,
        log_format=log_format,
        workers=workers,
    )
    if workers > 1:
        # Whoever minds the workers imports nothing of what they do.
        from serving.workers import serve as serve_with_workers

        serve_with_workers(settings)
    else:
        from serving.main import serve as serve_here

        serve_here(settings)
