"""Files that no table was found in, told apart by what is in them."""

import zipfile
from pathlib import Path

from features.errors import TableError

WORD = "{name}: a Word document, not a table. Expected CSV, TSV, JSONL, Parquet or XLSX."
PDF = "{name}: a PDF, not a table. Expected CSV, TSV, JSONL, Parquet or XLSX."
OPEN_DOCUMENT = (
    "{name}: an OpenDocument file in which no table can be read. Open it and save the table as "
    "XLSX or CSV."
)
OLD_OFFICE = (
    "{name}: a file of an old Office, such as .xls or .doc, in which no table can be read. Open it "
    "and save the table as XLSX or CSV."
)
ARCHIVE = "{name}: a {kind} archive. Unpack it first."
NO_WORKBOOK = (
    "{name}: not an Excel workbook, or a damaged one. Expected CSV, TSV, JSONL, Parquet or XLSX."
)

OLD_OFFICE_BEGINS = b"\xd0\xcf\x11\xe0"
ZIP_BEGINS = b"PK\x03\x04"

_WORD_PART = "word/document.xml"
_OFFICE_PART = "[Content_Types].xml"
_OPEN_PART = "mimetype"


def refuse_pdf(head: bytes, name: str) -> None:
    """Raise `TableError` for what begins as a PDF does: a small one is text, line by line."""
    if head.startswith(b"%PDF-"):
        raise TableError(PDF, name=name)


def no_workbook(path: Path) -> TableError:
    """Return why a file that was to be a workbook cannot be read: what it is, if that shows."""
    with path.open("rb") as file:
        if file.read(len(OLD_OFFICE_BEGINS)) == OLD_OFFICE_BEGINS:
            return TableError(OLD_OFFICE, name=str(path))
    parts = _parts(path)
    if _WORD_PART in parts:
        return TableError(WORD, name=str(path))
    if _OPEN_PART in parts:
        return TableError(OPEN_DOCUMENT, name=str(path))
    if parts and _OFFICE_PART not in parts:
        return TableError(ARCHIVE, name=str(path), kind="ZIP")
    return TableError(NO_WORKBOOK, name=str(path))


def _parts(path: Path) -> set[str]:
    """Names of the files in a ZIP; none where it is damaged, or none at all."""
    try:
        with zipfile.ZipFile(path) as archive:
            return set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError):
        return set()
