"""Suggested studies for included reports."""

from prismake.screening.suggest import suggest_studies


def names(*given) -> dict[str, str]:
    return {report: suggestion.study for report, suggestion in suggest_studies(*given).items()}


def report(author: str, year: int | None, *numbers: str) -> dict:
    return {"authors": [author] if author else None, "year": year, "registry_ids": list(numbers) or None}


def test_reports_with_one_registration_number_are_one_study():
    reports = {"a": report("Okafor, A", 2021, "NCT09000001"), "b": report("Silva, B", 2023, "NCT09000001")}
    assert names(["a", "b"], reports, {}, {}) == {"a": "Okafor 2021", "b": "Okafor 2021"}


def test_a_number_that_people_linked_already_leads_to_their_study():
    reports = {"a": report("Okafor, A", 2021, "NCT09000001"), "b": report("Silva, B", 2023, "NCT09000001")}
    assert names(["a", "b"], reports, {"a": {"TRIAL-1"}}, {}) == {"b": "TRIAL-1"}


def test_names_that_are_taken_get_a_letter():
    reports = {name: report("Okafor, A", 2021) for name in "abc"}
    assert names(list("abc"), reports, {}, {}) == {
        "a": "Okafor 2021",
        "b": "Okafor 2021b",
        "c": "Okafor 2021c",
    }


def test_missing_authors_and_years_are_named_all_the_same():
    assert names(["a"], {"a": report("", None)}, {}, {}) == {"a": "Anonymous undated"}


def test_related_reports_are_one_study_also_with_what_people_linked():
    reports = {name: report("Okafor, A", 2021) for name in "abc"}
    related = {"b": {"a": "translation"}, "a": {"b": "translation"}}
    assert names(list("abc"), reports, {}, related)["b"] == "Okafor 2021"
    assert names(list("abc"), reports, {"b": {"TRIAL-1"}}, related)["a"] == "TRIAL-1"


def test_each_suggestion_says_what_it_goes_by():
    reports = {
        "a": report("Okafor, A", 2021, "NCT09000001"),
        "b": report("Silva, B", 2022, "NCT09000001"),
        "c": report("Okafor, A", 2021),
    }
    suggested = suggest_studies(list("abc"), reports, {}, {"c": {"a": "preprint and article"}})
    assert suggested["b"].why == "NCT09000001, as in a"
    assert suggested["c"] == ("Okafor 2021", "preprint and article: a")
    assert suggested["a"].why.startswith("first author and year")


def test_alike_authors_and_years_are_not_enough():
    reports = {name: report("Okafor, A", 2021) | {"title": "Exosomes heal"} for name in "ab"}
    assert names(["a", "b"], reports, {}, {}) == {"a": "Okafor 2021", "b": "Okafor 2021b"}
