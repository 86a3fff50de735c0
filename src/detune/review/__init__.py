"""Compare two revisions: what a change of code, data or parameters did, and how sure that is."""
