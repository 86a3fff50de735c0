"""Split: which tracks are for training, validation and test, so that no recording is in two."""
