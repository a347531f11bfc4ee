# in:  results/records/, results/screening/
# out: results/prisma/: the ledger (records, reports, report_study), flow.json and the pictures of it


rule ledger:
    """Follow every record to where it ended, and count the PRISMA boxes from that."""
    input:
        records=rules.records.output,
        clusters=rules.clusters.output.clusters,
        unique=rules.clusters.output.unique,
        filters=rules.filters.output.table,
        title_abstract=rules.title_abstract.output.decisions,
        retrieval=rules.retrieval.output.table,
        full_text=rules.full_text.output.decisions,
        studies=rules.studies.output.table,
        unscreened=UNSCREENED,
        previous=release_files(REVIEW["review"]["previous"]),
    output:
        records=update("results/prisma/records.csv"),
        reports=update("results/prisma/reports.csv"),
        report_study=update("results/prisma/report_study.csv"),
        flow=update(
            report(
                "results/prisma/flow.json",
                caption="../report/flow_json.rst",
                category="PRISMA flow",
                labels={"output": "Counts and ids"},
            )
        ),
    log:
        "results/logs/prisma/ledger.log",
    benchmark:
        "results/benchmarks/prisma/ledger.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/prisma/ledger.log"),
        source=source("prisma.review"),
        config=CONFIG,
        unscreened=["--unscreened", *UNSCREENED] if UNSCREENED else [],
        settings=lambda wildcards: [
            REVIEW["review"]["title"],
            REVIEW["review"]["previous"],
            REVIEW["screening"]["reasons"],
            section("prisma", "explanations", "meta_analysis"),
            {name: (s["database"], s["kind"]) for name, s in SOURCES.items()},
        ],
    shell:
        "prismake ledger --config {params.config:q} --records {input.records:q} --clusters {input.clusters:q}"
        " --unique {input.unique:q} --filters {input.filters:q} --title-abstract {input.title_abstract:q}"
        " --retrieval {input.retrieval:q} --full-text {input.full_text:q} --studies {input.studies:q}"
        " {params.unscreened:q} --out results/prisma > {log:q} 2>&1"


rule prisma:
    """Draw the PRISMA 2020 flow diagram."""
    input:
        flow=rules.ledger.output.flow,
        records=rules.ledger.output.records,
        reports=rules.ledger.output.reports,
        report_study=rules.ledger.output.report_study,
    output:
        update(
            report(
                "results/prisma/flow.svg",
                caption="../report/flow.rst",
                category="PRISMA flow",
                labels={"output": "Diagram"},
            )
        ),
        update(
            expand(
                "results/prisma/{file}",
                file=[
                    "flow.png",
                    "flow.pdf",
                    "flow.pptx",
                    "flow.docx",
                    "flow.txt",
                    "counts_long.csv",
                ],
            )
        ),
        update(
            report(
                "results/prisma/prisma_flow.zip",
                caption="../report/flow_zip.rst",
                category="PRISMA flow",
                labels={"output": "Diagram in all formats"},
            )
        ),
        update(
            report(
                "results/prisma/flow.html",
                caption="../report/flow_page.rst",
                category="PRISMA flow",
                labels={"output": "Diagram with its records"},
            )
        ),
        update(
            report(
                "results/prisma/flow.csv",
                caption="../report/flow_csv.rst",
                category="PRISMA flow",
                labels={"output": "Counts for the PRISMA2020 R package"},
            )
        ),
    log:
        "results/logs/prisma/draw.log",
    benchmark:
        "results/benchmarks/prisma/draw.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/prisma/draw.log"),
        source=source("prisma.draw", data=["fonts"]),
        config=CONFIG,
        settings=lambda wildcards: REVIEW["prisma"],
    shell:
        "prismake flow {input.flow:q} --config {params.config:q} --out-dir results/prisma"
        " --formats svg,png,pdf,pptx,docx,html,txt,csv,counts,zip"
        " --records {input.records:q} --reports {input.reports:q} > {log:q} 2>&1"
