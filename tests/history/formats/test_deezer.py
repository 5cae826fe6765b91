"""Deezer's Excel file: its sheet and columns in both languages, its times, and files made to do harm."""

import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.formats import workbook as excel
from app.history.formats.deezer import FORMATS
from app.history.formats.rows import Contents, NotAFile, Reading
from tests.history.formats.refusals import damaged, read_or_refused
from tests.history.formats.rows_told import NOW, recognised, told
from tests.history.formats.workbooks import NAMESPACE, cell, row, sheet, workbook

HEADER = (
    "Song Title",
    "Artist",
    "ISRC",
    "Album Title",
    "IP Address",
    "Listening Time",
    "Platform Name",
    "Platform Model",
    "Date",
)
DATE = "2024-03-01 10:00:00"
RAIN = ("Rain", "Mira", "NO-ABC-24-00001", "Weather", "192.0.2.7", "215", "ios", "iPhone", DATE)
TOLD = {
    "start": "2024-03-01T10:00:00Z",
    "source": "deezer",
    "artist": "Mira",
    "title": "Rain",
    "album": "Weather",
    "isrc": "NOABC2400001",
    "ms": 215_000,
    "platform": "ios",
}
SHEET = "10_listeningHistory"
DAMAGED = "This Excel file is damaged or was cut short. Download it again."
TOO_MUCH = "This Excel file unpacks to far more than a sheet can hold."


def read(body: bytes) -> Contents:
    return FORMATS[0].read(body, Reading(NOW.timestamp()))


def of_rows(*rows: str, **options: Any) -> bytes:
    return workbook({SHEET: sheet(*rows)}, **options)


def rain(**changed: str) -> str:
    """The row of a play with other cells in some columns: their names with "_" for spaces."""
    cells = dict(zip(HEADER, RAIN, strict=True))
    cells |= {name.replace("_", " "): text for name, text in changed.items()}
    return row(*cells.values())


def one(body: bytes) -> dict[str, Any]:
    """What the one row of a file tells."""
    (found,) = told(read(body).batch)
    return found


def test_an_address_never_gets_out() -> None:
    found = read(of_rows(row(*HEADER), row(*RAIN)))

    assert told(found.batch) == [TOLD]
    assert b"192.0.2.7" not in found.batch.packed()


@pytest.mark.parametrize(
    "header",
    [
        (
            "Titre du morceau",
            "Artiste",
            "ISRC",
            "Titre de l'album",
            "Adresse IP",
            "Durée d'écoute",
            "Plateforme",
            "Modèle",
            "Date d'écoute",
        ),
        (
            "Titre du morceau",
            "Artiste",
            "ISRC",
            "Titre de l’album",
            "Adresse IP",
            "Duree d'ecoute",
            "Plateforme",
            "Modele",
            "Date d'ecoute",
        ),
        tuple(name.upper() for name in HEADER),
    ],
    ids=["French", "unaccented", "upper case"],
)
def test_columns_are_known_in_both_languages(header: tuple[str, ...]) -> None:
    assert one(of_rows(row(*header), row(*RAIN))) == TOLD


def test_columns_may_stand_in_any_order_and_others_may_be_missing() -> None:
    assert one(of_rows(row(*reversed(HEADER)), row(*reversed(RAIN)))) == TOLD
    few = of_rows(row("Date", "Artist", "Song Title"), row(DATE, "Mira", "Rain", "192.0.2.7"))
    assert one(few) == {name: TOLD[name] for name in ("start", "source", "artist", "title")}


def test_the_sheet_is_known_by_the_end_of_its_name() -> None:
    other = sheet(row("Anything"), row(*HEADER), row(*RAIN), row(*RAIN))
    body = workbook({"01_user": other, "7_listeningHistory": sheet(row(*HEADER), row(*RAIN))})

    assert recognised(body) is FORMATS[0]
    assert read(body).read == 1


def test_a_workbook_of_somebody_else_is_not_recognised_and_not_read() -> None:
    body = workbook({"Sheet1": sheet(row("a", "b"), row("1", "2"))})

    assert recognised(body) is None
    with pytest.raises(NotAFile, match=r"does not have the columns of Deezer's listening history\.$"):
        read(body)


@pytest.mark.parametrize(
    ("length", "ms"),
    [
        ("215", 215_000),
        ("215.5", 215_500),
        ("0", 0),
        ("-1", 0),
        ("03:33,5", 213_500),
        ("03:33.5", 213_500),
        ("1:02:03", 3_723_000),
    ],
)
def test_listening_time_is_read_as_it_is_written(length: str, ms: int) -> None:
    assert one(of_rows(row(*HEADER), rain(Listening_Time=length)))["ms"] == ms


def test_a_row_that_does_not_say_how_long_is_kept() -> None:
    assert "ms" not in one(of_rows(row(*HEADER), rain(Listening_Time="")))


@pytest.mark.parametrize(
    ("date", "start"),
    [
        ("2024-03-01 10:00:00", "2024-03-01T10:00:00Z"),
        ("2024-03-01T10:00:00+01:00", "2024-03-01T09:00:00Z"),
        ("45352.4166666667", "2024-03-01T10:00:00Z"),
        ("45352", "2024-03-01T00:00:00Z"),
    ],
)
def test_a_date_is_text_in_utc_or_a_number_of_days(date: str, start: str) -> None:
    assert one(of_rows(row(*HEADER), rain(Date=date)))["start"] == start


def test_days_may_be_counted_from_1904() -> None:
    body = of_rows(row(*HEADER), rain(Date="43890.4166666667"), from_1904=True)

    assert one(body)["start"] == "2024-03-01T10:00:00Z"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"Date": ""}, "not a time"),
        ({"Date": "yesterday"}, "not a time"),
        ({"Date": "1969-12-31 23:59:59"}, "before 2006"),
        ({"Date": "2005-12-31 23:59:59"}, "before 2006"),
        ({"Date": "-5"}, "before 2006"),
        ({"Date": "2027-01-01 00:00:00"}, "in the future"),
        ({"Date": "1e300"}, "in the future"),
        ({"Listening Time": "long"}, "Listening Time is not a number"),
        ({"Listening Time": "-2"}, "a length below zero"),
        ({"Listening Time": "86401"}, "longer than a day"),
        ({"Song Title": " "}, "names no track"),
    ],
)
def test_an_unreadable_row_says_why_and_takes_no_other_with_it(changed: dict[str, str], why: str) -> None:
    found = read(of_rows(row(*HEADER), row(*RAIN), rain(**changed), row(*RAIN)))

    assert told(found.batch) == [TOLD, TOLD]
    assert (found.read, dict(found.unreadable_why)) == (3, {why: 1})


def test_no_isrc_is_made_of_what_is_none() -> None:
    assert "isrc" not in one(of_rows(row(*HEADER), rain(ISRC="unknown")))


def test_texts_may_be_shared_and_in_pieces() -> None:
    texts = [
        *(f"<t>{name}</t>" for name in HEADER),
        "<r><t>Ra</t></r><r><t>in</t></r><rPh sb='0' eb='1'><t>rayn</t></rPh>",
        "<t>Mira</t>",
        "<t>2024-03-01 10:00:00</t>",
    ]
    header = "".join(f'<c t="s"><v>{at}</v></c>' for at in range(len(HEADER)))
    play = '<c r="A2" t="s"><v>9</v></c><c r="B2" t="s"><v>10</v></c><c r="I2" t="s"><v>11</v></c>'
    broken = '<c r="A3" t="s"><v>99</v></c><c r="B3" t="s"><v>x</v></c><c r="I3" t="s"><v>11</v></c>'
    body = of_rows(*(f"<row>{cells}</row>" for cells in (header, play, broken)), strings=texts)

    found = read(body)

    assert told(found.batch) == [{name: TOLD[name] for name in ("start", "source", "artist", "title")}]
    assert dict(found.unreadable_why) == {"names no track": 1}


def test_formulas_and_errors_are_no_text() -> None:
    title = '<c r="A2" t="str"><f>WEBSERVICE("http://192.0.2.7")</f><v>Rain</v></c>'
    album = '<c r="D2" t="e"><v>#REF!</v></c>'
    play = f'<row>{title}{cell("Mira", "B2")}{album}<c r="I2"><f>NOW()</f><v>45352.5</v></c></row>'

    found = one(of_rows(row(*HEADER), play))

    assert found == {"start": "2024-03-01T12:00:00Z", "source": "deezer", "artist": "Mira", "title": "Rain"}


def test_prefixes_relative_links_and_other_namespaces_do_not_matter() -> None:
    plain = sheet(row(*HEADER), row(*RAIN))
    prefixed = plain.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")
    strict = plain.replace(NAMESPACE, "http://purl.oclc.org/ooxml/spreadsheetml/main")
    for xml in (prefixed, strict, "\ufeff" + plain):
        assert one(workbook({SHEET: xml}, target="worksheets/sheet{}.xml")) == TOLD
    sixteen = ('<?xml version="1.0" encoding="UTF-16"?>' + plain).encode("utf-16")
    assert one(workbook({SHEET: ""}, more={"xl/worksheets/sheet1.xml": sixteen})) == TOLD


def test_blank_rows_are_none_and_a_title_may_hold_line_ends() -> None:
    found = read(
        of_rows("<row/>", row(*HEADER), "<row/>" * 1000, row("", ""), rain(**{"Song Title": "Ra\r\nin"}))
    )

    assert (found.read, told(found.batch)[0]["title"]) == (1, "Ra in")


def test_a_giant_cell_is_cut_and_rows_go_on() -> None:
    body = of_rows(row(*HEADER), rain(**{"Album Title": "x" * 10_000_000}), row(*RAIN))

    found = told(read(body).batch)

    assert found == [TOLD | {"album": "x" * 500}, TOLD]


def test_cells_far_to_the_right_take_no_room() -> None:
    cells = ("Rain", "A2"), ("Mira", "B2"), (DATE, "I2"), ("x", "XFD2")
    far = f"<row>{''.join(cell(*one) for one in cells)}</row>"

    assert one(of_rows(row(*HEADER), far))["title"] == "Rain"


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE worksheet SYSTEM "file:///etc/passwd">',
        '<?xml version="1.0"?><?b <!-- ?><!DOCTYPE worksheet [<!ENTITY x SYSTEM "http://192.0.2.7/x">]>',
    ],
)
def test_xml_with_declarations_is_refused(declared: str) -> None:
    body = workbook({SHEET: sheet(row(*HEADER), row(*RAIN), before=declared)})

    with pytest.raises(NotAFile, match=r"declares entities of its own, as no export does\.$"):
        read(body)


def test_a_sheet_in_another_file_is_not_looked_for() -> None:
    body = of_rows(row(*HEADER), target="file:///etc/passwd", mode="External")

    with pytest.raises(NotAFile, match=r"which is in another file\.$"):
        read(body)


@pytest.mark.parametrize("target", ["../../../etc/passwd", "/etc/passwd", "", "worksheets/sheet9.xml"])
def test_a_link_leads_nowhere_but_into_the_file(target: str) -> None:
    with pytest.raises(NotAFile):
        read(of_rows(row(*HEADER), target=target))


def test_what_unpacks_to_far_too_much_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(excel, "FREE", 2**16)
    bomb = workbook({SHEET: sheet(row(*HEADER), row(*RAIN)) + " " * 2**20})
    with pytest.raises(NotAFile) as refused:
        read(bomb)
    assert str(refused.value) == TOO_MUCH

    monkeypatch.setattr(excel, "LARGEST_SHEET", 2**18)
    stored = workbook({SHEET: sheet(row(*HEADER), row(*RAIN)) + " " * 2**19}, compression=zipfile.ZIP_STORED)
    with pytest.raises(NotAFile) as refused:
        read(stored)
    assert str(refused.value) == TOO_MUCH


def test_more_rows_than_excel_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", 100)
    assert read(of_rows(row(*HEADER), "<row/>" * 99)).read == 0
    with pytest.raises(NotAFile, match=r"more rows than Excel allows\.$"):
        read(of_rows(row(*HEADER), "<row/>" * 100))


def test_more_shared_texts_than_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MOST_STRINGS", 100)
    with pytest.raises(NotAFile):
        read(of_rows(row(*HEADER), strings=["<t>a</t>"] * 101))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"PK\x03\x04",
        b"not a zip",
        workbook({SHEET: "<worksheet><sheetData><row>"}),
        workbook({SHEET: "not XML"}),
        workbook({SHEET: ""}),
        workbook({SHEET: '<?xml version="1.0" encoding="no-such"?><worksheet/>'}),
        workbook({SHEET: '<?xml version="1.0" encoding="shift_jis"?><worksheet/>'}),
        workbook({}, more={"xl/workbook.xml": b"<workbook"}),
        workbook({SHEET: sheet()}, more={"xl/_rels/workbook.xml.rels": b"<Relationships/>"}),
        workbook({SHEET: sheet(row(*HEADER))}, compression=zipfile.ZIP_BZIP2),
    ],
)
def test_a_damaged_file_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(NotAFile) as refused:
        read(body)
    assert str(refused.value) == DAMAGED


def test_an_encrypted_part_is_refused_with_a_sentence() -> None:
    body = bytearray(of_rows(row(*HEADER)))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := body.find(mark, place + 1)) >= 0:
            body[place + at] |= 1

    with pytest.raises(NotAFile, match="is encrypted"):
        read(bytes(body))


PLAYS = (row(*HEADER), row(*RAIN), rain(Listening_Time="-1"), rain(Date="45352.5"))
FILES = [of_rows(*PLAYS, strings=["<t>a</t>"]), of_rows(*PLAYS, compression=zipfile.ZIP_STORED)]


@settings(max_examples=150)
@given(st.sampled_from(FILES), st.integers(0, 10**6), st.binary(max_size=6), st.sampled_from([0, 0, 1, 60]))
def test_a_damaged_file_is_read_or_refused(body: bytes, at: int, by: bytes, cut: int) -> None:
    read_or_refused(FORMATS[0], damaged(body, at, by, cut))


@settings(max_examples=50)
@given(st.binary(max_size=300))
def test_any_xml_is_read_or_refused(body: bytes) -> None:
    read_or_refused(FORMATS[0], body)
    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        read_or_refused(FORMATS[0], workbook({SHEET: sheet(row(*HEADER))}, more={part: body}))
