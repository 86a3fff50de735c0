"""Preprocess: cut the tracks into mel spectrogram segments."""
