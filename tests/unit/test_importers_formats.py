"""Every format, one small file per quirk (tests/data/importers, all invented)."""

import re
from pathlib import Path
from typing import Any

import pytest

from prismake.errors import PrismakeError
from prismake.importers import Import, read_file

DATA = Path(__file__).parents[1] / "data" / "importers"


def records(name: str) -> list[dict[str, Any]]:
    return read_file(DATA / name).records


def subset(record: dict[str, Any], **expected: Any) -> None:
    assert {name: record.get(name) for name in expected} == expected


def test_scopus_ris():
    first, second = records("scopus.ris")
    subset(
        first,
        source_record_id="2-s2.0-90000000133",
        title="Vesicles of stromal cells in <i>mock</i> wounds &amp; burns",
        pages="2864",  # an article number
        doi="10.5555/inv-024-46843-2",
        pmid="90001717",
        abstract=None,  # [No abstract available]
        keywords=["wound", "vesicle"],
        publication_types=["Article"],
        entry_type="article",
        raw_file="scopus.ris",
        raw_position=1,
    )
    subset(second, source_record_id="2-s2.0-90000000134", entry_type="conference", pages="11-19", raw_position=2)


def test_embase_com_ris_has_its_title_authors_and_abstract_in_other_tags():
    (record,) = records("embase_com.ris")
    subset(
        record,
        source_record_id="L9034429920",
        title="Wearable cell patches: an invented review",
        authors=["Kowalenko, O.", "van der Ploeg, M.T."],
        abstract="An abstract that stands in N2.",
        journal="Seminars in Invented Surgery",
        doi="10.5555/j.inv.2024.08.004",
        pmid="90004711",
        issn=["1558-4518", "0895-7967"],
    )


def test_ovid_ris_with_text_and_tags_between_records():
    first, second = records("ovid.ris")
    subset(first, source_record_id="2019-90183-001", year=2019, pages=None, doi="10.5555/cpp.2398")
    subset(second, source_record_id="2019-90184-001", title="A second one.")


def test_cochrane_ris_with_two_blanks_around_the_hyphen():
    (record,) = records("cochrane.ris")
    subset(record, source_record_id="CN-09778158", pmid="90314913", journal="Trials", pages="39")


def test_ebsco_ris_takes_the_abstract_proper_and_the_accession_of_the_link():
    (record,) = records("ebsco.ris")
    subset(record, source_record_id="950283836", abstract="The abstract proper.", doi="10.5555/16066359.2020.1867111")


def test_endnote_ris_has_lists_over_several_lines():
    (record,) = records("endnote.ris")
    subset(
        record,
        source_record_id="90553931",  # the accession, not ID, which is a number in the library
        pmid="90553931",
        title="A new specimen of an invented animal",
        abstract="First line of the abstract, second line of it.",
        keywords=["article", "tibia"],
        issn=["1932-8494", "1932-8486"],
    )


def test_rayyan_keys_are_no_accessions_and_swallowed_tags_stay_out():
    (record,) = records("rayyan.ris")
    subset(record, source_record_id=None, url="https://example.org/a", doi="10.5555/s41467-024-48400-3")


def test_ris_without_ty():
    imported = read_file(DATA / "no_ty.ris")
    assert [record["title"] for record in imported.records] == ["First invented title", "Second invented title"]
    assert imported.warnings == ["2 records without a TY line (type of reference), the first is record 1"]


def test_ris_without_er_is_read_and_told_of():
    imported = read_file(DATA / "no_er.ris")
    assert [record["title"][:6] for record in imported.records] == ["First,", "Second", "Third,"]
    assert imported.warnings == ["2 records without an ER line (end of record), the first is record 1"]
    assert not imported.cut


def test_ris_with_one_blank_before_the_hyphen():
    (record,) = records("one_blank.ris")
    subset(record, title="One blank before the hyphen", doi="10.5555/j.1755-0998.2009.02750.x")


def test_ris_er_with_a_text_does_not_end_the_record():
    assert [record["title"] for record in records("tag_template.ris")] == ["Title"]


def test_medline():
    article, chapter, fresh = records("pubmed.nbib")
    subset(
        article,
        source_record_id="90000011",
        pmid="90000011",
        pmcid="PMC9000001",
        title="Effectiveness of invented practices against invented syndromes.",
        abstract="OBJECTIVES: To test a wrapped abstract.",
        authors=["Fujiwara-Test, T", "van Dyke-Mock, Anna Maria", "Invented Trial Group of the Very Long Name"],
        year=2015,
        journal="Public inventions",
        volume="129",
        issue="5",
        pages="475-82",
        doi="10.5555/j.puhe.2015.01.018",
        registry_ids=["NCT09000123", "2015-000123-42"],
        issn=["1234-5678", "8765-4321"],
        language="eng; jpn",
        keywords=["a key word that is wrapped over two lines"],
        mesh=["Child Abuse/*prevention & control"],
        publication_types=["Journal Article", "Randomized Controlled Trial"],
        entry_type="article",
    )
    subset(chapter, journal="Invented Syndromes", authors=["Riegel, D"], entry_type="chapter")
    subset(fresh, source_record_id="90000013", title="Not yet indexed")


def test_eric_has_no_pmid():
    first, second = records("eric.nbib")
    subset(first, source_record_id="EJ9227990", pmid=None, year=2019, doi="10.5555/s40468-019-0086-7")
    subset(second, source_record_id="EJ9227991")


def test_web_of_science_tagged():
    first, second = records("wos.ciw")
    subset(
        first,
        source_record_id="WOS:000955039600059",
        title="Do magnetic particles used for lakes impact on invented plankton?",
        authors=["Alvarez-Muster, Inmaculada", "Guerrant, Francisco"],  # AF, not AU
        keywords=["Magnetic particles", "Toxicity", "Lake restoration", "EXPOSURE"],
        pages="598-607",
        pmid="90529964",
    )
    subset(second, source_record_id="WOS:000955039600125", authors=["Janssen, P"], year=2011, pages="103170")


def test_ovid_tagged():
    imported = read_file(DATA / "ovid_tagged.txt")
    first, second = imported.records
    assert (imported.format, imported.dialect) == ("ovid", "Ovid Embase")
    subset(
        first,
        source_record_id="692138182",
        title="Quality of invented life: a mock review.",
        authors=["Behan-Test, L.", "Rubbo-Test, B."],  # without their roles
        abstract="Background: As invented. Method(s): We made it up.",  # over a blank line
        journal="Invented Proceedings",
        volume="12",
        issue="Supplement 3",
        pages=None,
        doi="10.5555/s12919-018-0099-8",
        mesh=["adult", "*mock syndrome"],
        pmid=None,
        entry_type="conference",
    )
    subset(second, pmid="90000041", authors=["Zhang-Test, Weijia"], journal="Invented Journal", pages="845-849")


def test_refworks_tagged():
    first, second = records("refworks.txt")
    subset(
        first,
        source_record_id="2002-90714-006",
        abstract="An abstract that goes on RT was used here too.",
        authors=["Stansfeld-Test, Stephen", "Roe-Test, Kim"],
        journal="Invented Journal",
        pages="101-123",
        keywords=["One", "Two"],
        doi="10.5555/rw.1",
    )
    subset(second, title="A second one", entry_type="thesis")


def test_endnote_tagged_with_and_without_types_and_blank_lines():
    first, second, third, classic = records("refer.enw")
    subset(
        first,
        title="A title that comes first",
        abstract="An abstract. A paragraph of it behind a blank line.",
        journal="Invented Quarterly",
        url="https://example.org/behind-a-blank-line",
    )
    subset(second, doi="10.5555/pro.1", pmid="90000042", source_record_id="90000042", issn=["0961-8368"])
    subset(third, title="The third", entry_type="book", authors=["Doe-Test, Jane"])
    subset(classic, title="Classic refer has no type", authors=["Refer, Old"], year=1984)


def test_bibtex():
    imported = read_file(DATA / "quirks.bib")
    first, second, third, broken = imported.records
    subset(
        first,  # its key holds commas
        source_record_id="2-s2.0-99952480144",
        title="Mental health costs 100% more & is éprouvé",
        authors=["Kenning, Patrick E", "Invented Health Organization", "von der Mühle, Anna", "Cruz, Tom"],
        journal="Journal of Inventions",  # by @string
        year=2010,
        pages="3-17",
    )
    subset(
        second,
        title="A second one with a missing comma",
        authors=["Roe-Test, Kim"],
        doi="10.5555/abc.1",
        source_record_id=None,
    )
    subset(third, source_record_id="WOS:000958699700002", keywords=["a", "b", "c"])  # key and field used twice
    subset(broken, title="Braces do not match here", year=2012, raw_position=4)
    assert (imported.counted, imported.parsed, imported.rejected) == (5, 4, 1)
    assert imported.warnings == [
        *imported.left_out,
        "line 28: record 4 is broken, what stands whole on a line was read",
    ]
    content = (DATA / "quirks.bib").read_bytes()
    (left_out,) = imported.left_out
    first, last = map(int, re.search(r"bytes (\d+)-(\d+)", left_out).groups())
    assert content[first : last + 1].startswith(b"@") and last + 1 == len(content)


def test_native_csv():
    first, second = records("native.csv")
    subset(
        first,
        source_record_id="doe-1",
        title='Quotes "within" a title',
        authors=["Doe-Test, Jane", "Roe-Test, Kim"],
        doi="10.5555/abc",
        registry_ids=["NCT09000777", "ISRCTN90000001"],
        keywords=["a", "b"],
    )
    subset(second, source_record_id="doe-2", title="Only a title", year=None)


def test_pubmed_csv():
    (record,) = records("pubmed.csv")
    subset(record, source_record_id="90000021", authors=["Limm, SM", "Shiaux, CWC", "Lau-Test, Y"], year=2022)


def test_embase_com_csv_has_lines_before_its_header():
    (record,) = records("embase_com.csv")
    subset(
        record,
        source_record_id="L9029880245",
        abstract="Line one, line two.",
        keywords=["animal tissue", "fossil (diagnosis, surgery)", "human"],
        authors=["Yangsen, Z.", "Jiango, B.", "McNamara-Test, M.E."],
        registry_ids=["NCT09000321"],
        pmid="90773066",
    )


def test_clinicaltrials_csv_records_are_registrations():
    (record,) = records("ctgov.csv")
    subset(
        record,
        source_record_id="NCT09000456",
        entry_type="registration",
        journal="ClinicalTrials.gov",
        registry_ids=["NCT09000456", "2020-000999-11"],
        keywords=["Stroke", "Wound", "DRUG: Vesicles", "OTHER: Placebo"],
        authors=None,
    )


def test_web_of_science_table_in_utf16_with_quotation_marks_that_mean_nothing():
    first, second = records("wos_tab.txt")
    subset(
        first,
        title='"Quoted beginning of a title',
        authors=["Doe, Jane", "Roe, Kim"],
        source_record_id="WOS:000900000000001",
    )
    subset(second, title='Plain "title"', year=2002)


def test_semicolon_csv_in_cp1252():
    imported = read_file(DATA / "semicolon.csv")
    assert imported.encoding == "cp1252"
    subset(imported.records[0], title="Erste Erfindung", authors=["Müller-Test, Jörg"], year=2001)


def test_csv_rows_with_too_few_or_too_many_cells_are_records_and_told_of():
    imported = read_file(DATA / "ragged.csv")
    assert [record["title"] for record in imported.records] == ["Too few cells", "Too many", "Right"]
    assert imported.warnings == ["2 records with more or fewer cells than the header (3), the first is record 1"]


def test_quotation_marks_that_belong_to_a_title_stay(tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_text('record_id,title,issn\n1,"""Here"" and ""there""","=""12345678"""\n', encoding="utf-8")
    subset(read_file(path).records[0], title='"Here" and "there"', issn=["1234-5678"])
    path.write_text('record_id\ttitle\n1\t"Here" and "there"\n2\t"a ""b"" c"\n', encoding="utf-8")
    assert [record["title"] for record in read_file(path).records] == ['"Here" and "there"', 'a "b" c']


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04rest of an archive", "zip archive"),
        (b"%PDF-1.7", "PDF"),
        (bytes(range(256)) * 8, "binary"),
        (b"", "empty"),
        (b"\xef\xbb\xbf \n\n", "empty"),
        (b"\xa0", "empty"),  # a no-break space
        (b'<?xml version="1.0"?><eSearchResult><Count>2</Count></eSearchResult>', "answer of the E-utilities"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><PubmedArticleSet>&b;</PubmedArticleSet>', "XML of a kind"),
        (b"<!DOCTYPE html><html>Log in</html>", "web page"),
        (b'{"results": []}', "JSON"),
        (b"Dear all,\nplease find the records attached.\n", "not recognised"),
        (b"first,second,third\n1,2,3\n", "first, second, third"),
    ],
)
def test_what_is_not_read_is_named_with_a_remedy(tmp_path: Path, content: bytes, what: str):
    path = tmp_path / "export.ris"
    path.write_bytes(content)
    with pytest.raises(PrismakeError, match=what) as caught:
        read_file(path)
    assert caught.value.hint
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(PrismakeError, match="No such file"):
        read_file(tmp_path / "none.ris")


def test_the_name_of_a_file_has_no_say(tmp_path: Path):
    path = tmp_path / "records.ris"
    path.write_bytes((DATA / "pubmed.nbib").read_bytes())
    imported: Import = read_file(path)
    assert (imported.format, imported.dialect) == ("medline", "PubMed")
