"""How a text table was written: its encoding and its delimiter.

Polish spreadsheets write cp1250 and semicolons, western ones cp1252 and commas, and neither says
so. General detectors confuse the two code pages on short files; the letters that each language
really uses do not.
"""

import codecs
import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from charset_normalizer import from_bytes

from features.errors import TableError
from features.tables.otherfiles import ARCHIVE

SAMPLE_BYTES = 1 << 16
SCAN_BYTES = 1 << 20
DELIMITERS = (",", ";", "\t", "|")
NO_DELIMITER = "\x1f"
"""Stands for a table of one column: a character that no text holds."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ARCHIVES = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"Rar!": "RAR",
    b"7z\xbc": "7z",
}
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b\x00"))

_FEW_CONTROLS = 8

_PUNCTUATION = "„”“‘’‚–—…•«»\xa0§°€†‰™"
_ALPHABETS = (
    # First wins a tie, so Polish leads.
    ("cp1250", "ąćęłńóśźż"),
    ("iso-8859-2", "ąćęłńóśźż"),
    ("cp1252", "é"),
    ("cp1252", "äöüß"),
    ("cp1252", "àâæçéèêëîïôœùûü"),
    ("cp1252", "áéíóúüñ"),
    ("cp1252", "ãõáâàçéêíóôúü"),
    ("cp1252", "àèéìíòóù"),
    ("cp1252", "åäöæøé"),
    ("cp1250", "áčďéěíňóřšťúůýžľĺŕôä"),
    ("cp1250", "áéíóöőúüű"),
    ("cp1251", "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ"),
)
_SYMBOLS = {"cp1252": "£©®¥½¼¾¿¡ªº·", "cp1250": "©®·", "iso-8859-2": "", "cp1251": "№©®"}
_ENOUGH = 0.8
"""Below this share of expected letters no alphabet explains the text."""


def detect_encoding(head: bytes, rest: BinaryIO | None, name: str) -> str:
    """Name the codec of a text table.

    Parameters
    ----------
    head
        The first `SAMPLE_BYTES` (or all, if fewer) of the file.
    rest
        The whole file from its beginning, where it can be read twice; read in bounded blocks.
    name
        What to call the file in an error.

    Raises
    ------
    TableError
        For binary content, an archive, or damaged UTF-8.
    """
    for bom, codec in _BOMS:
        if head.startswith(bom):
            return codec
    _refuse_archive(head, name)
    if (wide := _wide_codec(head)) is not None:
        return wide
    _refuse_binary(head, name)
    whole = rest is not None or len(head) < SAMPLE_BYTES
    bad = _first_bad_block(rest or io.BytesIO(head), whole)
    if bad is None:
        return "utf-8"
    if _is_mostly_utf8(bad):
        raise TableError(
            "{name}: damaged UTF-8 text. Save the file again as UTF-8, or say its --encoding.",
            name=name,
        )
    return single_byte_codec(bad)


def single_byte_codec(sample: bytes) -> str:
    """Pick the code page under which the letters of `sample` make sense.

    Examples
    --------
    >>> single_byte_codec("zażółć gęślą jaźń".encode("cp1250"))
    'cp1250'
    >>> single_byte_codec("une fête à l'école".encode("cp1252"))
    'cp1252'
    """
    scores = [(_plausibility(sample, codec, letters), codec) for codec, letters in _ALPHABETS]
    best, codec = max(scores, key=lambda scored: scored[0])
    if best >= _ENOUGH:
        return codec
    guess = from_bytes(sample).best()
    return guess.encoding if guess is not None else codec


def _plausibility(sample: bytes, codec: str, letters: str) -> float:
    """Share of the non-ASCII characters that a writer of this alphabet would have typed."""
    text = f" {sample.decode(codec, errors='replace')} "
    expected = 0
    high = 0
    for before, char, after in zip(text, text[1:], text[2:], strict=False):
        if char < "\x80":
            continue
        high += 1
        # A pound sign before a figure is no Ł, but à and ó are words.
        in_word = char.islower() or before.isalpha() or after.isalpha()
        expected += (char.lower() in letters and in_word) or char in _PUNCTUATION
        # A superscript or a currency sign between two letters is a letter read wrongly.
        expected += char in _SYMBOLS[codec] and not (before.isalpha() and after.isalpha())
    return expected / max(high, 1)


def _wide_codec(head: bytes) -> str | None:
    """UTF-16 without a mark: in western text every second byte is zero."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if odd > 0.5 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if even > 0.5 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    return None


def _refuse_archive(head: bytes, name: str) -> None:
    for magic, kind in _ARCHIVES.items():
        if head.startswith(magic):
            raise TableError(ARCHIVE, name=name, kind=kind)


def _refuse_binary(head: bytes, name: str) -> None:
    controls = len(head) - len(head.translate(None, _CONTROLS))
    noisy = controls + head.count(0) > max(_FEW_CONTROLS, 0.05 * len(head))
    # Somebody's text may be nothing but control characters; it is still UTF-8 without NUL.
    if noisy and (0 in head or _first_bad_block(io.BytesIO(head), False) is not None):
        raise TableError(
            "{name}: a binary file, not a table. Expected CSV, TSV, JSONL, Parquet or XLSX.",
            name=name,
        )


def _first_bad_block(stream: BinaryIO, whole: bool) -> bytes | None:
    """Read until a block is no UTF-8; lone surrogates pass, validation names their row."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")
    last = b""
    while block := stream.read(SCAN_BYTES):
        last = block
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            return block
    # A sample may end within a character, a file may not.
    return last if whole and decoder.getstate()[0] else None


def _is_mostly_utf8(block: bytes) -> bool:
    text = block.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = sum(char > "\x7f" for char in text) - broken
    return whole > 4 * broken


@dataclass(frozen=True)
class Layout:
    """How the lines of a text table divide into cells."""

    delimiter: str
    skip_lines: int = 0


def detect_layout(lines: Iterable[str]) -> Layout:
    """Find the delimiter from the first lines of a text table.

    The delimiter is the one that divides the header and gives most rows the header's width; a
    header that nothing divides is a table of one column. Excel's own `sep=;` line is obeyed.
    """
    sample = list(lines)
    first = sample[0].rstrip("\r\n") if sample else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        return Layout(first[4], skip_lines=1)
    best = max(DELIMITERS, key=lambda delimiter: _fit(sample, delimiter))
    return Layout(best if _fit(sample, best) > (0.0, 1) else NO_DELIMITER)


def _fit(sample: list[str], delimiter: str) -> tuple[float, int]:
    """Share of rows as wide as the header, and that width; (0, 1) when nothing is divided."""
    rows = csv.reader(sample, delimiter=delimiter)
    try:
        widths = [len(row) for row in rows if row]
    except csv.Error:
        widths = [len(row) for row in csv.reader(sample[:1], delimiter=delimiter)]
    if not widths or widths[0] == 1:
        return 0.0, 1
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]
