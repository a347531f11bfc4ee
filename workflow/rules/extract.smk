# in:  results/screening/studies.csv, results/records/, config/forms/*.yaml, the forms in resources/extraction/
# out: results/extraction/; side effect: NEW forms in resources/extraction/
EXTRACTION_KINDS = ("extraction", "extraction_supplement", "extraction_consensus")
EXTRACTION = answers(*EXTRACTION_KINDS)


rule extraction:
    """Read the extraction forms back into one tidy table per level."""
    input:
        studies=rules.studies.output.table,
        forms=declared(EXTRACTION),
    output:
        levels=[
            update(
                report(
                    f"results/extraction/{level}.csv",
                    caption="../report/extraction.rst",
                    category="Extraction",
                    labels={"output": f"Extracted data: {level}"},
                )
            )
            for level in DEFINITION.levels
        ],
        values=[
            update(
                report(
                    f"results/extraction/{level}_values.csv",
                    caption="../report/extraction_values.rst",
                    category="Extraction",
                    labels={"output": f"Every value and its origin: {level}"},
                )
            )
            for level in DEFINITION.levels
        ],
        agreement=update("results/extraction/agreement.csv"),
        set_aside=update("results/extraction/set_aside.csv"),
        progress=[
            update(f"results/extraction/forms/{name}")
            for name in (
                "studies.csv",
                "outcomes.csv",
                "supplements.json",
                "questions.json",
                "faults.csv",
            )
        ],
    log:
        "results/logs/extract/extraction.log",
    benchmark:
        "results/benchmarks/extract/extraction.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/extract/extraction.log"),
        source=source("extraction.review"),
        config=CONFIG,
        definition=DEFINITION.hash,
        forms=lambda wildcards: given(EXTRACTION),
        digests=digests(EXTRACTION),
        vanished=lambda wildcards: gone(*EXTRACTION_KINDS),
        people=section("screening", "people"),
        settings=section("extraction", "people", "double"),
    shell:
        "prismake collect extraction --config {params.config:q} --studies {input.studies:q}"
        " {params.forms:q} {params.vanished:q} --out results/extraction > {log:q} 2>&1"


rule by_study:
    """Put all that is known of each included study on a sheet of its own, to read and to print."""
    input:
        studies=rules.studies.output.table,
        unique=rules.clusters.output.unique,
        values=rules.extraction.output.values,
    output:
        update(
            report(
                "results/extraction/by_study.xlsx",
                caption="../report/by_study.rst",
                category="Extraction",
                labels={"output": "Each study on a page"},
            )
        ),
    log:
        "results/logs/extract/by_study.log",
    benchmark:
        "results/benchmarks/extract/by_study.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/extract/by_study.log"),
        source=source("extraction.by_study"),
        config=CONFIG,
        definition=DEFINITION.hash,
    shell:
        "prismake by-study --config {params.config:q} --unique {input.unique:q} --studies {input.studies:q}"
        " --results results/extraction --out {output:q} > {log:q} 2>&1"


rule issue_extraction:
    """Issue extraction forms for the included studies."""
    input:
        studies=rules.studies.output.table,
        unique=rules.clusters.output.unique,
        progress=rules.extraction.output.progress,
        settled=[
            rules.title_abstract.output.decisions,
            *UNSCREENED,
            rules.retrieval.output.table,
            rules.full_text.output.decisions,
            rules.studies.output.table,
        ],
    output:
        issued=update("results/extraction/forms/issued.csv"),
        waiting=update("results/extraction/forms/waiting.csv"),
    log:
        "results/logs/extract/issue_extraction.log",
    benchmark:
        "results/benchmarks/extract/issue_extraction.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/extract/issue_extraction.log"),
        source=source("extraction.rounds"),
        config=CONFIG,
        definition=DEFINITION.hash,
        settings=lambda wildcards: [
            REVIEW["extraction"],
            REVIEW["screening"]["people"],
            REVIEW["review"]["title"],
        ],
        forgotten=lambda wildcards: forgotten(
            Path("results/extraction/forms/issued.csv")
        ),
    shell:
        "prismake issue extraction --config {params.config:q} --unique {input.unique:q}"
        " --studies {input.studies:q} --settled {input.settled:q}"
        " --out results/extraction/forms > {log:q} 2>&1"


rule extract:
    """Where extraction stands: per form, per person, and what is wrong."""
    input:
        rules.extraction.output,
        rules.by_study.output,
        rules.issue_extraction.output,
    output:
        update("results/extraction/progress.csv"),
        update("results/extraction/waiting.csv"),
        update("results/extraction/faults.csv"),
    log:
        "results/logs/extract/progress.log",
    benchmark:
        "results/benchmarks/extract/progress.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/extract/progress.log"),
        source=source("progress"),
    shell:
        "prismake progress results/extraction/forms --out results/extraction > {log:q} 2>&1"
