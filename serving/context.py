"""What is known of the request in hand, wherever its work is done."""

from contextvars import ContextVar

CALLER: ContextVar[str | None] = ContextVar("prescore_caller", default=None)
"""Id of the key that asks; None where no key is asked for."""
