# in:  everything the stages made
# out: results/report/: report.html, and reporting checklists in checklists/


rule checklists:
    """Fill in the PRISMA checklists where the workflow knows the answer."""
    input:
        rules.search.output,
        rules.clusters.output,
        rules.overlap.output,
        rules.deduplicate.output,
        rules.title_abstract.output,
        rules.full_text.output,
        rules.screen.output,
        rules.stopping.output if STOPPING else [],
        rules.retrieval.output.table,
        rules.studies.output.table,
        rules.about_reports.output.notices,
        rules.filters.output.unused,
        rules.extract.output,
        rules.extraction.output,
        rules.risk_of_bias.output,
        rules.risk_of_bias.input,
        rules.ledger.output,
        rules.prisma.output,
    output:
        update(
            expand(
                "results/report/checklists/{checklist}.{kind}",
                checklist=[
                    "prisma_2020",
                    "prisma_2020_abstracts",
                    "prisma_s",
                    "prisma_scr",
                ],
                kind=["csv", "docx"],
            )
        ),
    log:
        "results/logs/checklists.log",
    benchmark:
        "results/benchmarks/checklists.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/checklists.log"),
        source=source("report.checklists", data=["checklists"]),
        config=CONFIG,
        settings=lambda wildcards: REVIEW,
        definition=DEFINITION.hash,
    shell:
        "prismake checklists --config {params.config:q} --results results --out results/report/checklists"
        " > {log:q} 2>&1"


rule report:
    """Write the review's report."""
    input:
        rules.checklists.input,
        rules.checklists.output,
    output:
        update(
            report(
                "results/report/report.html",
                caption="../report/report.rst",
                category="Report",
                labels={"output": "The review"},
            )
        ),
    log:
        "results/logs/report.log",
    benchmark:
        "results/benchmarks/report.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/report.log"),
        source=source("report.build", data=["checklists"]),
        config=CONFIG,
        settings=lambda wildcards: REVIEW,
        definition=DEFINITION.hash,
    shell:
        "prismake report --config {params.config:q} --results results --out {output:q} > {log:q} 2>&1"
