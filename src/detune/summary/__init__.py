"""A run in a few figures and five sentences, from what the other stages measured."""
