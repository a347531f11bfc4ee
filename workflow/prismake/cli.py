"""The command line for people; the steps of the workflow are in steps.py. It parses, calls and prints, nothing else."""

import argparse
import io
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import prismake
from prismake.attempts import DONE
from prismake.errors import PrismakeError
from prismake.steps import add_steps, paths

_FLOW_FORMATS = "svg,outlines,png,png600,pdf,pptx,docx,html,txt,csv,json,counts,zip"


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

    sub = command("init", _init, "Start a new review in a folder.")
    sub.add_argument("folder", type=Path, nargs="?")
    sub.add_argument("--template", default="basic", metavar="NAME", help="the extraction form to begin with (basic)")
    sub.add_argument("--list-templates", action="store_true", help="what templates there are, and nothing else")

    sub = command("status", _status, "What is done, what waits for whom, what is wrong and how to mend it.")
    _add_review(sub)

    sub = command("release", _release, "Keep what the last run made, as it was submitted: resources/releases/TAG/.")
    sub.add_argument("tag", metavar="TAG", help="name of the release, such as 2026-submitted")
    sub.add_argument("--draft", action="store_true", help="release it although it is a draft")
    _add_review(sub)

    sub = command("export", _export, "Write what is to be screened as files for Rayyan, Covidence or ASReview.")
    sub.add_argument("tool", choices=("rayyan", "covidence", "asreview"))
    sub.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder for the files; none is written over"
    )
    sub.add_argument("--stage", choices=("title_abstract", "full_text"), default="title_abstract")
    sub.add_argument("--all", action="store_true", help="all reports of the stage, not only those not decided yet")
    _add_review(sub)

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
    _add_review(sub)

    sub = command("rank", _rank, "Order records that nobody has decided on yet, the most promising first.")
    paths(sub, "--records", "--decisions", "--out")
    sub.add_argument("--seed", type=int, default=0, help="for the order of what looks equally promising")

    sub = command("flow", _flow, "Draw a PRISMA 2020 flow diagram from counts.")
    sub.add_argument(
        "counts", type=Path, nargs="?", help="YAML, CSV or flow.json, or the CSV of the PRISMA2020 R package"
    )
    sub.add_argument("--template", type=Path, metavar="FILE", help="write a file to fill in (.yaml or .csv), no more")
    sub.add_argument("--out-dir", type=Path, help="folder for the diagram")
    sub.add_argument("--formats", default=_FLOW_FORMATS, help=f"some of {_FLOW_FORMATS}; all when left out")
    paths(sub, "--records", "--reports", required=False)
    sub.add_argument("--config", type=Path, metavar="FILE", help="YAML whose prisma section says how it is drawn")
    sub.add_argument("--preset", metavar="NAME", help="size of the figure, as single or double (auto)")
    sub.add_argument("--language", metavar="CODE", help="of the figure: en or zh (en)")
    sub.add_argument("--wording", metavar="NAME", help="prisma_2020 or prisma_scr (prisma_2020)")
    sub.add_argument("--grey", action="store_true", default=None, help="without colours")
    sub.add_argument("--hide-zero", action="store_true", default=None, help="without lines that count nothing")

    sub = command("diff", _diff, "Say what changed between two flow diagrams: numbers, and where records went.")
    for name in ("old", "new"):
        sub.add_argument(
            name, help="a release, or in the review's folder a folder with a flow.json or a file of counts"
        )
    sub.add_argument("--out", type=Path, metavar="FILE", help="write every change and every moved record here (CSV)")
    _add_review(sub)

    sub = command("rob", _rob, "Draw risk-of-bias judgements, and compare overall ones with the rule of the tool.")
    which = sub.add_mutually_exclusive_group(required=True)
    which.add_argument("file", type=Path, nargs="?", help="a CSV laid out for robvis, or judgements.csv")
    which.add_argument("--tools", action="store_true", help="list the tools")
    sub.add_argument("--tool", metavar="ID", help="the tool of the judgements")
    sub.add_argument("--out-dir", type=Path, help="folder for robvis.csv and the figures (SVG)")

    sub = command("strategy", _strategy, "Print the concept blocks as a search strategy for each database.")
    _add_review(sub)
    sub.add_argument("--database", help="only this one, for example ovid_embase")
    sub.add_argument("--out-dir", type=Path, help="write strategy.<database>.txt there instead of printing")

    sub = command("lint", _lint, "Look search strategies through for the errors that PRESS asks for.")
    sub.add_argument("file", type=Path, nargs="?", help="a text file with one strategy, instead of a review's")
    sub.add_argument("--database", default="", help="whose syntax the file is in, for example pubmed")
    _add_review(sub)
    sub.add_argument("--rules", action="store_true", help="list the rules")

    add_steps(command)
    return parser


def _add_review(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--review", type=Path, default=Path(), metavar="DIR", help="the review's folder; this one if left out"
    )


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


def _export(options: argparse.Namespace) -> None:
    from prismake.screening.exchange.write import export

    for path in export(options.tool, options.stage, options.review, options.out, everything=options.all):
        print(path.as_posix())


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


def _rank(options: argparse.Namespace) -> None:
    # NumPy would begin with a thread of linear algebra for each core: a quarter of the time of a call that needs none.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from prismake.screening.ranking import rank_records

    _refuse_overwriting([options.records, options.decisions], [options.out])
    rank_records(options.records, options.decisions, options.out, options.seed)


def _flow(options: argparse.Namespace) -> None:
    from prismake.prisma.draw import FILES, draw
    from prismake.prisma.flow_file import read_flow
    from prismake.prisma.settings import chosen
    from prismake.prisma.typed import write_template

    if options.template:
        write_template(options.template)
        print(f"Fill in {options.template.as_posix()}, then: prismake flow {options.template.as_posix()} --out-dir DIR")
        return
    if not options.counts or not options.out_dir:
        missing = "--out-dir" if options.counts else "the file with the counts"
        raise PrismakeError(f"{missing} is missing", hint="See prismake flow --help.")
    flow = read_flow(options.counts)
    formats = {name.strip() for name in options.formats.split(",") if name.strip()}
    if not formats:
        raise PrismakeError("no format is named", place="--formats", hint=f"Known formats: {_FLOW_FORMATS}.")
    # The counts themselves stay as they are when they lie where the pictures go.
    formats -= {name for name, file in FILES.items() if options.counts.resolve() == (options.out_dir / file).resolve()}
    for equation in flow["equations"]:
        if equation["status"] == "warned":
            print(
                f"{options.counts}: {equation['id']} does not hold: {equation['text']} ({equation['detail']})",
                file=sys.stderr,
            )
    names = ("preset", "language", "wording", "grey", "hide_zero")
    section = None
    if options.config:
        from prismake.config import read_section  # takes longer to import than a picture to draw

        section = read_section(options.config, "prisma")
    settings = chosen(section, **{name: getattr(options, name) for name in names})
    for note in draw(flow, options.out_dir, formats, options.records, options.reports, settings):
        print(note, file=sys.stderr)
    drawn = [file for name, file in FILES.items() if name in formats and (options.out_dir / file).is_file()]
    print(f"In {options.out_dir.as_posix()}: {', '.join(drawn)}")


def _diff(options: argparse.Namespace) -> None:
    from prismake.prisma.diff import as_csv, compare, describe, find_flow
    from prismake.publish import write_text

    _refuse_overwriting([options.review / name for name in (options.old, options.new)], [options.out])
    difference = compare(*(find_flow(name, options.review) for name in (options.old, options.new)))
    if options.out:
        write_text(options.out, as_csv(difference))
    print(describe(difference, options.old, options.new))


def _rob(options: argparse.Namespace) -> None:
    from prismake.risk_of_bias.tools import load_tool
    from prismake.tool_ids import tool_ids

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


if __name__ == "__main__":
    sys.exit(main())
