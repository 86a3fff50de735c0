"""Preprocess: split by track and group, cut into mel spectrogram segments, and load them."""
