"""Explore: the features of all tracks, outliers, and what separates the genres."""
