# From the reports that title and abstract kept to the studies they describe, and where all of screening stands.
#
# in:  results/screening/title_abstract/, the forms in resources/screening/, resources/retrieval/, resources/studies/
# out: results/screening/; side effect: NEW forms in those folders, and their log entries in resources/log/


FULL_TEXT = answers("full_text", "full_text_conflicts")
RETRIEVAL = answers("retrieval")
STUDIES = answers("studies")
SCREENING = ("title_abstract", "retrieval", "full_text", "studies")


rule retrieval:
    """Collect what was retrieved."""
    input:
        clusters=rules.clusters.output.clusters,
        decisions=rules.title_abstract.output.decisions,
        forms=declared(RETRIEVAL),
    output:
        table=update("results/screening/retrieval.csv"),
        faults=update("results/screening/retrieval/faults.csv"),
    log:
        "results/logs/screen/retrieval.log",
    benchmark:
        "results/benchmarks/screen/retrieval.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/screen/retrieval.log"),
        source=source("screening.collect"),
        config=CONFIG,
        settings=section("screening", "people"),
        forms=lambda wildcards: given(RETRIEVAL),
        digests=digests(RETRIEVAL),
        vanished=lambda wildcards: gone("retrieval"),
    shell:
        "prismake collect retrieval --config {params.config:q} --clusters {input.clusters:q}"
        " --decisions {input.decisions:q} {params.forms:q} {params.vanished:q} --out results/screening > {log:q} 2>&1"


rule about_reports:
    """Find the files of full texts by their names, and what the records say of retractions and corrections."""
    input:
        records=rules.records.output,
        clusters=rules.clusters.output.clusters,
        unique=rules.clusters.output.unique,
        relations=rules.clusters.output.relations,
    output:
        full_texts=update("results/screening/fulltext.csv"),
        notices=update("results/screening/notices.csv"),
    log:
        "results/logs/screen/about_reports.log",
    benchmark:
        "results/benchmarks/screen/about_reports.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/screen/about_reports.log"),
        source=source("screening.fulltext", "screening.notices", "screening.reports"),
        names=full_texts(),
    shell:
        "prismake about-reports --records {input.records:q} --clusters {input.clusters:q} --unique {input.unique:q}"
        " --relations {input.relations:q} --full-texts {output.full_texts:q} --notices {output.notices:q} > {log:q} 2>&1"


rule issue_retrieval:
    """Issue the retrieval sheet for the reports that were kept."""
    input:
        clusters=rules.clusters.output.clusters,
        unique=rules.clusters.output.unique,
        table=rules.retrieval.output.table,
        about=rules.about_reports.output,
        settled=[rules.title_abstract.output.decisions, *UNSCREENED],
        faults=rules.retrieval.output.faults,
    output:
        issued=update("results/screening/retrieval/issued.csv"),
        waiting=update("results/screening/retrieval/waiting.csv"),
    log:
        "results/logs/screen/issue_retrieval.log",
    benchmark:
        "results/benchmarks/screen/issue_retrieval.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/screen/issue_retrieval.log"),
        source=source("screening.issue"),
        config=CONFIG,
        settings=lambda wildcards: [
            section("screening", "people", "round_size"),
            REVIEW["retrieval"],
            REVIEW["review"]["title"],
        ],
        forgotten=lambda wildcards: forgotten(
            Path("results/screening/retrieval/issued.csv")
        ),
    shell:
        "prismake issue retrieval --config {params.config:q} --unique {input.unique:q} --clusters {input.clusters:q}"
        " --table {input.table:q} --settled {input.settled:q} --out results/screening/retrieval > {log:q} 2>&1"


rule full_text:
    """Collect what people decided on full texts, and settle it by the protocol."""
    input:
        clusters=rules.clusters.output.clusters,
        unique=rules.clusters.output.unique,
        retrieval=rules.retrieval.output.table,
        forms=declared(FULL_TEXT),
    output:
        votes=update("results/screening/full_text/votes.csv"),
        log=update("results/screening/full_text/log.csv"),
        unmatched=update("results/screening/full_text/unmatched.csv"),
        decisions=update("results/screening/full_text/decisions.csv"),
        agreement=update("results/screening/full_text/agreement.csv"),
        faults=update("results/screening/full_text/faults.csv"),
        unchecked=update("results/screening/full_text/unchecked.csv"),
    log:
        "results/logs/screen/full_text.log",
    benchmark:
        "results/benchmarks/screen/full_text.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/screen/full_text.log"),
        source=source("screening.collect"),
        config=CONFIG,
        settings=section(
            "screening", "policy", "reviewers_per_record", "reasons", "people"
        ),
        forms=lambda wildcards: given(FULL_TEXT),
        digests=digests(FULL_TEXT),
        vanished=lambda wildcards: gone("full_text", "full_text_conflicts"),
    shell:
        "prismake collect full_text --config {params.config:q} --unique {input.unique:q} --clusters {input.clusters:q}"
        " --retrieval {input.retrieval:q} {params.forms:q} {params.vanished:q} --out results/screening/full_text > {log:q} 2>&1"


rule issue_full_text:
    """Issue the next rounds of full-text screening, and the conflicts for the adjudicator."""
    input:
        clusters=rules.clusters.output.clusters,
        unique=rules.clusters.output.unique,
        decisions=rules.full_text.output.decisions,
        votes=rules.full_text.output.votes,
        about=rules.about_reports.output,
        agreement=rules.full_text.output.agreement,
        faults=rules.full_text.output.faults,
    output:
        issued=update("results/screening/full_text/issued.csv"),
        waiting=update("results/screening/full_text/waiting.csv"),
    log:
        "results/logs/screen/issue_full_text.log",
    benchmark:
        "results/benchmarks/screen/issue_full_text.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/screen/issue_full_text.log"),
        source=source("screening.issue"),
        config=CONFIG,
        settings=lambda wildcards: [
            section("screening", "people", "adjudicator", "policy"),
            section(
                "screening",
                "reviewers_per_record",
                "round_size",
                "reasons",
                "highlight",
            ),
            section("review", "title", "eligibility"),
        ],
        forgotten=lambda wildcards: forgotten(
            Path("results/screening/full_text/issued.csv")
        ),
    shell:
        "prismake issue full_text --config {params.config:q} --unique {input.unique:q} --clusters {input.clusters:q}"
        " --out results/screening/full_text > {log:q} 2>&1"


rule studies:
    """Collect which studies the included reports describe."""
    input:
        clusters=rules.clusters.output.clusters,
        unique=rules.clusters.output.unique,
        relations=rules.clusters.output.relations,
        decisions=rules.full_text.output.decisions,
        forms=declared(STUDIES),
    output:
        table=update("results/screening/studies.csv"),
        faults=update("results/screening/studies/faults.csv"),
    log:
        "results/logs/screen/studies.log",
    benchmark:
        "results/benchmarks/screen/studies.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/screen/studies.log"),
        source=source("screening.collect"),
        config=CONFIG,
        settings=[section("screening", "people"), REVIEW["studies"]],
        forms=lambda wildcards: given(STUDIES),
        digests=digests(STUDIES),
        vanished=lambda wildcards: gone("studies"),
    shell:
        "prismake collect studies --config {params.config:q} --unique {input.unique:q} --clusters {input.clusters:q}"
        " --relations {input.relations:q} --decisions {input.decisions:q} {params.forms:q} {params.vanished:q} --out results/screening > {log:q} 2>&1"


rule issue_studies:
    """Issue the studies sheet for the included reports."""
    input:
        clusters=rules.clusters.output.clusters,
        unique=rules.clusters.output.unique,
        table=rules.studies.output.table,
        about=rules.about_reports.output,
        settled=[
            rules.title_abstract.output.decisions,
            *UNSCREENED,
            rules.retrieval.output.table,
            rules.full_text.output.decisions,
        ],
        faults=rules.studies.output.faults,
    output:
        issued=update("results/screening/studies/issued.csv"),
        waiting=update("results/screening/studies/waiting.csv"),
    log:
        "results/logs/screen/issue_studies.log",
    benchmark:
        "results/benchmarks/screen/issue_studies.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/screen/issue_studies.log"),
        source=source("screening.issue"),
        config=CONFIG,
        settings=lambda wildcards: [
            section("screening", "people", "round_size"),
            REVIEW["studies"],
            REVIEW["review"]["title"],
        ],
        forgotten=lambda wildcards: forgotten(
            Path("results/screening/studies/issued.csv")
        ),
    shell:
        "prismake issue studies --config {params.config:q} --unique {input.unique:q} --clusters {input.clusters:q}"
        " --table {input.table:q} --settled {input.settled:q} --out results/screening/studies > {log:q} 2>&1"


rule screen:
    """Where screening stands: per form, per person, what is wrong, and how well people agree."""
    input:
        [
            [f"results/screening/{stage}/{table}.csv" for stage in SCREENING]
            for table in ("faults", "issued", "waiting")
        ],
        rules.title_abstract.output.agreement,
        rules.title_abstract.output.log,
        rules.title_abstract.output.unmatched,
        rules.full_text.output.agreement,
        rules.full_text.output.log,
        rules.full_text.output.unmatched,
    output:
        update("results/screening/progress.csv"),
        update("results/screening/waiting.csv"),
        update("results/screening/faults.csv"),
        update("results/screening/log.csv"),
        update("results/screening/unmatched.csv"),
        update(
            report(
                "results/screening/agreement.csv",
                caption="../report/agreement.rst",
                category="Screening",
                labels={"output": "Agreement between reviewers"},
            )
        ),
    log:
        "results/logs/screen/progress.log",
    benchmark:
        "results/benchmarks/screen/progress.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/screen/progress.log"),
        source=source("progress"),
        stages=[f"results/screening/{stage}" for stage in SCREENING],
    shell:
        "prismake progress {params.stages:q} --out results/screening > {log:q} 2>&1"
