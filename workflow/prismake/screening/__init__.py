"""Screening by people: forms out, votes in, decisions, retrieval, full text, which report describes which study."""
