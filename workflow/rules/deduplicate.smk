# in:  results/search/sources/<source>.parquet, resources/deduplication/ (what people decided about pairs)
# out: results/records/; side effect: NEW forms in resources/deduplication/, and their log entries in resources/log/

PAIRS = answers("pairs")  # filled forms, and tables of verdicts under any other name


rule clusters:
    """Find the records that are copies of one report, and merge them."""
    input:
        records=expand("results/search/sources/{source}.parquet", source=SOURCES),
        forms=declared(PAIRS),
    output:
        clusters=update("results/records/clusters.csv"),
        unique=update("results/records/unique.parquet"),
        pairs=update("results/records/pairs.csv"),
        relations=update("results/records/relations.csv"),
        fields=update("results/records/merged_fields.csv"),
        health=update("results/records/health.csv"),
        faults=update("results/records/faults.csv"),
    log:
        "results/logs/deduplicate/clusters.log",
    benchmark:
        "results/benchmarks/deduplicate/clusters.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/deduplicate/clusters.log"),
        source=source("dedup.engine"),
        config=CONFIG,
        settings=lambda wildcards: [
            REVIEW["deduplication"]["source_order"],
            REVIEW["screening"]["people"],
        ],
        forms=lambda wildcards: ["--decisions", *PAIRS] if PAIRS else [],
        digests=digests(PAIRS),
        vanished=lambda wildcards: gone("pairs"),
    shell:
        "prismake deduplicate {input.records:q} --config {params.config:q} {params.forms:q} {params.vanished:q}"
        " --clusters {output.clusters:q} --unique {output.unique:q} --pairs {output.pairs:q}"
        " --relations {output.relations:q} --fields {output.fields:q} --health {output.health:q}"
        " --faults {output.faults:q} > {log:q} 2>&1"


rule overlap:
    """Count which sources found the same reports, as a table and a picture."""
    input:
        rules.clusters.output.unique,
    output:
        table=update("results/records/overlap.csv"),
        figure=update(
            report(
                "results/records/overlap.svg",
                caption="../report/overlap.rst",
                category="Search",
                labels={"output": "Overlap of the sources"},
            )
        ),
    log:
        "results/logs/deduplicate/overlap.log",
    benchmark:
        "results/benchmarks/deduplicate/overlap.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/deduplicate/overlap.log"),
        source=source("dedup.overlap"),
        config=CONFIG,
        settings=lambda wildcards: [
            [name, entry["database"]] for name, entry in SOURCES.items()
        ],
    shell:
        "prismake overlap {input:q} --config {params.config:q} --table {output.table:q}"
        " --figure {output.figure:q} > {log:q} 2>&1"


rule deduplicate:
    """Issue the next form with pairs of records that a person should decide about."""
    input:
        rules.overlap.output,
        records=rules.records.output,
        clusters=rules.clusters.output.clusters,
        pairs=rules.clusters.output.pairs,
        faults=rules.clusters.output.faults,
    output:
        issued=update("results/records/issued.csv"),
        waiting=update("results/records/waiting.csv"),
        progress=update("results/records/progress.csv"),
    log:
        "results/logs/deduplicate/pairs.log",
    benchmark:
        "results/benchmarks/deduplicate/pairs.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/deduplicate/pairs.log"),
        source=source("dedup.pairs_form"),
        config=CONFIG,
        settings=lambda wildcards: [
            REVIEW["deduplication"]["owner"],
            section("screening", "people", "round_size"),
            REVIEW["review"]["title"],
        ],
        forgotten=lambda wildcards: forgotten(Path("results/records/issued.csv")),
    shell:
        "prismake issue pairs --config {params.config:q} --records {input.records:q} --clusters {input.clusters:q}"
        " --table {input.pairs:q} --out results/records > {log:q} 2>&1"
