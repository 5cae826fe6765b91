"""Excel files, made by hand: also those that no program would write."""

import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def cell(text: str, place: str = "") -> str:
    """A cell as Deezer writes it: its text within."""
    where = f" r={quoteattr(place)}" if place else ""
    return f'<c{where} t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def row(*cells: str) -> str:
    return f"<row>{''.join(map(cell, cells))}</row>"


def sheet(*rows: str, before: str = "") -> str:
    return f'{before}<worksheet xmlns="{NAMESPACE}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def workbook(
    sheets: Mapping[str, str],
    *,
    strings: Sequence[str] | None = None,
    from_1904: bool = False,
    target: str = "/xl/worksheets/sheet{}.xml",
    mode: str = "Internal",
    more: Mapping[str, bytes] = {},
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """An Excel file of sheets, each the XML of its part, by their names.

    `strings`: the XML of each text that cells share. `target`, `mode`: of the links to the sheets. `more`:
    other parts.
    """
    names = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="r{at}" Type="{RELATIONS}/worksheet" '
        f'Target="{target.format(at)}" TargetMode="{mode}"/>'
        for at in range(1, len(sheets) + 1)
    )
    if strings is not None:
        links += f'<Relationship Id="s" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": TYPES,
        "xl/workbook.xml": f'<workbook xmlns="{NAMESPACE}" xmlns:r="{RELATIONS}">'
        f'<workbookPr date1904="{int(from_1904)}"/><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>',
    }
    if strings is not None:
        table = "".join(f"<si>{one}</si>" for one in strings)
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{NAMESPACE}">{table}</sst>'
    for at, xml in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{at}.xml"] = xml
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in {**parts, **more}.items():
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return out.getvalue()
