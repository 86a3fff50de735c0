"""Ingest: find, read, validate and compare the tracks to study, and store them uniformly."""
