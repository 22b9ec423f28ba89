"""POST /v1/page/export: a ranking as a spreadsheet, with the versions and the date in it."""

import csv
import io
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from serving.access.requires import Requires
from serving.settings import MAX_CANDIDATES
from serving.spreadsheets import csv_cell, sheet_row

router = APIRouter(
    prefix="/v1/page", include_in_schema=False, dependencies=[Depends(Requires("score"))]
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 70

Cell = Annotated[str, Field(max_length=40_000)] | int | float | None
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
def export(sheet: SheetIn) -> Response:
    """Write the rows into a file; a cell stays what it was, never a formula."""
    content, media = (as_xlsx(sheet), XLSX) if sheet.kind == "xlsx" else (as_csv(sheet), "text/csv")
    disposition = f'attachment; filename="prescore-ranking.{sheet.kind}"'
    return Response(content, media_type=media, headers={"Content-Disposition": disposition})


def as_csv(sheet: SheetIn) -> bytes:
    """Return comma-separated rows that spreadsheets open with their letters whole."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([csv_cell(head) for head in sheet.heads])
    writer.writerows([csv_cell(cell) for cell in row] for row in sheet.rows)
    writer.writerow([])
    writer.writerows([csv_cell(line)] for line in sheet.about)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(sheet: SheetIn) -> bytes:
    """Return a workbook: the rows on one sheet, how they were made on another."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    page, about = book.worksheets[0], book.create_sheet("prescore")
    page.title = sheet.title
    page.append(sheet_row(page, sheet.heads))
    for row in sheet.rows:
        page.append(sheet_row(page, row))
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
