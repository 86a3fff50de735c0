"""Minimum norm: the smallest epsilon that turns each segment, and the security curve it makes."""
