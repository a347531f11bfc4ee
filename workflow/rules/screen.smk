# Screening on title and abstract.
#
# in:  results/records/, the forms in resources/screening/
# out: results/screening/; side effect: NEW forms in that folder, and their log entries in resources/log/
#
# A form is an input once a person has changed it (so that issuing one reruns nothing); the params hold the hash of
# each, because a save made while a job reads it would otherwise go unnoticed.


TITLE_ABSTRACT = answers("title_abstract", "title_abstract_conflicts")
# Only with `screening.ranking`: the order of later rounds of title and abstract.
RANKING = ["results/screening/ranking.csv"] if "ranking" in REVIEW["screening"] else []

# Only with `screening.stopping`: the reports that are left out (none unless the review says to stop).
STOPPING = REVIEW["screening"].get("stopping")
UNSCREENED = ["results/screening/unscreened.csv"] if STOPPING else []

# What the rules of these options make: without the option, that of an earlier run goes.
STOPPING_FILES = [
    f"results/screening/{name}"
    for name in ("stopping.json", "stopping.csv", "frontier.svg", "unscreened.csv")
]
NOT_MADE = []
if not STOPPING:
    NOT_MADE += [*STOPPING_FILES, *records_of("screen/stopping")]
if not RANKING:
    NOT_MADE += ["results/screening/ranking.csv", *records_of("screen/ranking")]


rule filters:
    """Take out what the protocol's automation filters say; nothing unless they are configured."""
    input:
        records=rules.records.output,
        clusters=rules.clusters.output.clusters,
        previous=release_files(REVIEW["review"]["previous"]),
    output:
        table=update("results/screening/filters.csv"),
        unused=update("results/screening/unused_filters.csv"),
    log:
        "results/logs/screen/filters.log",
    benchmark:
        "results/benchmarks/screen/filters.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/screen/filters.log"),
        source=source("screening.filters"),
        config=CONFIG,
        settings=[REVIEW["screening"]["filters"], REVIEW["review"]["previous"]],
    shell:
        "prismake filters {input.records:q} {input.clusters:q} --config {params.config:q}"
        " --out {output.table:q} --unused {output.unused:q} > {log:q} 2>&1"


rule title_abstract:
    """Collect what people decided on title and abstract, and settle it by the protocol."""
    input:
        clusters=rules.clusters.output.clusters,
        unique=rules.clusters.output.unique,
        filters=rules.filters.output.table,
        forms=declared(TITLE_ABSTRACT),
    output:
        votes=update("results/screening/title_abstract/votes.csv"),
        log=update("results/screening/title_abstract/log.csv"),
        unmatched=update("results/screening/title_abstract/unmatched.csv"),
        decisions=update("results/screening/title_abstract/decisions.csv"),
        agreement=update("results/screening/title_abstract/agreement.csv"),
        faults=update("results/screening/title_abstract/faults.csv"),
        unchecked=update("results/screening/title_abstract/unchecked.csv"),
    log:
        "results/logs/screen/title_abstract.log",
    benchmark:
        "results/benchmarks/screen/title_abstract.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/screen/title_abstract.log"),
        source=source("screening.collect"),
        config=CONFIG,
        settings=section(
            "screening",
            "policy",
            "reviewers_per_record",
            "reasons",
            "title_abstract_reasons",
            "people",
        ),
        forms=lambda wildcards: given(TITLE_ABSTRACT),
        digests=digests(TITLE_ABSTRACT),
        vanished=lambda wildcards: gone("title_abstract", "title_abstract_conflicts"),
    shell:
        "prismake collect title_abstract --config {params.config:q} --unique {input.unique:q} --clusters {input.clusters:q}"
        " --filters {input.filters:q} {params.forms:q} {params.vanished:q} --out results/screening/title_abstract > {log:q} 2>&1"


if RANKING:

    rule ranking:
        """Rank the reports still to be screened, the most promising first."""
        input:
            unique=rules.clusters.output.unique,
            decisions=rules.title_abstract.output.decisions,
            votes=rules.title_abstract.output.votes,
        output:
            update(RANKING),
        log:
            "results/logs/screen/ranking.log",
        benchmark:
            "results/benchmarks/screen/ranking.tsv"
        conda:
            "../envs/prismake.yaml"
        params:
            attempts=attempts("results/logs/screen/ranking.log"),
            source=source("screening.ranking"),
        shell:
            "prismake rank-reports --unique {input.unique:q} --decided results/screening/title_abstract"
            " --cache .snakemake/prismake/tfidf.npz --out {output:q} > {log:q} 2>&1"


if STOPPING:

    rule stopping:
        """Say how surely enough was screened; leave the rest out when the review says to stop and it is enough."""
        input:
            unique=rules.clusters.output.unique,
            decisions=rules.title_abstract.output.decisions,
            votes=rules.title_abstract.output.votes,
            full_text="results/screening/full_text/decisions.csv",
        output:
            update(STOPPING_FILES),
        log:
            "results/logs/screen/stopping.log",
        benchmark:
            "results/benchmarks/screen/stopping.tsv"
        conda:
            "../envs/prismake.yaml"
        params:
            attempts=attempts("results/logs/screen/stopping.log"),
            source=source("screening.stopping"),
            config=CONFIG,
            settings=STOPPING,
        shell:
            "prismake stopping --config {params.config:q} --unique {input.unique:q}"
            " --decided results/screening/title_abstract --full-text {input.full_text:q} --out results/screening"
            " > {log:q} 2>&1"


rule issue_title_abstract:
    """Issue the next rounds of title/abstract screening, and the conflicts for the adjudicator."""
    input:
        clusters=rules.clusters.output.clusters,
        unique=rules.clusters.output.unique,
        decisions=rules.title_abstract.output.decisions,
        votes=rules.title_abstract.output.votes,
        agreement=rules.title_abstract.output.agreement,
        faults=rules.title_abstract.output.faults,
        ranking=RANKING,
        unscreened=UNSCREENED,
    output:
        issued=update("results/screening/title_abstract/issued.csv"),
        waiting=update("results/screening/title_abstract/waiting.csv"),
    log:
        "results/logs/screen/issue_title_abstract.log",
    benchmark:
        "results/benchmarks/screen/issue_title_abstract.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/screen/issue_title_abstract.log"),
        source=source("screening.issue"),
        config=CONFIG,
        settings=lambda wildcards: [
            section("screening", "people", "adjudicator", "policy"),
            section(
                "screening", "reviewers_per_record", "round_size", "pilot", "highlight"
            ),
            [REVIEW["screening"].get(key) for key in ("pilot_kappa", "ranking")],
            REVIEW["screening"]["title_abstract_reasons"]
            and REVIEW["screening"]["reasons"],
            section("review", "title", "eligibility"),
        ],
        forgotten=lambda wildcards: forgotten(
            Path("results/screening/title_abstract/issued.csv")
        ),
        order=[
            *(["--ranking", *RANKING] if RANKING else []),
            *(["--unscreened", *UNSCREENED] if UNSCREENED else []),
        ],
    shell:
        "prismake issue title_abstract --config {params.config:q} --unique {input.unique:q} --clusters {input.clusters:q}"
        " {params.order:q} --out results/screening/title_abstract > {log:q} 2>&1"
