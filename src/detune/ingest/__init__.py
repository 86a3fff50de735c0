"""Ingest: find, fetch, read, doubt and compare what is to be studied, and store it uniformly."""
