"""The command line: one subcommand per stage. It parses, calls and prints; what is done stands in the packages."""

import argparse
import io
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import prismake
from prismake.attempts import DONE
from prismake.errors import PrismakeError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand. 0 on success; 1, with one message on stderr, on bad input; 2 on a wrong command line."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a letter shows ? instead
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except PrismakeError as error:
        print(f"prismake: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        return 1
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(f"prismake: {place}{error.strerror or error}. Mend this and run again.", file=sys.stderr)
        return 1
    if "PRISMAKE_STEP" in os.environ:
        print(DONE)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="prismake", description=prismake.__doc__)
    parser.add_argument("--version", action="version", version=f"prismake {prismake.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run, help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(run=run)
        return added

    def paths(to: argparse.ArgumentParser, *names: str, required: bool = True) -> None:
        for name in names:
            to.add_argument(name, type=Path, required=required)

    sub = command("init", _init, "Start a new review in a folder.")
    sub.add_argument("folder", type=Path, nargs="?")
    sub.add_argument("--template", default="basic", metavar="NAME", help="the extraction form to begin with (basic)")
    sub.add_argument("--list-templates", action="store_true", help="what templates there are, and nothing else")

    sub = command("status", _status, "What is done, what waits for whom, what is wrong and how to mend it.")
    sub.add_argument(
        "--review", type=Path, default=Path(), metavar="DIR", help="the review's folder; this one if left out"
    )

    sub = command("release", _release, "Keep what the last run made, as it was submitted: resources/releases/TAG/.")
    sub.add_argument("tag", metavar="TAG", help="name of the release, such as 2026-submitted")
    sub.add_argument("--draft", action="store_true", help="release it although it is a draft")
    sub.add_argument(
        "--review", type=Path, default=Path(), metavar="DIR", help="the review's folder; this one if left out"
    )

    sub = command("import", _import, "Read exports into one table of records.")
    sub.add_argument("files", nargs="+", metavar="FILE")
    sub.add_argument("--source", required=True, metavar="ID", help="first part of every record's id")
    sub.add_argument("--out", type=Path, required=True, help="the table (Parquet)")
    sub.add_argument("--declared", type=int, help="number of records the database declared; the import is checked")
    sub.add_argument("--date", help="day of the search, as 2026-11-24")
    sub.add_argument("--report", type=Path, help="what was read, a row per file (TSV)")

    sub = command("deduplicate", _deduplicate, "Find the records that are copies of one report, and merge them.")
    sub.add_argument("records", nargs="+", type=Path)
    paths(sub, "--clusters", "--unique", "--pairs")
    sub.add_argument("--decisions", nargs="+", type=Path, default=[], help="what people decided about pairs")
    sub.add_argument("--relations", type=Path, help="write reports that belong together and are no copies here (CSV)")
    sub.add_argument("--fields", type=Path, help="write which record each merged value comes from here (CSV)")
    sub.add_argument("--health", type=Path, help="write which fields of which file look wrong here (CSV)")
    sub.add_argument("--faults", type=Path, help="write what is wrong in the decisions here (CSV) instead of stopping")
    sub.add_argument("--config", type=Path, help="checked configuration of the review: its people, its source order")
    sub.add_argument("--vanished", nargs="+", default=[], help="forms that were issued and are gone")

    sub = command("explain", _explain, "Say why two records are one report or two.")
    sub.add_argument("record_ids", nargs=2, metavar="RECORD", help="id of a record, as in clusters.csv")
    sub.add_argument("--records", nargs="+", type=Path, help="tables of records; those of the review if left out")
    sub.add_argument("--decisions", nargs="+", type=Path, help="what people decided; in a review, its own files")
    sub.add_argument(
        "--review", type=Path, default=Path(), metavar="DIR", help="the review's folder; this one if left out"
    )

    sub = command("overlap", _overlap, "Count which sources found the same reports (a step of the workflow).")
    sub.add_argument("unique", type=Path)
    paths(sub, "--config", "--table", "--figure")

    sub = command("flow", _flow, "Draw a PRISMA 2020 flow diagram from counts.")
    sub.add_argument("counts", type=Path, help="flow.json, or the CSV of the PRISMA2020 R package")
    paths(sub, "--out-dir")
    sub.add_argument("--formats", default="svg,png,html,csv,json", help="some of svg,png,html,csv,json")
    paths(sub, "--records", "--reports", required=False)

    sub = command("rob", _rob, "Draw risk-of-bias judgements, and compare overall ones with the rule of the tool.")
    which = sub.add_mutually_exclusive_group(required=True)
    which.add_argument("file", type=Path, nargs="?", help="a CSV laid out for robvis, or judgements.csv")
    which.add_argument("--tools", action="store_true", help="list the tools")
    sub.add_argument("--tool", metavar="ID", help="the tool of the judgements")
    sub.add_argument("--out-dir", type=Path, help="folder for robvis.csv and the figures (SVG)")

    sub = command("strategy", _strategy, "Print the concept blocks as a search strategy for each database.")
    sub.add_argument(
        "--review", type=Path, default=Path(), metavar="DIR", help="the review's folder; this one if left out"
    )
    sub.add_argument("--database", help="only this one, for example ovid_embase")
    sub.add_argument("--out-dir", type=Path, help="write strategy.<database>.txt there instead of printing")

    sub = command("lint", _lint, "Look search strategies through for the errors that PRESS asks for.")
    sub.add_argument("file", type=Path, nargs="?", help="a text file with one strategy, instead of a review's")
    sub.add_argument("--database", default="", help="whose syntax the file is in, for example pubmed")
    sub.add_argument(
        "--review", type=Path, default=Path(), metavar="DIR", help="the review's folder; this one if left out"
    )
    sub.add_argument("--rules", action="store_true", help="list the rules")

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
    paths(sub, "--config", "--out")

    stages = ("title_abstract", "retrieval", "full_text", "studies", "extraction", "risk_of_bias")
    sub = command("collect", _collect, "Read the forms of one stage (a step of the workflow).")
    sub.add_argument("stage", choices=stages)
    paths(sub, "--config", "--out")
    paths(sub, "--unique", "--clusters", "--filters", "--decisions", "--retrieval", "--studies", required=False)
    paths(sub, "--relations", "--table", required=False)
    sub.add_argument("--tool", default="")
    sub.add_argument("--forms", nargs="+", default=[])
    sub.add_argument("--vanished", nargs="+", default=[])

    sub = command("issue", _issue, "Issue the next forms of one stage (a step of the workflow).")
    sub.add_argument("stage", choices=("pairs", *stages))
    paths(sub, "--config", "--out")
    paths(sub, "--unique", "--records", "--clusters", "--table", "--studies", required=False)
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

    sub = command("report", _report, "Write the report (a step of the workflow).")
    paths(sub, "--config", "--results", "--out")
    return parser


# Each function imports what it needs when it is called: a command starts as fast as its own stage allows.


def _init(options: argparse.Namespace) -> None:
    from prismake.start import list_templates, start_review

    if options.list_templates:
        print(list_templates())
        return
    if not options.folder:
        raise PrismakeError("the folder of the new review is missing", hint="See prismake init --help.")
    print(start_review(options.folder, options.template))


def _status(options: argparse.Namespace) -> None:
    from prismake.config import read_config
    from prismake.report.status import render_text, status

    config = read_config(options.review)
    print(render_text(status(config, options.review / "results")))


def _release(options: argparse.Namespace) -> None:
    from prismake.release import make_release

    print(f"Released: {make_release(options.review, options.tag, draft=options.draft).as_posix()}")


def _refuse_overwriting(inputs: Iterable[str | Path], outputs: Iterable[Path | None]) -> None:
    given = {Path(path).resolve() for path in inputs}
    for path in outputs:
        if path and path.resolve() in given:
            raise PrismakeError(
                "this file is read here and would be overwritten", place=str(path), hint="Choose another."
            )


def _import(options: argparse.Namespace) -> None:
    from prismake.importers import import_files, write_report
    from prismake.records import write_parquet

    _refuse_overwriting(options.files, [options.out, options.report])

    frame, files = import_files(
        options.files, source_id=options.source, run_date=options.date, declared=options.declared
    )
    write_parquet(options.out, frame)
    if options.report:
        write_report(options.report, files)
    for file in files:
        print(f"{file.path}: {file.parsed} records ({file.format}, {file.encoding})")
        for warning in file.warnings:
            print(f"{file.path}: {warning}", file=sys.stderr)


def _deduplicate(options: argparse.Namespace) -> None:
    from prismake.config import read_checked
    from prismake.dedup import engine
    from prismake.dedup.decisions import KIND
    from prismake.forms import missing
    from prismake.records import read_parquet

    tables = [options.relations, options.fields, options.health, options.faults]
    outputs = [options.clusters, options.unique, options.pairs, *tables]
    _refuse_overwriting([*options.records, *options.decisions], outputs)
    config = read_checked(options.config) if options.config else None
    people = config["screening"]["people"] if config else () if options.faults else None
    order = config["deduplication"]["source_order"] if config else ()
    records = [read_parquet(path) for path in options.records]
    result = engine.deduplicate(records, options.decisions, people=people, order=order)
    engine.write(result, options.clusters, options.unique, options.pairs)
    faults = [*engine.list_faults(result), *(missing(path, KIND) for path in options.vanished)]
    engine.write_more(result, order, faults, *tables)
    for note in [*result.health, *faults]:
        print(note, file=sys.stderr)


def _explain(options: argparse.Namespace) -> None:
    from prismake.dedup.explain import explain_records
    from prismake.dedup.review import review_files
    from prismake.records import read_parquet

    tables, decisions = options.records, options.decisions or []
    if not tables:
        tables, found = review_files(options.review)
        decisions = options.decisions or found
    print(explain_records(*options.record_ids, [read_parquet(path) for path in tables], decisions))


def _overlap(options: argparse.Namespace) -> None:
    from prismake.config import read_checked
    from prismake.dedup.overlap import write_overlap

    sources = read_checked(options.config)["search"]["sources"]
    names = {name: source["database"] for name, source in sources.items()}
    write_overlap(options.unique, names, options.table, options.figure)


def _flow(options: argparse.Namespace) -> None:
    from prismake.prisma.draw import draw
    from prismake.prisma.flow_file import read_flow

    flow = read_flow(options.counts)
    formats = {name.strip() for name in options.formats.split(",") if name.strip()}
    # The counts themselves stay as they are when they lie where the pictures go.
    formats -= {
        name for name in ("json", "csv") if options.counts.resolve() == (options.out_dir / f"flow.{name}").resolve()
    }
    for equation in flow["equations"]:
        if not equation["holds"]:
            print(
                f"{options.counts}: {equation['id']} does not hold: {equation['text']} ({equation['detail']})",
                file=sys.stderr,
            )
    for note in draw(flow, options.out_dir, formats, options.records, options.reports):
        print(note, file=sys.stderr)


def _rob(options: argparse.Namespace) -> None:
    from prismake.risk_of_bias.tools import load_tool, tool_ids

    if options.tools:
        for tool in map(load_tool, tool_ids()):
            print(f"{tool.id:17} {tool.title} ({tool.version}). {tool.scope}; judges each {tool.unit}.")
        return
    if not options.tool or not options.out_dir:
        raise PrismakeError(f"{'--out-dir' if options.tool else '--tool'} is missing", hint="See prismake rob --help.")
    from prismake.risk_of_bias.outputs import draw_file

    for note in draw_file(load_tool(options.tool), options.file, options.out_dir):
        print(note)


def _strategy(options: argparse.Namespace) -> None:
    from prismake.config import read_config
    from prismake.search.strategies.texts import print_strategies

    for line in print_strategies(read_config(options.review)["search"], options.database, options.out_dir):
        print(line)


def _lint(options: argparse.Namespace) -> None:
    from prismake.search.strategies.texts import lint_file, lint_review, list_rules

    if options.rules:
        found = list_rules()
    elif options.file:
        found = lint_file(options.file, options.database)
    else:
        found = lint_review(options.review)
    for line in found:
        print(line)


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
    filter_reports(config["screening"]["filters"], options.records, options.clusters, options.out, previous)


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
            collect.collect_decisions(stage, config, collect.screenable(options.unique, options.filters), *forms)
        case "retrieval":
            collect.collect_retrieval(config, collect.kept(options.decisions), *forms)
        case "full_text":
            collect.collect_decisions(stage, config, collect.retrieved(options.retrieval), *forms)
        case "studies":
            collect.collect_studies(config, collect.kept(options.decisions), options.unique, options.relations, *forms)


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
        issue.issue_sheet(stage, config, options.unique, options.clusters, options.table, options.settled, options.out)
    else:
        issue.issue_screening(stage, config, options.unique, options.clusters, options.out)


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
        out=options.out,
    )


def _report(options: argparse.Namespace) -> None:
    from prismake.report.build import build_report

    build_report(options.config, options.results, options.out)


if __name__ == "__main__":
    sys.exit(main())
