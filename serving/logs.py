"""What the service logs, as text or as JSON, a line for each record; never what was submitted."""

import json
import logging
import traceback
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from serving.context import CALLER, REQUEST_ID

TEXT = "%(asctime)s %(levelname)s %(message)s"


class LogFormat(StrEnum):
    """How log lines are written."""

    TEXT = "text"
    JSON = "json"


class Context(logging.Filter):
    """Adds the request in hand to a record: its id, and the id of the key that asks."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, with its context."""
        record.request_id = REQUEST_ID.get()
        record.key = CALLER.get()
        return True


class _Discreet(logging.Formatter):
    """Tells where an exception came from, but not its message: that may quote a post."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the base class names it
        kind, _, trace = ei
        return f"{getattr(kind, '__name__', kind)}\n{''.join(traceback.format_tb(trace))}".rstrip()


class TextFormatter(_Discreet):
    """A line for people."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the request's id at its end where there is one."""
        line = super().format(record)
        name = getattr(record, "request_id", None)
        return f"{line} [{name}]" if name else line


class JsonFormatter(_Discreet):
    """A JSON object on one line, for machines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{name: getattr(record, name, None) for name in ("request_id", "key")},
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps({name: value for name, value in told.items() if value is not None})


def log_to_terminal(form: LogFormat = LogFormat.TEXT) -> None:
    """Write warnings, and what prescore itself has to say, to standard error."""
    handler = logging.StreamHandler()
    handler.addFilter(Context())
    handler.setFormatter(JsonFormatter() if form == LogFormat.JSON else TextFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("prescore").setLevel(logging.INFO)
    # One line for each request: for machines, which ask for JSON.
    requests = logging.getLogger("prescore.request")
    requests.setLevel(logging.INFO if form == LogFormat.JSON else logging.WARNING)
