"""The methods in words: what was configured and run, nothing else."""

from dataclasses import replace

import polars as pl
import pytest
from report_fixture import loaded, with_config

from prismake.report.methods import abstract_methods, abstract_results, describe_methods
from prismake.report.prioritisation import frontier_of, tell_stopping
from prismake.report.wording import count, day, listed, plural, sentence


def text(review):
    return "\n".join(paragraph for part in describe_methods(review) for paragraph in part.paragraphs)


def test_sources_platforms_dates_limits_and_peer_review():
    methods = text(loaded())
    for fact in (
        "Two bibliographic databases were searched: PubMed (E-utilities) and Embase (Ovid).",
        "One study register was searched: ClinicalTrials.gov.",
        "No search of websites, organisations or journals by hand is on record.",
        "Searches were run on 10 June 2025 and 10 February 2026 (PubMed and Embase); 11 February 2026 (ClinicalTrials",
        "Sources with several dates were searched again to update the review.",
        "The last search was run on 11 February 2026.",
        "Limits were recorded as follows. For Embase: English; to keep it short.",
        "No limits are on record for PubMed and ClinicalTrials.gov.",
        "Strategies were peer reviewed. For Embase: PRESS, by Dora Invent.",
        "No peer review is on record for PubMed and ClinicalTrials.gov.",
        "Searches were run by Ana Examplar (Embase).",
        "Who ran the search is not on record for PubMed, ClinicalTrials.gov, Citation searching and Reports sent by",
        "Strategies stand under Search strategies, exactly as they were run. Together",
        "Together the searches gave 89 records.",
        "25 records from databases and registers were removed as duplicates, 5 of them found again by a later search",
    ):
        assert fact in methods


def test_selection_and_people():
    methods = text(loaded())
    for fact in (
        "filtered automatically by languages to keep (eng); a missing value never removed a record.",
        "This removed 2 records.",
        "Titles and abstracts were screened by Ana Examplar and Ben Fictional.",
        "Each record was for two people to decide on, independently",
        "A pilot round of 10 records was the same for everybody.",
        "Disagreements went to cleo.",
        "“Maybe” counted as include, and include against exclude as a disagreement.",
        "on the 62 records that both reviewers decided on title and abstract it was 96.8 % (Cohen’s kappa 0.933,",
        "PABAK 0.935; Gwet’s AC1 0.938, 0.851 to 1.000)",
        "decided on full text it was 100.0 % (Cohen’s kappa undefined; PABAK 1.000;",
        "Wrong population; Wrong intervention; No original data",
        "Data were extracted from the included studies by Ana Examplar with the form “Example form”",
    ):
        assert fact in methods


def test_a_pilot_is_not_said_to_be_larger_than_its_forms():
    review = with_config(loaded(), "screening", "pilot", value=500)
    form = {"stage": "title_abstract", "rows": "62", "decided": "62"}
    forms = [{**form, "person": p, "file": f"title_abstract.{p}.01.xlsx"} for p in "ab"]
    assert "A pilot round of 62 records was the same for everybody." in text(replace(review, progress=forms))
    assert "A pilot round of 500 records" in text(replace(review, progress=[]))


def with_runs(review, source, **keys):
    """With the first run of this source changed."""
    searches = [
        {**s, "runs": [{**s["runs"][0], **keys}, *s["runs"][1:]]} if s["source"] == source else s
        for s in review.searches
    ]
    return replace(review, searches=searches)


def test_a_search_by_nobody_and_without_strategy_is_named_with_its_date():
    review = with_runs(loaded(), "embase", by=None, searches=[{"strategy": ""}])
    methods = text(review)
    assert "Searches were run by Ana Examplar (Embase of 10 February 2026)." in methods
    assert "Who ran the search is not on record for PubMed, Embase of 10 June 2025, " in methods
    assert "No strategy is on record for Embase of 10 June 2025." in methods
    nothing = [{**s, "runs": [{**run, "by": None, "searches": []} for run in s["runs"]]} for s in loaded().searches]
    methods = text(replace(loaded(), searches=nothing))
    assert "Strategies stand under" not in methods and "Searches were run by" not in methods
    assert "No strategy is on record for PubMed, Embase, ClinicalTrials.gov, " in methods


def test_what_people_decided_about_pairs():
    methods = text(replace(loaded(), pairs={"judged": 1, "uncertain": 2}))
    assert "1 pair of records was merged because people judged them the same." in methods
    assert "2 pairs of reports in doubt are for people to decide." in methods
    assert "judged" not in text(loaded())


def test_duplicates_found_at_full_text():
    states = pl.DataFrame({"report_id": ["a", "b"], "state": ["duplicate", "included"], "adjudicated": ["0", "0"]})
    methods = text(replace(loaded(), decisions={**loaded().decisions, "full_text": states}))
    assert "Only at full text 1 report was found to be the same as another report." in methods
    assert "Only at full text" not in text(loaded())


def test_one_person_per_record():
    review = with_config(loaded(), "screening", "reviewers_per_record", value=1)
    assert "each record by one of them" in text(replace(review, agreement=[]))
    assert "kappa" not in text(replace(review, agreement=[]))
    assert "by one person." in abstract_methods(review)


@pytest.mark.parametrize(
    ("policy", "methods", "abstract"),
    [
        ("rayyan", "Only include against exclude counted as a disagreement", "by two people independently."),
        ("any_include", "A record went on when at least one person chose include", "by two people independently."),
        ("single", "each record by one of them", "by one person."),
        ("liberal_accelerated", "an exclusion took two people, each on a form", "by one person, exclusions by two."),
    ],
)
def test_the_policy_is_told(policy, methods, abstract):
    review = with_config(loaded("half"), "screening", "policy", value=policy)
    assert methods in text(review)
    assert abstract in abstract_methods(review)
    assert ("each on a form" in text(review)) == (policy == "liberal_accelerated")
    assert ("Each record was for two people" in text(review)) == (policy in ("rayyan", "any_include"))


def test_the_gate_of_the_pilot_and_what_it_measured_are_told():
    review = with_config(loaded(), "screening", "pilot_kappa", value=0.6)
    assert "The next round was to follow once kappa in a pilot reached 0.6." in text(review)
    pilots = [{**review.agreement[0], "round": f"pilot {n}", "kappa": k} for n, k in ((1, "0.412"), (2, ""))]
    methods = text(replace(review, agreement=[*pilots, *review.agreement]))
    assert "Two pilot rounds of up to 10 records were the same for everybody." in methods
    assert "it was 0.412 in pilot 1 and undefined, everybody having decided alike, in pilot 2." in methods


def test_with_one_person_for_each_record_an_exclusion_takes_one():
    review = with_config(loaded("half"), "screening", "policy", value="liberal_accelerated")
    review = with_config(review, "screening", "reviewers_per_record", value=1)
    assert "“Maybe” counted as include." in text(review) and "exclusion took" not in text(review)
    assert "by one person." in abstract_methods(review)


def with_dora(review, *places):
    """With dora, who has not done anything yet, in these places of the configuration."""
    review = with_config(review, "screening", "people", "dora", value={"name": "Dora Eick", "share": 1})
    for section, key in places:
        review = with_config(review, section, key, value="dora")
    return review


def test_those_who_did_the_work_are_named_whoever_is_configured_for_it_now():
    places = [("screening", "adjudicator"), ("retrieval", "owner"), ("studies", "owner")]
    review = with_config(with_dora(loaded(), *places), "extraction", "people", value=["dora"])
    methods = text(review)
    assert "Dora Eick" not in methods
    for fact in (
        "Titles and abstracts were screened by Ana Examplar and Ben Fictional.",
        "Disagreements went to cleo.",
        "Full texts of the records kept were sought by Ana Examplar.",
        "Reports of the same study were brought together by Ana Examplar;",
        "Data were extracted from the included studies by Ana Examplar with",
    ):
        assert fact in methods


def test_those_who_have_done_nothing_are_named_in_what_is_planned():
    methods = text(
        with_dora(loaded("zero"), ("screening", "adjudicator"), ("retrieval", "owner"), ("studies", "owner"))
    )
    for fact in (
        "were to be screened by Ana Examplar, Ben Fictional and Dora Eick.",
        "Disagreements were to go to Dora Eick.",
        "Full texts of the records kept were to be sought by Dora Eick.",
        "were to be brought together by Dora Eick;",
    ):
        assert fact in methods
    review = with_dora(loaded("half"), ("screening", "adjudicator"))  # two conflicts are open
    assert "Disagreements were to go to Dora Eick." in text(review)
    cleo = pl.DataFrame({"report_id": ["pubmed:0029"], "person": ["cleo"]})
    review = replace(review, votes={**review.votes, "title_abstract_conflicts": cleo})
    assert "Disagreements went to cleo; those still open are for Dora Eick." in text(review)


def test_people_who_screened_full_texts_are_named_when_they_are_others():
    assert "They were assessed in the same way, with" in text(loaded())
    cleo = loaded().votes["full_text"].with_columns(person=pl.lit("cleo"))
    review = replace(loaded(), votes={**loaded().votes, "full_text": cleo})
    assert "They were assessed in the same way by cleo, with" in text(review)


def test_what_a_team_agreed_elsewhere_is_nobodys_screening():
    agreed = pl.DataFrame({"report_id": ["pubmed:0029"], "person": ["covidence"]})
    review = replace(loaded(), votes={**loaded().votes, "title_abstract": agreed})
    assert "were screened in Covidence (only what the team agreed there is on record)." in text(review)


def test_a_person_who_left_is_named():
    review = with_config(loaded(), "screening", "people", "ben", "until", value="2025-12-01")
    assert "Ben Fictional took part until 1 December 2025; records left open went to others." in text(review)


def test_filters_are_named_only_when_there_are_some():
    filters = {"years": {"from": 2015, "to": 2026}, "publication_types": ["Letter"], "reinstate": ["pubmed:1"]}
    methods = text(with_config(loaded(), "screening", "filters", value=filters))
    assert "years of publication to keep (from 2015 to 2026) and types of publication to leave out (Letter)" in methods
    assert "1 record was reinstated by hand." in methods
    assert "filtered automatically" not in text(with_config(loaded(), "screening", "filters", value={}))


def test_what_nobody_has_begun_is_not_said_to_be_done():
    methods = text(loaded("zero"))
    assert "Titles and abstracts were to be screened by" in methods
    assert "Data were to be extracted" in methods
    assert "mapped" not in methods
    assert "A pilot round of 10 records was to be the same for everybody." in methods
    assert "Disagreements were to go to cleo." in methods
    assert "Disagreements were to go to cleo." in text(loaded("half"))


def test_a_search_without_a_date_is_said_to_have_none():
    searches = [{**s, "runs": [{**run, "run_date": None} for run in s["runs"]]} for s in loaded().searches]
    assert "The date of the search is not on record for PubMed" in text(replace(loaded(), searches=searches))


def test_peoples_own_note_is_the_last_part():
    review = with_config(loaded(), "review", "methods_note", value="We asked two librarians.")
    last = describe_methods(review)[-1]
    assert (last.heading, last.paragraphs) == ("Further methods", ["We asked two librarians."])


def test_the_results_of_the_abstract():
    assert abstract_results(loaded()) == (
        "The searches of databases and registers found 85 records, other methods 4. "
        "62 records were screened on title and abstract. 24 reports were assessed in full text. "
        "14 studies in 14 reports were included."
    )
    half = abstract_results(loaded("half"))
    assert "62 records (35 of them not decided yet) entered screening of title and abstract." in half
    assert (
        "6 reports (1 of them not decided yet) reached full text. 4 studies in 4 reports were included so far." in half
    )
    assert "0 studies in 0 reports were included." in abstract_results(loaded("zero"))


def test_words():
    assert [count(n, "study") for n in (0, 1, 1630)] == ["0 studies", "1 study", "1,630 studies"]
    assert plural(2, "included report") == "included reports"
    assert (day("2026-02-10"), day("2026-13-10"), day(None)) == ("10 February 2026", "2026-13-10", "")
    assert (listed([]), listed(["a"]), listed(["a", "b", "c"])) == ("", "a", "a, b and c")
    assert (sentence("it ends"), sentence("Does it?"), sentence("")) == ("It ends.", "Does it?", "")


@pytest.mark.parametrize(
    ("studies", "reports", "of_earlier", "words"),
    [
        (2, 3, 0, "2 studies in 3 reports were included."),
        (2, 3, 1, "2 studies in 2 reports and 1 new report of studies included before were included."),
        (0, 1, 1, "1 new report of studies included before was included."),
        (0, 0, 0, "0 studies in 0 reports were included."),
    ],
)
def test_new_reports_of_earlier_studies_are_not_said_to_be_of_new_ones(studies, reports, of_earlier, words):
    lines = [{"label": "New reports of studies included before", "n": of_earlier}] if of_earlier else []
    review = loaded()
    boxes = {"new_studies": {"n": studies}, "new_reports": {"n": reports, "items": lines}}
    results = abstract_results(replace(review, flow={**review.flow, "boxes": review.flow["boxes"] | boxes}))
    assert results.endswith(f"full text. {words}")


def test_an_update_says_what_it_took_over():
    review = with_config(loaded(), "review", "previous", value="v1")
    counts = {"previous_studies": 2, "previous_reports": 3, "total_studies": 14, "total_reports": 15}
    boxes = review.flow["boxes"] | {name: {"n": n} for name, n in counts.items()}
    review = replace(review, flow={**review.flow, "boxes": boxes})
    assert "(release v1), which had included 2 studies in 3 reports. 0 records that it had screened" in text(review)
    assert abstract_results(review).endswith("With the earlier version, the review includes 14 studies in 15 reports.")
    assert "Agreement was measured before adjudication, over this and the earlier version: on the 62" in text(review)
    assert "release" not in text(loaded()) and "earlier version" not in abstract_results(loaded())


def test_ranking_and_stopping_are_told_as_configured():
    plain = loaded()
    assert "ranked order" not in text(plain)
    assert tell_stopping(plain) == ""
    settings = {"recall": 0.95, "confidence": 0.95, "consecutive": 0, "stop": True}
    ranked = with_config(plain, "screening", "ranking", value={"random": 0.1})
    assert "issued in ranked order" in text(ranked)
    assert "with a share of 0.1 of random records among them" in text(ranked)
    stops = with_config(ranked, "screening", "stopping", value=settings)
    assert "so far no record was left unscreened" in text(stops)
    facts = {"reports": 400, "screened": 300, "relevant": 20, "irrelevant_in_a_row": 90, "outside_forms": 2, "p": 0.012}
    facts |= {**settings, "highest_recall": 0.95, "holds": True, "new": 0, "unscreened": 100}
    stopped = replace(stops, stopping=facts)
    assert "Screening stopped when it held: 100 records were left that nobody has looked at" in text(stopped)
    told = tell_stopping(stopped)
    for fact in (
        "Screened so far: 300 of 400 records, 20 of them kept or not settled yet.",
        "has p = 0.012",
        "The highest recall that can be claimed is 0.95.",
        "2 records were decided outside the forms",
        "Screening has stopped; 100 records will not be looked at.",
    ):
        assert fact in told
    drawn = replace(stopped, frontier="<svg/>")
    assert frontier_of(drawn) == "<svg/>"
    assert frontier_of(replace(drawn, stopping={**facts, "screened": 400})) == ""  # there is no recall to estimate
    searched_again = replace(stops, stopping={**facts, "new": 12, "unscreened": 0})
    assert "12 records of a later search could not have been among those screened and will be." in tell_stopping(
        searched_again
    )
    goes_on = replace(stops, stopping={**facts, "p": 0.4, "holds": False, "highest_recall": None, "unscreened": 0})
    assert "The criterion does not hold; screening goes on." in tell_stopping(goes_on)
