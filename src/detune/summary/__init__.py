"""A run in ten figures and five sentences, from what the other stages measured."""
