# in:  config, the exports it names, resources/search/<source>/<date>/ (snapshots of live searches)
# out: results/search/, results/records/all.parquet; new snapshots of live searches in resources/search/


# Both need a network, which the nodes of a cluster often lack.
localrules:
    record_search,
    refresh_search,


rule record_search:
    """Search a live source that has no snapshot yet; one that has is never asked again."""
    output:
        update("results/search/recorded/{source}.json"),
    log:
        "results/logs/search/recorded/{source}.log",
    benchmark:
        "results/benchmarks/search/recorded/{source}.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=lambda wildcards: attempts(
            f"results/logs/search/recorded/{wildcards.source}.log"
        ),
        source=source("search.recording"),
        config=CONFIG,
        # Not the first: it comes into being in this very step, which then has no reason to be done again.
        later=lambda wildcards: snapshot_dates(wildcards.source)[1:],
    shell:
        "prismake record {wildcards.source:q} --config {params.config:q}"
        " --out {output:q} > {log:q} 2>&1"


rule refresh_search:
    """Search every live source anew, into a new snapshot of today; `snakemake` then takes it up."""
    log:
        "results/logs/search/refresh.log",
    conda:
        "../envs/prismake.yaml"
    params:
        config=CONFIG,
    shell:
        "prismake refresh --config {params.config:q} > {log:q} 2>&1"


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
        settings=lambda wildcards: imported(wildcards.source),
        snapshots=lambda wildcards: recorded(wildcards.source),
    shell:
        "prismake search {wildcards.source:q} --config {params.config:q}"
        " --out {output.records:q} --report {output.told:q} > {log:q} 2>&1"


rule records:
    """Put the records of all sources into one table."""
    input:
        expand("results/search/sources/{source}.parquet", source=SOURCES),
    output:
        update("results/records/all.parquet"),
    log:
        "results/logs/search/records.log",
    benchmark:
        "results/benchmarks/search/records.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/search/records.log"),
        source=source("search.runs"),
    shell:
        "prismake gather {input:q} --out {output:q} > {log:q} 2>&1"


rule search:
    """Tell what was searched and read, run by run and file by file."""
    input:
        records=rules.records.output,
        told=expand("results/search/sources/{source}.json", source=SOURCES),
    output:
        imports=update(
            report(
                "results/search/imports.csv",
                caption="../report/imports.rst",
                category="Search",
                labels={"output": "Imported files"},
            )
        ),
        searches=update("results/search/searches.json"),
        known_items=update("results/search/known_items.csv"),
    log:
        "results/logs/search/searches.log",
    benchmark:
        "results/benchmarks/search/searches.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/search/searches.log"),
        source=source("search.runs", "search.known_items"),
        config=CONFIG,
        settings=lambda wildcards: [SOURCES, REVIEW["search"]["known_items"]],
    shell:
        "prismake searches {input.told:q} --config {params.config:q}"
        " --imports {output.imports:q} --searches {output.searches:q} --records {input.records:q}"
        " --known-items {output.known_items:q} > {log:q} 2>&1"
