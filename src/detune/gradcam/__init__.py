"""Grad-CAM: heatmaps, pictures of them, and how far attention moves, in numbers."""
