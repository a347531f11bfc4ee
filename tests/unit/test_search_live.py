"""Live searches against the stand-ins: nothing lost, nothing fetched twice, at the pace, whatever goes wrong."""

import datetime
import hashlib
import json
import os
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import live_check
from prismake.errors import PrismakeError
from prismake.records import read_parquet
from prismake.search import transport
from prismake.search.recording import ensure_recorded, record, refresh
from prismake.search.runs import import_source
from prismake.search.services import open_service
from standins.pages import ClinicalTrials, EuropePMC, OpenAlex
from standins.pubmed import PubMed
from standins.server import FAULTS, StandIn

KEY = "f00dfeedc0ffee0123456789abcdef012345"
EMAIL = "ada.okafor+tests@example.org"
DAY = datetime.date(2026, 2, 10)
SOURCE = {"database": "PubMed", "platform": "", "kind": "database", "live": "pubmed", "strategy": "vesicles"}
ADDRESSES = {
    PubMed: "PRISMAKE_EUTILS_URL",
    EuropePMC: "PRISMAKE_EUROPEPMC_URL",
    ClinicalTrials: "PRISMAKE_CLINICALTRIALS_URL",
    OpenAlex: "PRISMAKE_OPENALEX_URL",
}


@pytest.fixture(autouse=True)
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty review, with nobody's credentials but the test's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PRISMAKE_EMAIL", EMAIL)
    monkeypatch.setenv("PRISMAKE_PACE", "400")
    for name in ("NCBI_API_KEY", "OPENALEX_API_KEY", "PRISMAKE_CREDENTIALS", *ADDRESSES.values()):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch):
    """Sends the searches of a service to its stand-in."""

    @contextmanager
    def send(standin: StandIn):
        with standin:
            monkeypatch.setenv(ADDRESSES[type(standin)], standin.address + "/")
            yield standin

    return send


def search(**changes) -> Path:
    return record("live", {**SOURCE, **changes}, today=DAY)


def described(folder: Path) -> dict:
    return json.loads((folder / "search.json").read_text(encoding="utf-8"))


def files(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def imported(service: str = "pubmed"):
    import_source("live", {**SOURCE, "live": service}, Path("live.parquet"), Path("live.json"))
    return read_parquet("live.parquet")


def fetched(standin: StandIn) -> list[int]:
    """PMIDs in the requests for records that were answered well."""
    asked = [asked.parameters["id"] for asked in standin.log if asked.path.endswith("efetch.fcgi") and not asked.fault]
    return [int(pmid) for ids in asked for pmid in ids.split(",")]


def test_more_records_than_pubmed_shows_all_arrive(at):
    with at(PubMed(23_456, heavy=11_000, per_second=None)) as standin:
        folder = search()
    told = described(folder)["searches"][0]
    assert told["reported"] == told["retrieved"] == told["unique"] == sum(part["count"] for part in told["slices"])
    assert max(part["count"] for part in told["slices"]) <= 9_999
    assert sorted(fetched(standin)) == sorted(standin.days)
    frame = imported()
    assert sorted(map(int, frame["pmid"])) == sorted(standin.days)
    assert {asked.method for asked in standin.log} == {"POST"}
    assert {(asked.parameters["tool"], asked.parameters["email"]) for asked in standin.log} == {("prismake", EMAIL)}
    for file in [*told["files"], told["ids"]]:
        data = (folder / file["path"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])


@pytest.mark.parametrize("fault", [*FAULTS, "lacking", "twice", "backend", "moved"])
def test_a_fault_that_passes_changes_nothing(at, fault: str):
    with at(PubMed(401, per_second=None)) as standin:
        good = files(search())
        Path("resources/search/live").rename("good")
        standin.log.clear()
        # at the search, and twice at the records
        standin.faults.extend(["moved", "", ""] if fault == "moved" else [fault, "", fault, "", fault])
        again = search()
    assert any(asked.fault == fault for asked in standin.log)
    if fault in ("lacking", "twice"):
        assert sorted(map(int, imported()["pmid"])) == sorted(standin.days)
    else:
        assert files(again) == good


def test_a_storm_loses_nothing(at):
    with at(PubMed(6_000, per_second=None)) as standin:
        standin.storm = [fault for fault in standin.storm if fault != "429"]  # each of these waits a second
        standin.chance = 0.4
        search()
        assert sum(1 for asked in standin.log if asked.fault) > 10
    assert sorted(map(int, imported()["pmid"])) == sorted(standin.days)


def test_retry_after_is_honoured_by_all(at):
    with at(PubMed(3, per_second=None)) as standin:
        standin.faults.append("429")
        search()
    first, second = standin.log[:2]
    assert second.time - first.time >= 1


def test_a_service_that_stays_down_is_told_in_one_message_and_the_rest_is_kept(at):
    with at(PubMed(900, per_second=None)) as standin:
        standin.faults.extend(["", "", ""])
        standin.always = "500"
        with pytest.raises(PrismakeError) as told:
            search()
        assert str(told.value) == (
            "PubMed could not be searched: its server failed (500), 7 times in a row. "
            "What was retrieved is kept: run again later and it goes on from there."
        )
        assert not Path("resources/search/live/2026-02-10").exists()
        standin.always = ""
        search()
    assert sorted(fetched(standin)) == sorted(standin.days)  # each once


def test_nothing_to_connect_to(at, monkeypatch: pytest.MonkeyPatch):
    with at(PubMed()):
        pass
    with pytest.raises(PrismakeError, match=r"no connection to 127.0.0.1:\d+ .*7 times in a row"):
        search()


def test_a_service_that_does_not_answer(at, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(transport, "TIMEOUT", httpx.Timeout(0.05))
    monkeypatch.setattr(transport, "ATTEMPTS", 2)
    with at(PubMed(3, per_second=None)) as standin:
        standin.always = "slow"
        with pytest.raises(PrismakeError, match="no answer in time"):
            search()


def test_numbers_that_do_not_agree_stop_the_search(at):
    with at(PubMed(10_500, per_second=None)) as standin:
        standin.faults.extend(["moved", *[""] * 4, "moved"])  # a search of its parts lies in between
        with pytest.raises(PrismakeError, match="PubMed counts 10501 records, its parts hold 10500"):
            search()
        assert not any(asked.path.endswith("efetch.fcgi") for asked in standin.log)


def test_what_pubmed_does_not_return_is_recorded(at):
    with at(PubMed(450, per_second=None)) as standin:
        standin.gone = set(sorted(standin.days)[:2])
        standin.books = set(sorted(standin.days)[5:7])
        told = described(search())["searches"][0]
    assert told["missing"] == [str(pmid) for pmid in sorted(standin.gone)]
    assert (told["reported"], told["retrieved"]) == (450, 448)
    assert imported().height == 448


def test_a_mistake_in_the_strategy_is_explained(at):
    with at(PubMed(3, per_second=None)), pytest.raises(PrismakeError, match="look for a mistake in the strategy"):
        search(strategy="((vesicles)")


def test_a_refused_key_is_told_without_the_key(at, monkeypatch: pytest.MonkeyPatch, capfd):
    monkeypatch.setenv("NCBI_API_KEY", KEY)
    with at(PubMed(3, per_second=None)) as standin:
        standin.always = "bad key"
        with pytest.raises(PrismakeError) as told:
            search()
    assert len(standin.log) == 1
    assert "Check NCBI_API_KEY" in str(told.value)
    assert KEY not in str(told.value) + "".join(capfd.readouterr())


def test_each_line_of_a_strategy_is_counted(at):
    with at(PubMed(40, per_second=None)) as standin:
        folder = search(strategy='vesicles AND ("stem cell" OR exosome)')
        told = described(folder)
        asked = {one.parameters["term"] for one in standin.log if one.parameters.get("retmax") == "0"}
    lines = [(line["line"], line["query"]) for line in told["lines"]]
    assert lines == [
        ("1", "vesicles"),
        ("2", '"stem cell"'),
        ("3", "exosome"),
        ("4", "#2 OR #3"),
        ("5", "#1 AND #4"),
    ]
    assert {line["hits"] for line in told["lines"]} == {40}
    assert {"vesicles", '("stem cell" OR exosome)'} <= asked or {'"stem cell" OR exosome'} <= asked
    with at(PubMed(40, per_second=None)):
        assert described(record("one", SOURCE, today=DAY))["lines"] == [], "a single term has no lines"


def test_windows_are_searched_one_after_the_other_and_each_record_is_fetched_once(at):
    windows = [{"label": "last ten years", "from": "2016-02-11"}, {"label": "earlier", "to": "2016-02-10"}]
    with at(PubMed(600, per_second=None)) as standin:
        standin.warning = "stem cell"
        folder = search(windows=windows, by="Ada Okafor", peer_review="PRESS")
        told = described(folder)
        overlapping = record("other", {**SOURCE, "windows": [windows[0], {"to": "2020-01-01"}]}, today=DAY)
    assert told["run_date"] == "2026-02-10"
    assert (told["by"], told["peer_review"]) == ("Ada Okafor", "PRESS")
    assert told["limits"] == "Dates of publication: last ten years (from 2016-02-11); earlier (to 2016-02-10)"
    recent, earlier = told["searches"]
    dates = '"2016/02/11"[Date - Publication] : "3000/12/31"[Date - Publication]'
    assert recent["strategy"] == f"(vesicles) AND ({dates})"
    assert recent["translation"] == recent["strategy"] + " as understood"
    assert recent["warnings"] == ["QuotedPhraseNotFound: stem cell"]
    assert (recent["label"], earlier["label"]) == ("last ten years", "earlier")
    assert recent["reported"] + earlier["reported"] == 600 and recent["files"][0]["path"] == "last-ten-years-001.txt"
    told = described(overlapping)["searches"]
    assert told[1]["in_earlier_window"] > 0
    assert told[0]["retrieved"] + told[1]["retrieved"] == 600
    assert len(fetched(standin)) == 1200


def test_a_search_that_was_interrupted_goes_on_only_while_it_is_fresh_and_the_same(at):
    tomorrow, later = DAY + datetime.timedelta(1), DAY + datetime.timedelta(2)

    def interrupt(standin: PubMed) -> None:
        standin.always = ""
        standin.log.clear()
        standin.faults.extend(["", ""])
        standin.always = "route"
        with pytest.raises(PrismakeError):
            search()
        standin.always = ""

    with at(PubMed(500, per_second=None)) as standin:
        interrupt(standin)
        assert record("live", SOURCE, today=tomorrow).name == "2026-02-10"
        assert sorted(fetched(standin)) == sorted(standin.days)
        Path("resources/search/live").rename("one")
        interrupt(standin)
        assert record("live", SOURCE, today=later).name == "2026-02-12"
        assert len(fetched(standin)) == 700
        Path("resources/search/live").rename("two")
        interrupt(standin)
        assert described(search(strategy="exosomes"))["searches"][0]["strategy"] == "exosomes"
        assert len(fetched(standin)) == 700


def test_a_whole_search_that_lacks_only_its_name_needs_no_service(at, monkeypatch: pytest.MonkeyPatch):
    def fail(*_) -> None:
        raise KeyboardInterrupt

    standin = PubMed(300, per_second=None)
    with at(standin), monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "rename", fail)
        search()
    assert sorted(files(search())) == ["all-001.txt", "all-002.txt", "all.pmids.txt", "search.json"]
    assert imported().height == len(standin.days)


def test_a_source_is_searched_anew_only_when_told_to(at):
    with at(PubMed(3, per_second=None)) as standin:
        search()
        before, asked = files(Path("resources/search/live/2026-02-10")), len(standin.log)
        ensure_recorded("live", SOURCE, Path("out.json"))
        assert len(standin.log) == asked
        refresh({"live": SOURCE, "em": {"database": "Embase"}})
        assert len(standin.log) == 2 * asked
        refresh({"live": SOURCE})  # there is one of today
        assert len(standin.log) == 2 * asked
    days = sorted(path.name for path in Path("resources/search/live").iterdir())
    assert days == ["2026-02-10", datetime.date.today().isoformat()]
    assert files(Path("resources/search/live/2026-02-10")) == before
    assert imported().height == 6
    with pytest.raises(PrismakeError, match="no source is searched live"):
        refresh({"em": {"database": "Embase"}})


def test_without_an_address_nobody_is_asked_and_nothing_is_left(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PRISMAKE_EMAIL")
    with pytest.raises(PrismakeError, match=r"no e-mail address is set. Set the environment variable PRISMAKE_EMAIL"):
        search()
    assert not list(Path("resources/search/live").iterdir())


def test_credentials_can_lie_in_a_file(at, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PRISMAKE_EMAIL")
    (tmp_path / "secrets").write_text(f"# mine\nPRISMAKE_EMAIL={EMAIL}\nNCBI_API_KEY = '{KEY}'\n")
    monkeypatch.setenv("PRISMAKE_CREDENTIALS", str(tmp_path / "secrets"))
    with at(PubMed(3, per_second=None)) as standin:
        search()
    assert {(asked.parameters["email"], asked.parameters["api_key"]) for asked in standin.log} == {(EMAIL, KEY)}


SERVICES = [(EuropePMC, "europepmc", 500), (ClinicalTrials, "clinicaltrials", 200), (OpenAlex, "openalex", 100)]


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("OPENALEX_API_KEY", KEY)
    monkeypatch.setattr(OpenAlex, "key", KEY)
    return KEY


@pytest.mark.parametrize("standin", [PubMed, EuropePMC, ClinicalTrials, OpenAlex])
def test_a_search_that_finds_nothing_is_a_search(at, key, standin: type):
    service = standin.__name__.lower()
    with at(standin(0)):
        told = described(search(live=service))
    assert (told["searches"][0]["reported"], told["searches"][0]["files"]) == (0, [])
    assert imported(service).is_empty()


@pytest.mark.parametrize(("standin", "service", "size"), SERVICES)
@pytest.mark.parametrize("left", [0, 1, -1])
def test_services_in_pages_deliver_all(at, key, standin: type, service: str, size: int, left: int):
    number = 2 * size + left
    with at(standin(number)) as server:
        folder = search(live=service)
    told = described(folder)["searches"][0]
    assert told["reported"] == told["retrieved"] == told["unique"] == number
    frame = imported(service)
    assert frame.height == number and frame["record_id"].n_unique() == number
    assert frame["title"].null_count() == frame["abstract"].null_count() == frame["year"].null_count() == 0
    assert all(EMAIL in asked.agent and "prismake" in asked.agent for asked in server.log)
    for path in Path("resources").rglob("*"):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        assert EMAIL not in text and "ada.okafor%2B" not in text and KEY not in text, path


@pytest.mark.parametrize(("standin", "service", "size"), SERVICES)
def test_pages_are_resumed_and_faults_change_nothing(at, key, standin: type, service: str, size: int):
    with at(standin(3 * size)) as server:
        good = files(search(live=service))
        Path("resources/search/live").rename("good")
        server.log.clear()
        server.faults.extend(["", *["cut"] * 7])
        with pytest.raises(PrismakeError, match="the connection broke"):
            search(live=service)
        server.faults.extend(fault for fault in FAULTS if fault != "429")
        server.always = ""
        monkeypatched = transport.ATTEMPTS
        transport.ATTEMPTS = 20
        try:
            assert files(search(live=service)) == good
        finally:
            transport.ATTEMPTS = monkeypatched
    well = [asked.parameters.get(server.cursor) for asked in server.log if asked.fault in ("", "slow", "drip")]
    assert len(well) == len(set(well)) == 3  # each page once


@pytest.mark.parametrize(("standin", "service", "size"), SERVICES)
def test_pages_that_do_not_add_up_stop_the_search(at, key, standin: type, service: str, size: int):
    with at(standin(size + 10)) as server:
        server.extra = 2
        with pytest.raises(PrismakeError, match=f"counts {size + 12} records and delivered {size + 10}"):
            search(live=service)
        server.extra = 0
        server.faults.append("short")  # once: it is asked for again
        assert described(search(live=service))["searches"][0]["unique"] == size + 10


def test_what_the_records_of_each_service_hold(at, key):
    rows = {}
    for standin, service, _ in SERVICES:
        with at(standin(1)):
            search(live=service)
        rows[service] = imported(service).drop("raw_file", "raw_position", "run_date", "source_id").row(0, named=True)
        Path("resources/search/live").rename(service)
    europe, trial, work = rows["europepmc"], rows["clinicaltrials"], rows["openalex"]
    assert europe["record_id"] == "live:MED:91000000"
    assert europe["authors"] == ["Okafor, Ada", "The Group"]
    assert (europe["pmid"], europe["doi"], europe["pages"]) == ("91000000", "10.5555/standin.epmc.0", "0-9")
    assert (europe["journal"], europe["issn"], europe["mesh"]) == ("J Invent", ["1234-5679"], ["Exosomes"])
    assert (trial["record_id"], trial["entry_type"], trial["year"]) == ("live:NCT09000000", "registration", 2005)
    assert trial["url"] == "https://clinicaltrials.gov/study/NCT09000000"
    assert "NCT09000000" in trial["registry_ids"]
    assert work["record_id"] == "live:W4300000000"
    assert work["abstract"] == "Nothing is true, is all invented"
    assert (work["pmid"], work["pages"], work["authors"]) == ("92000000", "5-9", ["Okafor, Ada", "Li, Bo"])


def test_windows_in_each_service_s_own_words(at, key):
    window = [{"from": "2016-02-11", "to": "2026-02-10"}]
    sent = {}
    for standin, service, _ in SERVICES:
        with at(standin(1)) as server:
            told = described(record(service, {**SOURCE, "live": service, "windows": window}, today=DAY))["searches"][0]
        sent[service] = server.log[0].parameters
        assert told["strategy"].startswith(("vesicles", "(vesicles)"))
        assert told["window"] == window[0] and told["label"] == "from 2016-02-11 to 2026-02-10"
    assert sent["europepmc"]["query"] == "(vesicles) AND (FIRST_PDATE:[2016-02-11 TO 2026-02-10])"
    assert sent["clinicaltrials"]["filter.advanced"] == "AREA[StudyFirstPostDate]RANGE[2016-02-11,2026-02-10]"
    assert sent["openalex"]["filter"] == "from_publication_date:2016-02-11,to_publication_date:2026-02-10"


def test_openalex_wants_a_key_and_has_an_allowance(at, monkeypatch: pytest.MonkeyPatch):
    with at(OpenAlex(1)) as server:
        with pytest.raises(PrismakeError, match="OpenAlex answers only with an API key, and none is set"):
            search(live="openalex")
        monkeypatch.setenv("OPENALEX_API_KEY", KEY)
        with pytest.raises(PrismakeError) as told:
            search(live="openalex")
        assert "Check OPENALEX_API_KEY" in str(told.value) and KEY not in str(told.value)
        server.key = KEY
        server.always = "spent"
        with pytest.raises(PrismakeError, match=r"wants no further requests for 11\.1 hours"):
            search(live="openalex")
    assert len(server.log) == 2
    assert os.listdir("resources/search/live/.unfinished") != []  # noqa: PTH208


def test_the_check_of_live_services_says_what_each_answered(at, key, capsys):
    with at(PubMed(5, per_second=None)) as server, at(EuropePMC(4)), at(ClinicalTrials(2)), at(OpenAlex(9)) as down:
        server.days |= {int(pmid): DAY for pmid in live_check.PMIDS}
        down.always = "spent"
        assert live_check.main() == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("pubmed: 8 records; 3 of 3 fetched, ")
    assert lines[1] == "europepmc: 4 records; the first: MED:91000000, PPR:PPR700001, PMC:91000002"
    assert lines[2] == "clinicaltrials: 2 records; the first: NCT09000000, NCT09000001"
    assert lines[3].startswith("openalex: NOT ANSWERED: OpenAlex wants no further requests")


def test_an_address_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PRISMAKE_EUTILS_URL", "eutils.example.org")
    with pytest.raises(PrismakeError, match=r"is not a web address\. Correct PRISMAKE_EUTILS_URL"):
        search()


def test_the_pace_of_a_service_itself_is_not_ours_to_choose(monkeypatch: pytest.MonkeyPatch):
    assert open_service("pubmed").per_second == 2.5
    monkeypatch.setenv("NCBI_API_KEY", KEY)
    assert open_service("pubmed").per_second == 9
    assert open_service("pubmed", "http://127.0.0.1:9").per_second == 400


def test_a_page_of_a_snapshot_that_is_none_is_named(at):
    with at(EuropePMC(1)):
        folder = search(live="europepmc")
    told = described(folder)
    (folder / "all-001.json").write_text("[]")
    told["searches"][0]["files"][0] |= {"sha256": hashlib.sha256(b"[]").hexdigest(), "bytes": 2}
    (folder / "search.json").write_text(json.dumps(told))
    with pytest.raises(PrismakeError, match=r"all-001.json: this is no page of Europe PMC: an answer without records"):
        imported("europepmc")
