"""Judging the risk of bias of studies, results and reviews with published tools; tools are data, not code."""
