"""Encodings and delimiters of hand-made files."""

import io

import pytest

from features.errors import TableError
from features.tables.dialects import (
    NO_DELIMITER,
    SAMPLE_BYTES,
    Layout,
    detect_encoding,
    detect_layout,
    single_byte_codec,
)

POLISH = "Zażółć gęślą jaźń, mówi Łukasz. Gramy dziś o 18:00 na rynku!"


def detect(data: bytes, again: bool = True) -> str:
    return detect_encoding(data[:1000], io.BytesIO(data) if again else None, "a.csv")


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1250", "iso-8859-2"]
)
def test_polish_text_reads_back(codec: str) -> None:
    data = f"text;shares\n{POLISH};1\n".encode(codec)
    assert data.decode(detect(data)) == data.decode(codec)


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1250", "są"),
        ("cp1250", "„Cześć” – piszą z pracy…"),
        ("cp1250", "ŻÓŁW"),
        ("cp1252", "une fête à l'école, très française"),
        ("cp1252", "une fête à l'école"),
        ("cp1250", "Ó, żółw i ó!"),
        ("cp1252", "¿Qué pasa mañana? ¡Nada!"),
        ("cp1252", "Über die Straße, schön"),
        ("cp1252", "only £5 – that’s a café"),
        ("cp1252", "não é possível, coração"),
        ("cp1250", "příliš žluťoučký kůň"),
        ("cp1251", "завтра дождь"),
    ],
)
def test_single_byte_codec_by_the_letters_of_the_language(codec: str, text: str) -> None:
    data = text.encode(codec)
    assert data.decode(single_byte_codec(data)) == text


def test_encoding_looks_past_the_sample() -> None:
    data = b"text\n" + b"plain words only\n" * 200 + "dziś".encode("cp1250")
    assert detect(data) == "cp1250"


def test_encoding_of_a_stream_goes_by_its_head() -> None:
    assert detect("text\nłąka\n".encode("cp1250"), again=False) == "cp1250"


def test_damaged_utf8_is_told_from_cp1250() -> None:
    with pytest.raises(TableError, match="damaged UTF-8"):
        detect(("zażółć gęślą jaźń " * 5).encode() + b"\xff\n")


def test_utf8_cut_within_its_last_character_is_damaged() -> None:
    with pytest.raises(TableError, match="damaged UTF-8"):
        detect("zażółć gęślą jaźń".encode() + "ł".encode()[:1])


def test_a_sample_of_a_stream_may_end_within_a_character() -> None:
    data = b"a" + "ł".encode() * SAMPLE_BYTES
    assert detect_encoding(data[:SAMPLE_BYTES], None, "standard input") == "utf-8"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3, "binary file"),
        (b"\x1f\x8b\x08\x00" + b"abc" * 9, "gzip archive"),
        (bytes(500), "binary file"),
    ],
)
def test_binary_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(TableError, match=message):
        detect(data)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_the_one_that_divides_alike(delimiter: str) -> None:
    rows = [["text", "joy", "id"], ["raz, dwa; trzy | no", "0,5", "1"], ["x", "1,0", "2"]]
    lines = [delimiter.join(f'"{cell}"' for cell in row) + "\n" for row in rows]
    assert detect_layout(lines) == Layout(delimiter)


def test_decimal_commas_do_not_divide_a_semicolon_file() -> None:
    lines = ["text;joy;anger\n", "raz, dwa, trzy;0,5;0,1\n"]
    assert detect_layout(lines).delimiter == ";"


def test_one_column_is_not_divided() -> None:
    lines = ["text\n", "Gramy dziś, jutro; pojutrze\n"]
    assert detect_layout(lines) == Layout(NO_DELIMITER)


def test_excels_own_separator_line_is_obeyed() -> None:
    assert detect_layout(["sep=;\n", "text;id\n"]) == Layout(";", skip_lines=1)
