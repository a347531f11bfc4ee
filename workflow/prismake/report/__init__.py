"""The last stage: report.html, and what `prismake status` says, from the files of all stages before it."""
