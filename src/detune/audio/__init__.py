"""Audio: the one format of all tracks, how they are read, and their mel spectrograms."""
