"""Train: the network, its training data, and its training."""
