"""Deduplication: which records are copies of the same report, and one merged record for each report."""
