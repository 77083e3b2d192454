"""A list as a spreadsheet that people can open."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO

from fastapi import Response

Cell = str | float | datetime | None
"""What a cell holds; times are written without their offset, in UTC: spreadsheets know none."""

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def spreadsheet(name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """An answer that downloads as `name`.xlsx, a row a thing."""
    # Only when one is asked for: it takes a tenth of a second and 15 MB.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(name)
    for row in (heads, *rows):
        cells = []
        for value in row:
            if isinstance(value, datetime):
                value = value.astimezone(UTC).replace(tzinfo=None)
            cell = WriteOnlyCell(sheet, value=value)
            if isinstance(value, str):
                # A name that begins with "=" is a name, not a formula.
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    file = BytesIO()
    book.save(file)
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(file.getvalue(), media_type=MEDIA_TYPE, headers=headers)
