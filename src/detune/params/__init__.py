"""The parameters of the pipeline: their types, what is allowed, and what must fit together."""
