"""What is known of the request in hand, wherever its work is done."""

from contextvars import ContextVar

REQUEST_ID: ContextVar[str | None] = ContextVar("prescore_request", default=None)
"""The name of the request: its sender's, or one of ours."""

CALLER: ContextVar[str | None] = ContextVar("prescore_caller", default=None)
"""Id of the key that asks; None where no key is asked for."""
