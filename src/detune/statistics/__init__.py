"""Scores and intervals: how many are right, and how sure that is."""
