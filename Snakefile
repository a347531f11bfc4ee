include: "workflow/Snakefile"


# An include alone would run nothing: it does not bring the default target with it.
workflow.default_target = "all"
