"""XML, Excel and tables by their header: what is recognised, what is refused, which bytes are left out."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from prismake.errors import PrismakeError
from prismake.importers import read_file

DATA = Path(__file__).parents[1] / "data" / "importers"


def records(name: str) -> list[dict[str, Any]]:
    return read_file(DATA / name).records


def subset(record: dict[str, Any], **expected: Any) -> None:
    assert {name: record.get(name) for name in expected} == expected


def test_pubmed_xml_of_two_documents():
    imported = read_file(DATA / "pubmed.xml")
    article, chapter = imported.records
    assert (imported.format, imported.counted, imported.cut) == ("pubmed_xml", 2, "")
    subset(
        article,
        source_record_id="90000031",
        pmid="90000031",
        pmcid="PMC9000031",
        title="Vesicles of mock cells: CO2 & more.",
        abstract="AIM: To invent. RESULTS: Invented all.",
        authors=["van Dyke-Mock, Anna", "Roe-Test, K, Jr", "Invented Trial Group"],
        year=2010,
        journal="Invented educator",
        volume="35",
        issue="5",
        pages="205-7",
        doi="10.5555/inv.1",  # not that of a work it cites
        registry_ids=["NCT09000557"],
        issn=["1234-5678", "8765-4321"],
        language="eng",
        keywords=["a key word"],
        mesh=["Child Abuse/*prevention & control", "*Exosomes"],
        publication_types=["Journal Article"],
        entry_type="article",
    )
    subset(
        chapter, title="A chapter", journal="Invented Syndromes", authors=["Riegel, D"], year=2001, isbn="1859962521"
    )


def test_endnote_xml():
    first, second = records("endnote.xml")
    subset(
        first,
        source_record_id="90366609",
        pmid="90366609",
        title="Therapy of mock illness",  # in three styles
        abstract="First. Second.",
        authors=["Baird-Test, J. K."],
        journal="Inv Rev",
        issn=["0893-8512", "1098-6618"],
        doi="10.5555/inv.2",
        keywords=["One", "Two"],
        pages="1-9",
    )
    subset(second, title="A thesis", entry_type="thesis", pmcid="PMC9000099", pmid=None)


def test_ictrp_xml_records_are_registrations():
    first, second = records("ictrp.xml")
    subset(
        first,
        source_record_id="JPRN-UMIN900000123",
        title="A phase 1 study of invented vesicles",
        entry_type="registration",
        year=2020,
        registry_ids=["JPRN-UMIN900000123", "NCT09000555"],
        url="https://example.org/trial/1",
    )
    subset(second, title="Only a public title", registry_ids=["NCT09000556"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_xml_in_any_encoding(tmp_path: Path, encoding: str):
    text = (DATA / "endnote.xml").read_text(encoding="utf-8").replace("A thesis", "Thèse inventée")
    path = tmp_path / "export"
    path.write_bytes(text.replace("UTF-8", encoding.removesuffix("-sig")).encode(encoding))
    assert read_file(path).records[1]["title"] == "Thèse inventée"


def test_xml_cut_in_its_last_record_says_which_bytes_are_left_out(tmp_path: Path):
    content = (DATA / "endnote.xml").read_bytes()
    path = tmp_path / "export.xml"
    path.write_bytes(content[: content.index(b"</titles><custom2>")])
    imported = read_file(path)
    assert (imported.counted, imported.parsed, imported.rejected) == (2, 1, 1)
    assert "breaks off" in imported.cut
    assert imported.left_out[0].startswith("record 2 (lines 2-2, bytes ")


def test_xml_that_breaks_before_its_last_record_is_refused(tmp_path: Path):
    path = tmp_path / "export.xml"
    content = (DATA / "ictrp.xml").read_bytes().replace(b"&amp; its title", b"& its title")
    path.write_bytes(content)
    with pytest.raises(PrismakeError, match=r"holds 2 records .* 0 were read.* at line 8"):
        read_file(path)


def test_xml_with_control_characters_is_read(tmp_path: Path):
    path = tmp_path / "export.xml"
    path.write_bytes((DATA / "endnote.xml").read_bytes().replace(b"A thesis", b"A\x0b thesis"))
    imported = read_file(path)
    assert (imported.records[1]["title"], imported.warnings) == ("A thesis", ["control characters were taken out"])


def test_a_mark_on_the_edge_of_two_chunks_is_counted_once(tmp_path: Path):
    path = tmp_path / "export.xml"
    record = b"<record><titles><title>%s</title></titles></record>"
    for filling in range((1 << 20) - 150, (1 << 20) + 10, 7):
        path.write_bytes(b"<xml><records>" + record % (b"x" * filling) + record % b"y" + b"</records></xml>")
        assert read_file(path).parsed == 2


def sheets(path: Path, **tables: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


def test_excel_with_lines_before_its_header_and_another_sheet(tmp_path: Path):
    rows = [["SEARCH QUERY", "mock:ti"], ["-----"], [""], ["Title", "DOI", "Publication Year", "Note"]]
    rows += [["First", "10.5555/a", 2020, None], [None, " "], ["Second, with \n a line", None, "2021", "x"]]
    imported = read_file(sheets(tmp_path / "export", Notes=[["nothing"]], Records=rows))
    assert (imported.format, imported.counted) == ("xlsx", 2)
    assert imported.warnings == ["the sheet 'Notes' holds no records and was passed over"]
    subset(imported.records[0], title="First", doi="10.5555/a", year=2020)
    subset(imported.records[1], title="Second, with a line", year=2021)


def test_excel_with_records_in_two_sheets_or_none_is_refused(tmp_path: Path):
    table = [["title", "doi"], ["A", "10.5555/a"]]
    with pytest.raises(PrismakeError, match="more than one sheet holds records"):
        read_file(sheets(tmp_path / "two", A=table, B=table))
    with pytest.raises(PrismakeError, match="no sheet has a header"):
        read_file(sheets(tmp_path / "none", A=[["colour", "size"], ["red", "1"]]))


TABLES = {
    "Dimensions": (
        '"About the data: Exported on Nov 24, 2026."\n'
        "Rank,Publication ID,DOI,PMID,Title,Source title,MeSH terms,PubYear,Volume,Pagination,Document Type,Authors\n"
        '1,pub.1,10.5555/d,90000051,A title,Invented,Humans; Mice,2021,7,1-9,Research Article,"Doe, Jane; Roe, Kim"\n',
        {"source_record_id": "pub.1", "pmid": "90000051", "mesh": ["Humans", "Mice"], "pages": "1-9"},
    ),
    "Covidence": (
        "Title,Authors,Abstract,Published Year,Journal,DOI,Covidence #,Study\n"
        'A title,"Doe, Jane; Roe, Kim",An abstract,2021,Invented,10.5555/d,#12,Doe 2021\n',
        {"source_record_id": None, "abstract": "An abstract"},  # its numbers belong to one project
    ),
    "SpringerLink": (
        "Item Title,Publication Title,Item DOI,Authors,Publication Year,Content Type\n"
        "A title,Invented,10.5555/d,Jane DoeDr. Kim Roe,2021,Article\n",
        {"entry_type": "article"},
    ),
    "generic": (
        "sep=;\nTitle;Authors;Year;Journal;DOI\nA title;Doe, Jane and Roe, Kim;2021;Invented;10.5555/d\n",
        {"source_record_id": None},
    ),
}


@pytest.mark.parametrize("dialect", TABLES)
def test_tables_by_their_header(tmp_path: Path, dialect: str):
    text, expected = TABLES[dialect]
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    imported = read_file(path)
    assert (imported.dialect, imported.counted) == (dialect, 1)
    subset(imported.records[0], title="A title", year=2021, journal="Invented", doi="10.5555/d", **expected)
    assert imported.records[0]["authors"] == ["Doe, Jane", "Roe, Kim"]


def test_columns_of_an_unknown_table_are_named_in_the_configuration(tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_text("made by hand\nTitel;Kennung;Autoren\nErste Erfindung;10.5555/x;Doe, J; Roe, K\n", encoding="utf-8")
    columns = {"title": ["titel"], "doi": ["Kennung"], "source_record_id": ["kennung"]}
    (record,) = read_file(path, columns).records
    subset(record, title="Erste Erfindung", doi="10.5555/x", source_record_id="10.5555/x")
    with pytest.raises(PrismakeError, match="has the columns kennung, schlüssel, titel"):
        read_file(path, {**columns, "url": ["Schlüssel"]})
