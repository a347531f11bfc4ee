"""The subcommands that are steps of the workflow: its rules call them. They parse and call; nothing is done here.

Each function imports what it needs when it is called: a step starts as fast as its own stage allows.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from prismake.errors import PrismakeError


def paths(to: argparse.ArgumentParser, *names: str, required: bool = True) -> None:
    """Options that are paths."""
    for name in names:
        to.add_argument(name, type=Path, required=required)


def add_steps(command: Callable[..., argparse.ArgumentParser]) -> None:
    """`command` adds a subcommand by its name, the function that runs it, and its help."""
    sub = command("overlap", _overlap, "Count which sources found the same reports (a step of the workflow).")
    sub.add_argument("unique", type=Path)
    paths(sub, "--config", "--table", "--figure")

    sub = command("record", _record, "Search a live source that was never searched (a step of the workflow).")
    sub.add_argument("source")
    paths(sub, "--config", "--out")

    sub = command("refresh", _refresh, "Search every live source anew (a step of the workflow).")
    paths(sub, "--config")

    sub = command("search", _search, "Read every run of one source (a step of the workflow).")
    sub.add_argument("source")
    paths(sub, "--config", "--out", "--report")

    sub = command("gather", _gather, "Put the records of all sources together (a step of the workflow).")
    sub.add_argument("records", nargs="+", type=Path)
    paths(sub, "--out")

    sub = command("searches", _searches, "Tell what was searched and read (a step of the workflow).")
    sub.add_argument("reports", nargs="+", type=Path)
    paths(sub, "--config", "--imports", "--searches", "--records", "--known-items")

    sub = command("filters", _filters, "Apply the automation filters (a step of the workflow).")
    sub.add_argument("records", type=Path)
    sub.add_argument("clusters", type=Path)
    paths(sub, "--config", "--out", "--unused")

    sub = command(
        "about-reports", _about_reports, "Find full texts and notices of retraction (a step of the workflow)."
    )
    paths(sub, "--records", "--clusters", "--unique", "--relations", "--full-texts", "--notices")

    stages = ("title_abstract", "retrieval", "full_text", "studies", "extraction", "risk_of_bias")
    sub = command("collect", _collect, "Read the forms of one stage (a step of the workflow).")
    sub.add_argument("stage", choices=stages)
    paths(sub, "--config", "--out")
    paths(sub, "--unique", "--clusters", "--filters", "--decisions", "--retrieval", "--studies", required=False)
    paths(sub, "--relations", "--table", required=False)
    sub.add_argument("--tool", default="")
    sub.add_argument("--forms", nargs="+", default=[])
    sub.add_argument("--vanished", nargs="+", default=[])

    sub = command("rank-reports", _rank_reports, "Rank the reports still to be screened (a step of the workflow).")
    paths(sub, "--unique", "--decided", "--out", "--cache")

    sub = command("stopping", _stopping, "Say whether enough was screened (a step of the workflow).")
    paths(sub, "--config", "--unique", "--decided", "--full-text", "--out")

    sub = command("issue", _issue, "Issue the next forms of one stage (a step of the workflow).")
    sub.add_argument("stage", choices=("pairs", *stages))
    paths(sub, "--config", "--out")
    paths(
        sub, "--unique", "--records", "--clusters", "--table", "--studies", "--ranking", "--unscreened", required=False
    )
    sub.add_argument("--tool", default="")
    sub.add_argument("--settled", nargs="+", type=Path, default=[])

    sub = command("by-study", _by_study, "Put each included study on a sheet of its own (a step of the workflow).")
    paths(sub, "--config", "--unique", "--studies", "--results", "--out")

    sub = command("progress", _progress, "Sum up where stages stand (a step of the workflow).")
    sub.add_argument("stages", nargs="*", type=Path)
    paths(sub, "--out")

    sub = command("ledger", _ledger, "Follow every record to where it ended (a step of the workflow).")
    paths(sub, "--config", "--records", "--clusters", "--unique", "--filters", "--title-abstract", "--retrieval")
    paths(sub, "--full-text", "--studies", "--out")
    paths(sub, "--unscreened", required=False)

    sub = command("checklists", _checklists, "Fill in reporting checklists as far as known (a step of the workflow).")
    paths(sub, "--config", "--results", "--out")

    sub = command("report", _report, "Write the report (a step of the workflow).")
    paths(sub, "--config", "--results", "--out")


def _overlap(options: argparse.Namespace) -> None:
    from prismake.config import read_checked
    from prismake.dedup.overlap import write_overlap

    sources = read_checked(options.config)["search"]["sources"]
    names = {name: source["database"] for name, source in sources.items()}
    write_overlap(options.unique, names, options.table, options.figure)


def _record(options: argparse.Namespace) -> None:
    from prismake.config import read_checked
    from prismake.search.recording import ensure_recorded

    ensure_recorded(options.source, read_checked(options.config)["search"]["sources"][options.source], options.out)


def _refresh(options: argparse.Namespace) -> None:
    from prismake.config import read_checked
    from prismake.search.recording import refresh

    refresh(read_checked(options.config)["search"]["sources"])


def _search(options: argparse.Namespace) -> None:
    from prismake.config import read_checked
    from prismake.search.runs import import_source

    sources = read_checked(options.config)["search"]["sources"]
    if options.source not in sources:
        raise PrismakeError(f"there is no source '{options.source}'", place=str(options.config))
    source = sources[options.source]
    import_source(options.source, source, options.out, options.report)


def _gather(options: argparse.Namespace) -> None:
    from prismake.search.runs import gather

    gather(options.records, options.out)


def _searches(options: argparse.Namespace) -> None:
    from prismake.config import read_checked
    from prismake.records import read_parquet
    from prismake.search.known_items import write_known_items
    from prismake.search.runs import describe_searches

    search = read_checked(options.config)["search"]
    describe_searches(search["sources"], options.reports, options.imports, options.searches)
    write_known_items(options.known_items, search["known_items"], read_parquet(options.records))


def _filters(options: argparse.Namespace) -> None:
    from prismake.config import read_checked
    from prismake.previous import read_previous
    from prismake.screening.filters import filter_reports

    config = read_checked(options.config)
    previous = read_previous(config["review"]["previous"])
    places = (options.records, options.clusters, options.out, options.unused)
    filter_reports(config["screening"]["filters"], *places, previous)


def _about_reports(options: argparse.Namespace) -> None:
    from prismake.records import read_parquet
    from prismake.screening.fulltext import write_full_texts
    from prismake.screening.notices import write_notices
    from prismake.screening.reports import read_aliases, read_reports

    aliases = read_aliases(options.clusters)
    write_full_texts(aliases, read_reports(options.unique), options.full_texts)
    write_notices(read_parquet(options.records), aliases, options.relations, options.notices)


def _collect(options: argparse.Namespace) -> None:
    from prismake.config import read_checked

    config, stage = read_checked(options.config), options.stage
    if stage == "extraction":
        from prismake.extraction.review import collect_extraction

        collect_extraction(config, options.studies, options.forms, options.vanished, options.out)
        return
    if stage == "risk_of_bias":
        from prismake.risk_of_bias.review import collect_judgements

        forms = (options.forms, options.vanished, options.out)
        collect_judgements(config, options.tool, options.studies, options.table, *forms)
        return
    from prismake.screening import collect

    forms = (options.clusters, options.forms, options.vanished, options.out)
    match stage:
        case "title_abstract":
            collect.collect_decisions(
                stage, config, collect.screenable(options.unique, options.filters), options.unique, *forms
            )
        case "retrieval":
            collect.collect_retrieval(config, collect.kept(options.decisions), *forms)
        case "full_text":
            collect.collect_decisions(stage, config, collect.retrieved(options.retrieval), options.unique, *forms)
        case "studies":
            collect.collect_studies(config, collect.kept(options.decisions), options.unique, options.relations, *forms)


def _rank_reports(options: argparse.Namespace) -> None:
    from prismake.screening.ranking import rank_reports

    rank_reports(options.unique, options.decided, options.out, options.cache)


def _stopping(options: argparse.Namespace) -> None:
    from prismake.config import read_checked
    from prismake.screening.stopping import write_stopping

    settings = read_checked(options.config)["screening"]["stopping"]
    write_stopping(settings, options.unique, options.decided, options.full_text, options.out)


def _issue(options: argparse.Namespace) -> None:
    from prismake.config import read_checked
    from prismake.rounds import is_settled

    config, stage = read_checked(options.config), options.stage
    if stage == "pairs":
        from prismake.dedup.pairs_form import issue_pairs

        issue_pairs(config, options.records, options.clusters, options.table, options.out)
        return
    if stage == "extraction":
        from prismake.extraction.rounds import issue_extraction

        issue_extraction(config, options.unique, options.studies, is_settled(options.settled), options.out)
        return
    if stage == "risk_of_bias":
        from prismake.risk_of_bias.review import issue_judgements

        places = (options.unique, options.studies, options.table)
        issue_judgements(config, options.tool, *places, is_settled(options.settled), options.out)
        return
    from prismake.screening import issue

    if stage in ("retrieval", "studies"):
        issue.issue_sheet(
            stage, config, options.unique, options.clusters, options.table, is_settled(options.settled), options.out
        )
    else:
        places = (options.unique, options.clusters, options.out)
        issue.issue_screening(stage, config, *places, ranking=options.ranking, unscreened=options.unscreened)


def _by_study(options: argparse.Namespace) -> None:
    from prismake.config import read_checked
    from prismake.extraction.by_study import write_by_study

    config = read_checked(options.config)
    write_by_study(config, options.unique, options.studies, options.results, options.out)


def _progress(options: argparse.Namespace) -> None:
    from prismake.progress import write_progress

    write_progress(options.stages, options.out)


def _ledger(options: argparse.Namespace) -> None:
    from prismake.config import read_checked
    from prismake.prisma.review import write_review

    write_review(
        read_checked(options.config),
        records=options.records,
        clusters=options.clusters,
        unique=options.unique,
        filters=options.filters,
        title_abstract=options.title_abstract,
        retrieval=options.retrieval,
        full_text=options.full_text,
        studies=options.studies,
        unscreened=options.unscreened,
        out=options.out,
    )


def _checklists(options: argparse.Namespace) -> None:
    from prismake.report.checklists import write_checklists

    write_checklists(options.config, options.results, options.out)


def _report(options: argparse.Namespace) -> None:
    from prismake.report.build import build_report

    build_report(options.config, options.results, options.out)
