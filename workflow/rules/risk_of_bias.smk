# in:  results/screening/studies.csv, results/extraction/study.csv, the forms in resources/risk_of_bias/
# out: results/risk_of_bias/<tool>/; side effect: NEW forms in resources/risk_of_bias/
TOOLS = list(REVIEW["risk_of_bias"])


JUDGED = {tool: answers(*kinds_of(tool)) for tool in TOOLS}


rule judgements:
    """Read the forms of a risk-of-bias tool, and draw what was judged."""
    input:
        studies=rules.studies.output.table,
        extracted=rules.extraction.output.levels[0],
        forms=lambda wildcards: declared(JUDGED[wildcards.tool]),
    output:
        judgements=update(
            report(
                "results/risk_of_bias/{tool}/judgements.csv",
                caption="../report/risk_of_bias.rst",
                category="Risk of bias",
                labels={"output": "Judgements", "tool": "{tool}"},
            )
        ),
        figures=[
            update(
                report(
                    f"results/risk_of_bias/{{tool}}/{figure}.svg",
                    caption="../report/risk_of_bias.rst",
                    category="Risk of bias",
                    labels={"output": figure, "tool": "{tool}"},
                )
            )
            for figure in (
                "traffic_light",
                "traffic_light_colour_blind",
                "summary",
                "summary_colour_blind",
            )
        ],
        tables=[
            update(f"results/risk_of_bias/{{tool}}/{name}")
            for name in (
                "robvis.csv",
                "values.csv",
                "agreement.csv",
                "set_aside.csv",
                "notes.json",
            )
        ],
        progress=[
            update(f"results/risk_of_bias/{{tool}}/forms/{name}")
            for name in (
                "studies.csv",
                "outcomes.csv",
                "supplements.json",
                "questions.json",
                "faults.csv",
            )
        ],
    log:
        "results/logs/risk_of_bias/{tool}.log",
    benchmark:
        "results/benchmarks/risk_of_bias/{tool}.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=lambda wildcards: attempts(
            f"results/logs/risk_of_bias/{wildcards.tool}.log"
        ),
        source=source("risk_of_bias.review", data=["fonts"]),
        config=CONFIG,
        forms=lambda wildcards: given(JUDGED[wildcards.tool]),
        digests=lambda wildcards: digests(JUDGED[wildcards.tool]),
        vanished=lambda wildcards: gone(*kinds_of(wildcards.tool)),
        people=section("screening", "people"),
        settings=lambda wildcards: REVIEW["risk_of_bias"][wildcards.tool],
    shell:
        "prismake collect risk_of_bias --tool {wildcards.tool:q} --config {params.config:q}"
        " --studies {input.studies:q} --table {input.extracted:q} {params.forms:q} {params.vanished:q}"
        " --out results/risk_of_bias/{wildcards.tool:q} > {log:q} 2>&1"


rule issue_judgements:
    """Issue the forms of a risk-of-bias tool."""
    input:
        studies=rules.studies.output.table,
        unique=rules.clusters.output.unique,
        extracted=rules.extraction.output.levels[0],
        progress=rules.judgements.output.progress,
        settled=[
            rules.title_abstract.output.decisions,
            *UNSCREENED,
            rules.retrieval.output.table,
            rules.full_text.output.decisions,
            rules.studies.output.table,
        ],
    output:
        issued=update("results/risk_of_bias/{tool}/forms/issued.csv"),
        waiting=update("results/risk_of_bias/{tool}/forms/waiting.csv"),
    log:
        "results/logs/risk_of_bias/issue_{tool}.log",
    benchmark:
        "results/benchmarks/risk_of_bias/issue_{tool}.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=lambda wildcards: attempts(
            f"results/logs/risk_of_bias/issue_{wildcards.tool}.log"
        ),
        source=source("risk_of_bias.review", data=["fonts"]),
        config=CONFIG,
        settings=lambda wildcards: [
            REVIEW["risk_of_bias"][wildcards.tool],
            REVIEW["extraction"]["adjudicator"],
            REVIEW["screening"]["people"],
            REVIEW["review"]["title"],
        ],
        forgotten=lambda wildcards: forgotten(
            Path(f"results/risk_of_bias/{wildcards.tool}/forms/issued.csv")
        ),
    shell:
        "prismake issue risk_of_bias --tool {wildcards.tool:q} --config {params.config:q}"
        " --unique {input.unique:q} --studies {input.studies:q} --table {input.extracted:q}"
        " --settled {input.settled:q} --out results/risk_of_bias/{wildcards.tool:q}/forms > {log:q} 2>&1"


rule risk_of_bias:
    """Where the assessment of risk of bias stands: per form, per person, and what is wrong."""
    input:
        expand(rules.judgements.output, tool=TOOLS),
        expand(rules.issue_judgements.output, tool=TOOLS),
    output:
        update("results/risk_of_bias/progress.csv"),
        update("results/risk_of_bias/waiting.csv"),
        update("results/risk_of_bias/faults.csv"),
    log:
        "results/logs/risk_of_bias/progress.log",
    benchmark:
        "results/benchmarks/risk_of_bias/progress.tsv"
    conda:
        "../envs/prismake.yaml"
    params:
        attempts=attempts("results/logs/risk_of_bias/progress.log"),
        source=source("progress"),
        stages=[f"results/risk_of_bias/{tool}/forms" for tool in TOOLS],
    shell:
        "prismake progress {params.stages:q} --out results/risk_of_bias > {log:q} 2>&1"
