"""POST /v1/page/export: a ranking as a spreadsheet, with the versions and the date in it."""

import io
from datetime import datetime
from typing import Annotated, Literal

from babel.numbers import get_decimal_symbol
from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, NaiveDatetime

from features.tables.spreadsheets import SpreadsheetCsv
from serving.access.requires import Requires
from serving.page.told import Spoken
from serving.settings import MAX_CANDIDATES
from serving.spreadsheets import sheet_row

router = APIRouter(
    prefix="/v1/page", include_in_schema=False, dependencies=[Depends(Requires("score"))]
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ABOUT = "prescore"
"""Where a file tells how it was made: the name of a sheet, the header of a column."""

WIDEST = 70

MOST_WHOLE = 2**53
"""Largest whole number that a spreadsheet, which counts in doubles, has as it was written."""

Whole = Annotated[int, Field(ge=-MOST_WHOLE, le=MOST_WHOLE)]
Fraction = Annotated[float, Field(allow_inf_nan=False)]

FIRST_DAY = datetime(1900, 3, 1)
"""From here on all spreadsheets count the same days."""


class Moment(BaseModel):
    """A time on the clocks of whoever reads the file, which is a date to a spreadsheet."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    at: Annotated[NaiveDatetime, Field(ge=FIRST_DAY)]


Cell = Annotated[str, Field(max_length=40_000)] | Whole | Fraction | Moment | None
Row = Annotated[list[Cell], Field(max_length=40)]


class SheetIn(BaseModel):
    """A ranking as a person sees it: titles, rows, and lines on how it was made."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: Literal["csv", "xlsx"]
    title: Annotated[str, Field(min_length=1, max_length=31, pattern=r"^[^\[\]:*?/\\']+$")]
    heads: Annotated[
        list[Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=40)
    ]
    rows: Annotated[list[Row], Field(max_length=MAX_CANDIDATES)]
    about: Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=20)]


@router.post("/export")
def export(sheet: SheetIn, language: Spoken) -> Response:
    """Write the rows into a file; a cell stays what it was, never a formula."""
    if sheet.kind == "xlsx":
        content, media = as_xlsx(sheet), XLSX
    else:
        content, media = as_csv(sheet, get_decimal_symbol(language) == ","), "text/csv"
    disposition = f'attachment; filename="prescore-ranking.{sheet.kind}"'
    return Response(content, media_type=media, headers={"Content-Disposition": disposition})


def as_csv(sheet: SheetIn, decimal_comma: bool = False) -> bytes:
    """Return rows that spreadsheets open with their letters whole.

    How they were made stands in a column of the first row: what is no row of its own can be read
    back.
    """
    out = io.StringIO()
    writer = SpreadsheetCsv(out, decimal_comma)
    writer.write([*sheet.heads, ABOUT])
    for number, row in enumerate(sheet.rows):
        cells = [f"{cell.at:%Y-%m-%d %H:%M}" if isinstance(cell, Moment) else cell for cell in row]
        writer.write([*cells, None if number else " · ".join(sheet.about)])
    return out.getvalue().encode()


def as_xlsx(sheet: SheetIn) -> bytes:
    """Return a workbook: the rows on one sheet, how they were made on another."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    page, about = book.worksheets[0], book.create_sheet(ABOUT)
    page.title = sheet.title
    page.append(sheet_row(page, sheet.heads))
    for row in sheet.rows:
        page.append(
            sheet_row(page, (cell.at if isinstance(cell, Moment) else cell for cell in row))
        )
    for line in sheet.about:
        about.append(sheet_row(about, [line]))
    for cell in (cell for tab in (page, about) for row in tab.iter_rows() for cell in row):
        if isinstance(cell.value, str):
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for head in page[1]:
        head.font = Font(bold=True)
    for column in page.iter_cols():
        longest = max(len(str(cell.value or "")) for cell in column)
        page.column_dimensions[column[0].column_letter].width = min(WIDEST, longest + 2)
    page.freeze_panes = "A2"
    page.auto_filter.ref = page.dimensions
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
