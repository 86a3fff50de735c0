"""One page of the current results that needs no network."""
