"""Robustness: from the cells to curves, tables and the verdict."""
