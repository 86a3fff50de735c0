"""Corruptions: what happens to music without an adversary, and what the network then answers."""
