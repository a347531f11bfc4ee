"""The truth about the records: which are copies of one report."""

import csv
import io

from findings import RUNS
from reports import Report


def truth_csv(reports: list[Report]) -> str:
    """record_id, cluster_id (the same one = the same report), and how the report is related to another one."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["record_id", "cluster_id", "relation"])
    for source in RUNS:
        for report in reports:
            for accession in report.accessions.get(source, ()):
                writer.writerow([f"{source}:{accession}", report.key, report.relation])
    return buffer.getvalue()
