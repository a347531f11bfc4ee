"""The merged record of a report."""

from dedup_fixture import ARTICLE, source

from prismake.dedup.engine import deduplicate


def merged(*frames):
    return deduplicate(frames).unique.row(0, named=True)


def test_every_field_comes_from_the_best_source():
    embase = source(
        "embase",
        {
            **ARTICLE,
            "abstract": "Short.",
            "keywords": ["Exosome", "rat"],
            "issn": ["1111-1111"],
            "volume": None,
            "url": "u",
        },
        run_date="2026-01-01",
    )
    pubmed = source(
        "pubmed",
        {
            **ARTICLE,
            "abstract": "The longer abstract.",
            "keywords": ["exosome", "heart"],
            "pmid": "90000001",
            "year": 2022,
        },
        run_date="2026-03-01",
    )
    report = merged(pubmed, embase)
    assert (report["report_id"], report["record_id"], report["source_id"]) == ("embase:1", "embase:1", "embase")
    assert report["run_date"] == "2026-01-01"
    assert report["year"] == 2022  # the source given first
    assert (report["abstract"], report["pmid"], report["volume"]) == ("The longer abstract.", "90000001", "12")
    assert report["keywords"] == ["exosome", "heart", "rat"]
    assert report["issn"] == ["1111-1111"]
    assert report["mesh"] is None
    assert report["members"] == ["embase:1", "pubmed:1"]
    assert report["sources"] == ["embase", "pubmed"]  # in the order in which they first had it


def test_a_report_alone_is_its_record():
    report = merged(source("pubmed", ARTICLE))
    assert {name: report[name] for name in ARTICLE} == ARTICLE
    assert (report["members"], report["sources"]) == (["pubmed:1"], ["pubmed"])
