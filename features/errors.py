"""Every error a person can meet, in one tree.

A `PrescoreError` carries one line for people; the cause goes to the log through `raise … from`.
No message ever contains the text of a post.
"""

from collections.abc import Sequence


class PrescoreError(Exception):
    """Something a person can act on; `str(error)` is the one line they see.

    Parameters
    ----------
    message
        The line. With `values` it is a template, which the page has in other languages.
    values
        What fills the places of the template.
    """

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message.format(**values) if values else message)
        self.template = message
        self.values = values


class ConfigError(PrescoreError):
    """A setting or an option that cannot work."""


class InputError(PrescoreError):
    """What was given cannot be used."""


class TableError(InputError):
    """A file that cannot be read as one of the table formats.

    Parameters
    ----------
    message, values
        As of `PrescoreError`.
    missing
        Required columns that the file lacks.
    """

    def __init__(self, message: str, *, missing: Sequence[str] = (), **values: object) -> None:
        super().__init__(message, **values)
        self.missing = tuple(missing)


class CombinedTableError(TableError):
    """All that keeps a file from being read, each on a line of its own.

    Parameters
    ----------
    errors
        One or more.
    """

    def __init__(self, errors: Sequence[TableError]) -> None:
        missing = [column for one in errors for column in one.missing]
        super().__init__("\n".join(map(str, errors)), missing=missing)
        self.errors = tuple(errors)


class LeakageError(InputError):
    """An input that is known only after publishing."""


class StoreError(PrescoreError):
    """The database of history, keys and receipts cannot be read or written."""


class ModelError(PrescoreError):
    """A model folder or encoder that is missing, altered or of another kind."""


class RegistryError(PrescoreError):
    """The MLflow registry cannot be reached, or has no such version."""


class NotInRegistryError(RegistryError):
    """The registry was read, and has no such version, run or file."""


class TrainingError(PrescoreError):
    """Training cannot start or finish on this data."""
