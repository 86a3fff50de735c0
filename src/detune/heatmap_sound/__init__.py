"""Heatmaps as sound: what they mark alone, all but that, and what the network says to each."""
