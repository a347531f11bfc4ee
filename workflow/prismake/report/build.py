"""report.html: one self-contained page, made of what the stages before left under results/."""

import re
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from markupsafe import Markup

from prismake import __version__
from prismake.errors import PrismakeError
from prismake.prisma.layout import lay_out
from prismake.prisma.settings import settings_of
from prismake.publish import write_text
from prismake.report import bias, evidence, extracted, methods, prioritisation, screening, sections, wording
from prismake.report.checklists import IDS, answer, read_checklist
from prismake.report.load import Review, load, read_config
from prismake.report.look_again import included_notices
from prismake.report.references import web_address
from prismake.report.status import assess, last_search
from prismake.templates import environment

TEMPLATES = Path(__file__).parent.parent / "data" / "report"
_FAULTS_SHOWN = 200


def build_report(config_path: Path, results: Path, out: Path) -> None:
    """Write the report to `out`. Raises PrismakeError when there is no flow diagram yet."""
    config, digest = read_config(Path(config_path))
    results = Path(results)
    review = load(config, results)
    diagram = results / "prisma/flow.svg"
    if not review.flow or not diagram.is_file():
        raise PrismakeError(
            "there is no flow diagram to put into the report",
            place=diagram.as_posix(),
            hint="Run `snakemake`; it makes the diagram first.",
        )
    write_text(out, render(review, digest, diagram.read_text(encoding="utf-8")))


def render(review: Review, digest: str, diagram: str) -> str:
    """The page. Everything but the pictures and the style sheet, which are ours, is escaped."""
    templates = environment(TEMPLATES)
    templates.filters |= {
        "number": wording.number,
        "count": wording.count,
        "plural": wording.plural,
        "day": wording.day,
        "stage": wording.stage,
        "sentence": wording.sentence,
        "listed": wording.listed,
        "web_address": web_address,
        "capital": wording.capital,
        "groupby_in_order": lambda rows, key: groupby(rows, attrgetter(key)),
        "breakable": _breakable,
        "drawing": lambda svg: Markup(_inline(svg)),
    }
    references = sections.list_references(review)
    by_report = sections.by_report(references)
    headings, studies = evidence.characteristics(review)
    agreement, equal = extracted.agreement_table(review)
    unresolved, unresolved_total = extracted.unresolved_values(review)
    return templates.get_template("report.html.j2").render(
        review=review.config["review"],
        config=review.config,
        people=review.person,
        loaded=review,
        status=assess(review),
        version=__version__,
        digest=digest,
        css=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        overlap=Markup(_inline(review.overlap)),
        late=review.decisions["full_text"].filter(state="duplicate").height,
        diagram=Markup(_inline(diagram)),
        last_search=last_search(review),
        abstract_methods=methods.abstract_methods(review),
        abstract_results=methods.abstract_results(review),
        methods=methods.describe_methods(review),
        headline=sections.headline(review),
        flow_table=sections.flow_table(review),
        flow_notes=lay_out(review.flow, settings_of(review.config)).notes,
        checks=review.flow["equations"],
        checklists=[(each, answer(each, review)) for each in map(read_checklist, IDS)],
        sources=sections.source_table(review),
        files=sections.files_table(review),
        reviewers=screening.reviewer_table(review),
        agreement=screening.agreement_table(review),
        reasons=screening.reason_table(review),
        yields=screening.yield_table(review),
        stopping=prioritisation.tell_stopping(review),
        frontier=Markup(_inline(prioritisation.frontier_of(review))),
        references=references,
        by_report=by_report,
        studies=sections.studies_table(review, by_report),
        notices=included_notices(review),
        headings=headings,
        characteristics=studies,
        map=evidence.map_evidence(review),
        strips=bias.strips(review),
        extraction_agreement=agreement,
        extraction_equal=equal,
        missing_values=extracted.missing_table(review),
        unresolved=unresolved,
        unresolved_total=unresolved_total,
        excluded=sections.excluded_table(review, references["excluded_eligibility"]),
        strategies=sections.strategies(review),
        known_items=review.known_items,
        software=sections.software(),
        data_files=sections.data_files(review),
        faults_shown=_FAULTS_SHOWN,
    )


def _breakable(path: str) -> Markup:
    """A path that may break into lines after each slash."""
    return Markup("/<wbr>").join(path.split("/"))


def _inline(svg: str) -> str:
    """An SVG file as an element of a page: without its XML declaration and document type."""
    return re.sub(r"^\s*(<\?xml[^>]*\?>|<!DOCTYPE[^>]*>|<!--.*?-->|\s)*", "", svg, flags=re.DOTALL)
