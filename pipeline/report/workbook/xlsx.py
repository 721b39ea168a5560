"""A workbook as XLSX (Office Open XML, ISO/IEC 29500), each table marked as one.

Belongs here: the parts of such a file. What is in the sheets stands in ``contents``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from pipeline.report.workbook.sheets import Form, Sheet, rows_of, text_cells, zipped

DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SCHEMAS = "http://schemas.openxmlformats.org"
MAIN, PACKAGE = f"{SCHEMAS}/spreadsheetml/2006/main", f"{SCHEMAS}/package/2006"
RELATIONS, OFFICE = f"{PACKAGE}/relationships", f"{SCHEMAS}/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

CELLS = Form(
    row=("<row>", "</row>"),
    empty="<c/>",
    text=('<c t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"),
    number=("<c><v>", "</v></c>"),
    truth=('<c t="b"><v>', "</v></c>"),
    day=('<c s="2"><v>', "</v></c>"),
    # Where it leads is said at the end of the sheet.
    link=('<c s="3" t="inlineStr"><is><t>', "</t></is></c>"),
    days_as_numbers=True,
    # What looks like the number of a character would be read as that character.
    within=((r"_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1"), (r"\r", "_x000D_")),
)
# Cells: 0 plain, 1 heads, 2 days, 3 links, 4 the title.
STYLES = (
    f'{DECLARED}<styleSheet xmlns="{MAIN}"><numFmts count="1">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="4"><font><sz val="12"/><name val="Arial"/></font><font><b/><sz val="12"/><name val="Arial"/></font>'
    '<font><u/><sz val="12"/><color rgb="FF0B5394"/><name val="Arial"/></font>'
    '<font><b/><sz val="15"/><name val="Arial"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    "<borders count='1'><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1">'
    '<alignment wrapText="1" vertical="top"/></xf>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="0" fontId="3" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def xlsx(title: str, author: str, sheets: Sequence[Sheet]) -> bytes:
    """Return sheets as an Excel workbook."""
    numbers = range(1, len(sheets) + 1)
    tables = {sheet.name: number for number, sheet in enumerate((s for s in sheets if any(s.area)), 1)}
    files: dict[str, str | Iterable[str | bytes]] = {
        "[Content_Types].xml": _types(numbers, len(tables)),
        "_rels/.rels": _relations(
            (f"{OFFICE}/officeDocument", "xl/workbook.xml"),
            (f"{RELATIONS}/metadata/core-properties", "docProps/core.xml"),
        ),
        "docProps/core.xml": _core(title, author),
        "xl/workbook.xml": _workbook(sheets),
        "xl/_rels/workbook.xml.rels": _relations(
            *((f"{OFFICE}/worksheet", f"worksheets/sheet{number}.xml") for number in numbers),
            (f"{OFFICE}/styles", "styles.xml"),
        ),
        "xl/styles.xml": STYLES,
    }
    for number, sheet in enumerate(sheets, 1):
        files[f"xl/worksheets/sheet{number}.xml"] = _sheet(sheet)
        if table := tables.get(sheet.name):
            relation = (f"{OFFICE}/table", f"../tables/table{table}.xml")
            files[f"xl/worksheets/_rels/sheet{number}.xml.rels"] = _relations(relation)
            files[f"xl/tables/table{table}.xml"] = _table(sheet, table)
    return zipped(files)


def _types(sheets: Sequence[int], tables: int) -> str:
    parts = [
        ("/xl/workbook.xml", f"{TYPE}.sheet.main+xml"),
        ("/xl/styles.xml", f"{TYPE}.styles+xml"),
        ("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
        *((f"/xl/worksheets/sheet{number}.xml", f"{TYPE}.worksheet+xml") for number in sheets),
        *((f"/xl/tables/table{number}.xml", f"{TYPE}.table+xml") for number in range(1, tables + 1)),
    ]
    said = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts)
    return (
        f'{DECLARED}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{said}</Types>'
    )


def _relations(*relations: tuple[str, str]) -> str:
    said = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(relations, 1)
    )
    return f'{DECLARED}<Relationships xmlns="{RELATIONS}">{said}</Relationships>'


def _core(title: str, author: str) -> str:
    return (
        f'{DECLARED}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator><dc:language>en-GB</dc:language>"
        "</cp:coreProperties>"
    )


def _workbook(sheets: Sequence[Sheet]) -> str:
    named = "".join(
        f'<sheet name="{sheet.name}" sheetId="{number}" r:id="rId{number}"/>' for number, sheet in enumerate(sheets, 1)
    )
    return f'{DECLARED}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{named}</sheets></workbook>'


def _sheet(sheet: Sheet) -> Iterator[str | bytes]:
    cells = text_cells((*sheet.lines, *sheet.heads), CELLS)
    title, *lines = cells[: len(sheet.lines)]
    heads = "".join(_styled(head, 1) for head in cells[len(sheet.lines) :])
    rows = [_styled(title, 4), *lines, *([heads] if heads else [])]
    width = 24 if sheet.heads else 100
    links, first = "", len(sheet.lines) + 2
    if sheet.leads_to_sheets and sheet.table is not None:
        names = enumerate(sheet.table.column(0).to_pylist(), first)
        said = "".join(f'<hyperlink ref="A{row}" location="{name}!A1" display="{name}"/>' for row, name in names)
        links = f"<hyperlinks>{said}</hyperlinks>"
    marked = '<tableParts count="1"><tablePart r:id="rId1"/></tableParts>' if any(sheet.area) else ""
    yield f'{DECLARED}<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}">'
    yield f'<cols><col min="1" max="{max(1, len(sheet.heads))}" width="{width}" customWidth="1"/></cols>'
    yield f"<sheetData>{''.join(f'<row>{row}</row>' for row in rows)}"
    yield rows_of(sheet, CELLS)
    yield f"</sheetData>{links}{marked}</worksheet>"


def _styled(cell: str, style: int) -> str:
    return cell.replace("<c ", f'<c s="{style}" ', 1)


def _table(sheet: Sheet, number: int) -> str:
    columns = "".join(
        f'<tableColumn id="{place}" name="{escape(_as_read(head))}"/>' for place, head in enumerate(sheet.heads, 1)
    )
    return (
        f'{DECLARED}<table xmlns="{MAIN}" id="{number}" name="table_{sheet.name}" displayName="table_{sheet.name}" '
        f'ref="{":".join(sheet.area)}" totalsRowShown="0">'
        f'<tableColumns count="{len(sheet.heads)}">{columns}</tableColumns>'
        '<tableStyleInfo showFirstColumn="0" showLastColumn="0" showRowStripes="0" showColumnStripes="0"/></table>'
    )


def _as_read(head: str) -> str:
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", head)
