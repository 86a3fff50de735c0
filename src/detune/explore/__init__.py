"""Explore: what the collection is like, and what separates its genres."""
