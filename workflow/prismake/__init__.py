"""Prismake: a systematic review from search to report, as a Snakemake workflow."""

__version__ = "0.1.0"
