# in:  results/search/sources/<source>.parquet, resources/deduplication/ (what people decided about pairs)
# out: results/records/clusters.csv, unique.parquet, pairs.csv

VERDICTS = verdicts()


rule deduplicate:
    """Find the records that are copies of one report, and merge them."""
    input:
        records=expand("results/search/sources/{source}.parquet", source=SOURCES),
        verdicts=declared(VERDICTS),
    output:
        clusters=update("results/records/clusters.csv"),
        unique=update("results/records/unique.parquet"),
        pairs=update("results/records/pairs.csv"),
        faults=update("results/records/faults.csv"),
    log:
        "results/logs/deduplicate.log",
    benchmark:
        "results/benchmarks/deduplicate.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/deduplicate.log"),
        source=source("dedup.engine"),
        verdicts=lambda wildcards: ["--decisions", *VERDICTS] if VERDICTS else [],
        digests=digests(VERDICTS),
    shell:
        "prismake deduplicate {input.records:q} {params.verdicts:q} --clusters {output.clusters:q}"
        " --unique {output.unique:q} --pairs {output.pairs:q} --faults {output.faults:q} > {log:q} 2>&1"
