"""Data extraction: a form described in YAML, issued as workbooks, read back into one tidy table per level."""
