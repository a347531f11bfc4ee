"""Rayyan, Covidence and ASReview: files for them, and the decisions made there.

A module per tool turns a file into entries; match.py finds the record of each; read.py makes answers of them, which are
votes like any others from there on; write.py writes the files to import there.
"""
