# in:  config, the exports it names, resources/search/<source>/<date>/ (snapshots of live searches)
# out: results/search/, results/records/all.parquet


rule import_source:
    """Read every run of one source, with its counts reconciled."""
    input:
        delivered,
    output:
        records=update("results/search/sources/{source}.parquet"),
        told=update("results/search/sources/{source}.json"),
    log:
        "results/logs/search/sources/{source}.log",
    benchmark:
        "results/benchmarks/search/sources/{source}.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=lambda wildcards: attempts(
            f"results/logs/search/sources/{wildcards.source}.log"
        ),
        source=source("search.runs"),
        config=CONFIG,
        settings=lambda wildcards: SOURCES[wildcards.source],
    shell:
        "prismake search {wildcards.source:q} --config {params.config:q}"
        " --out {output.records:q} --report {output.told:q} > {log:q} 2>&1"


rule search:
    """Put the records of all sources into one table."""
    input:
        records=expand("results/search/sources/{source}.parquet", source=SOURCES),
        told=expand("results/search/sources/{source}.json", source=SOURCES),
    output:
        records=update("results/records/all.parquet"),
        imports=update(
            report(
                "results/search/imports.csv",
                caption="../report/imports.rst",
                category="Search",
                labels={"output": "Imported files"},
            )
        ),
        searches=update("results/search/searches.json"),
    log:
        "results/logs/search/all.log",
    benchmark:
        "results/benchmarks/search/all.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/search/all.log"),
        source=source("search.runs"),
    shell:
        "prismake gather {input.records:q} --reports {input.told:q} --out {output.records:q}"
        " --imports {output.imports:q} --searches {output.searches:q} > {log:q} 2>&1"
