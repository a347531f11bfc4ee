"""What to look at again though no form is wrong: notices on included reports, full texts and imported fields that do
not fit."""

from prismake.previous import EARLIER
from prismake.prisma.box_table import OF_EARLIER_STUDIES
from prismake.report.load import Review
from prismake.report.tables import Row
from prismake.report.wording import count

Remarks = list[tuple[str, list[str]]]  # what it is, and its lines
DOUBTED = ("retracted", "expression of concern")  # notices with which a report should not be included unseen


def included_notices(review: Review) -> list[Row]:
    """What the records say of retractions and corrections of included reports; retractions first."""
    included = {row["report_id"] for row in review.cited if row["state"] == "included"}
    found = [row for row in review.notices if row["report_id"] in included]
    return sorted(found, key=lambda row: (row["notice"] not in DOUBTED, row["notice"], row["report_id"], row["detail"]))


def look_again(review: Review) -> Remarks:
    """Included reports that were retracted or put in doubt, decisions and full texts that do not fit what people wrote
    elsewhere, forms that lost their check, filters that fit nothing, and fields of imported files that look wrong."""
    doubted = [row for row in included_notices(review) if row["notice"] in DOUBTED]
    blank, missed, strange = [], [], []
    for row in review.full_texts:
        outcome = review.retrieval.get(row["report_id"], {}).get("outcome")
        if row["problem"]:
            strange.append(f"{row['file']}: {row['problem']}")
        elif outcome == "pending":
            blank.append(f"{row['report_id']}: {row['file']}")
        elif outcome == "not_retrieved":
            missed.append(f"{row['report_id']}: {row['file']}")
    read = sorted(set(review.votes["full_text"]["report_id"]))
    earlier = set(review.reports.filter(state=EARLIER)["report_id"])  # an earlier version decided on them to the end
    read = [report for report in read if report not in earlier]
    outcomes = {report: review.retrieval.get(report, {}).get("outcome", "dropped") for report in read}
    remarks = [
        (
            "Included reports that were retracted or put in doubt: decide again, or tell why they stay",
            [f"{row['report_id']}: {row['notice']} ({row['detail']})" for row in doubted],
        ),
        (
            "Adjudicated on one record, decided otherwise by people on a duplicate of it: decide again, or leave it",
            [
                f"{row['report_id']}: {row['record_id']}: {row['decisions']}; adjudicated on {row['adjudicated']}"
                for row in review.overruled
            ],
        ),
        (
            "New reports of studies that an earlier version included: see whether they change what was extracted",
            [
                report
                for line in review.flow.get("boxes", {}).get("new_reports", {}).get("items", ())
                if line["label"] == OF_EARLIER_STUDIES
                for report in line["ids"]
            ],
        ),
        (
            "Full text decided on, the outcome says not retrieved: correct the retrieval sheet, or clear the decisions",
            [report for report in read if outcomes[report] == "not_retrieved"],
        ),
        (
            "Full text decided on, but no longer kept on title and abstract, so that these decisions rest",
            [report for report in read if outcomes[report] == "dropped"],
        ),
        ("A full text is there, the outcome is blank: choose 'retrieved' on the retrieval sheet", blank),
        ("A full text is there, the outcome says not retrieved: correct the retrieval sheet, or take it away", missed),
        ("Files in resources/fulltext that are of no report", strange),
        (
            "Forms that lack the column check or title: all votes count, but rows torn apart by a sort cannot be told",
            review.unchecked,
        ),
        (
            "Filters that fit no record (perhaps misspelt): correct them in screening.filters",
            [f"{row['setting']}: {row['value']}" for row in review.unused_filters],
        ),
        (
            "Fields of imported files that look wrong",
            [
                f"{row['file'] or row['source_id']}: {row['problem']} ({count(int(row['records']), 'record')})"
                for row in review.health
            ],
        ),
    ]
    return [(what, lines) for what, lines in remarks if lines]
