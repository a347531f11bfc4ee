"""What holds for any records: round trips, line ends, byte order marks, encodings; bad files never give a traceback."""

import re
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prismake.errors import PrismakeError
from prismake.importers import Import, read_file
from prismake.importers.encoding import line_span
from prismake.publish import csv_text

DATA = Path(__file__).parents[1] / "data" / "importers"
letters = st.characters(exclude_categories=["Cc", "Cs", "Cf"])
line = st.text(letters, min_size=1, max_size=40).map(lambda text: " ".join(text.split())).filter(bool)
word = st.text("abcdefgäçñøžЖ", min_size=2, max_size=9).map(str.capitalize)
name = st.builds("{}, {}".format, word, word)
record = st.fixed_dictionaries(
    {
        "title": line.map("T {}".format),
        "authors": st.lists(name, max_size=4),
        "year": st.integers(1800, 2099),
        "doi": st.from_regex(r"10\.5555/[a-z0-9]{1,9}", fullmatch=True),
        "keywords": st.lists(word, max_size=4, unique=True),
    }
)
NAMES = ["title", "authors", "year", "doi", "keywords"]
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read_bytes(data: bytes) -> Import:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "export")
        path.write_bytes(data)
        return read_file(path)


def same(read: Import, records: list[dict]) -> None:
    kept = [{name: found.get(name, []) for name in NAMES} for found in read.records]
    assert kept == records
    assert (read.counted, read.rejected) == (len(records), 0)


def cell(value: object) -> object:
    return "; ".join(value) if isinstance(value, list) else value


def ris(records: list[dict]) -> str:
    lines = []
    for item in records:
        lines += ["TY  - JOUR", f"TI  - {item['title']}", *(f"AU  - {name}" for name in item["authors"])]
        lines += [
            f"PY  - {item['year']}",
            f"DO  - {item['doi']}",
            *(f"KW  - {word}" for word in item["keywords"]),
            "ER  - ",
            "",
        ]
    return "\n".join(lines)


@quick
@given(
    st.lists(record, min_size=1, max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_ris_comes_back_with_any_line_ends_and_encoding(records: list[dict], ends: str, encoding: str):
    same(read_bytes(ris(records).replace("\n", ends).encode(encoding)), records)


@quick
@given(st.lists(record, min_size=1, max_size=4), st.lists(record, min_size=1, max_size=4))
def test_two_exports_pasted_together_lose_nothing(first: list[dict], second: list[dict]):
    data = b"".join(b"\xef\xbb\xbf" + ris(records).encode() for records in (first, second))
    same(read_bytes(data), first + second)


@quick
@given(
    st.lists(record, min_size=1, max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_native_csv_comes_back(records: list[dict], ends: str, encoding: str):
    columns = ["record_id", *NAMES]
    rows = [[f"r{number}", *(cell(item[name]) for name in NAMES)] for number, item in enumerate(records)]
    read = read_bytes(csv_text(columns, rows).replace("\n", ends).encode(encoding))
    same(read, records)
    assert [found["source_record_id"] for found in read.records] == [row[0] for row in rows]


@quick
@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_records_without_er_are_still_records(ended: list[bool]):
    text = "".join(f"TY  - JOUR\nTI  - T{number}\n" + "ER  - \n\n" * end for number, end in enumerate(ended))
    read = read_bytes(text.encode())
    assert [found["title"] for found in read.records] == [f"T{number}" for number in range(len(ended))]


@quick
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes):
    with suppress(PrismakeError):
        read_bytes(data)


@pytest.mark.parametrize("path", sorted(DATA.iterdir()), ids=lambda path: path.name)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_damaged_files_are_read_or_refused(path: Path, data: st.DataObject):
    content = path.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    with suppress(PrismakeError):
        read = read_bytes(content[:start] + data.draw(st.binary(max_size=8)) + content[end:])
        assert read.parsed + read.rejected == read.counted == len(read.records) + len(read.left_out)


MARKS = [
    b"\nTY  - JOUR\n",
    b"\nER  - \n",
    b"\nPMID- 1\n",
    b"\nPT J\nTI x\nER\n",
    b"<1. >\nTI  - x\n",
    b"\n%0 Book\n%T x\n",
]
MARKS += [
    b"\nRT Book\nT1 x\n",
    b"@article{a, title={x}}\n",
    b"<record></record>",
    b"<xml><records>",
    b"<Trial/>",
    b"title,doi\n",
    b"\n\n",
]
MARKS += [
    b"<PubmedArticleSet><PubmedArticle>",
    b"</PubmedArticle>",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b'"',
    b"\0",
    b"\r",
    b"&x;",
    b"<![CDATA[",
]


@quick
@given(st.lists(st.sampled_from(MARKS) | st.binary(max_size=6), max_size=14).map(b"".join))
def test_pieces_of_all_formats_are_read_or_refused(data: bytes):
    with suppress(PrismakeError):
        read = read_bytes(data)
        assert read.parsed + read.rejected == read.counted == len(read.records) + len(read.left_out)


WHOLE = ["scopus.ris", "pubmed.nbib", "wos.ciw", "ovid_tagged.txt", "refworks.txt", "refer.enw", "quirks.bib"]
WHOLE += ["pubmed.xml", "endnote.xml", "ictrp.xml", "native.csv"]


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_truncation_adds_or_changes_a_record_before_the_last(name: str, data: st.DataObject):
    content = (DATA / name).read_bytes()
    whole = read_bytes(content).records
    kept = content[: data.draw(st.integers(1, len(content)))]
    with suppress(PrismakeError):
        read = read_bytes(kept)
        assert read.counted <= len(whole) + (name == "quirks.bib")  # it has a record that is left out
        before = max(0, len(read.records) - 1)
        assert [r.get("title") for r in read.records[:before]] == [r.get("title") for r in whole[:before]]


@pytest.mark.parametrize("name", ["refer.enw", "refworks.txt", "ovid_tagged.txt", "wos.ciw", "pubmed.nbib"])
@settings(max_examples=20, deadline=None)
@given(ends=st.sampled_from(["\n", "\r\n", "\r"]), encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_tagged_formats_come_back_with_any_line_ends_and_encoding(name: str, ends: str, encoding: str):
    text = (DATA / name).read_text(encoding="utf-8")
    same_text = read_bytes(text.replace("\n", ends).encode(encoding))
    assert same_text.records == read_bytes(text.encode()).records


@quick
@given(
    st.lists(st.text("a\r\nä€😀", max_size=6), max_size=5), st.sampled_from(["utf-8", "utf-16", "utf-32"]), st.data()
)
def test_the_bytes_of_lines(parts: list[str], encoding: str, data: st.DataObject):
    text = "x" + "".join(parts)
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    first = data.draw(st.integers(1, len(lines)))
    last = data.draw(st.integers(first, len(lines)))
    content = text.encode(encoding)
    start, behind = line_span(content, encoding, first, last)
    codec = encoding + "-le" * (encoding != "utf-8")
    assert content[start:behind].decode(codec) == "".join(lines[first - 1 : last])
