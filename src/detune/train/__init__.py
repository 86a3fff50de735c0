"""Train: the network, what it learns from, and what it says once it has learnt."""
