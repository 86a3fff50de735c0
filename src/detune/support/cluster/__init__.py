"""A Dask cluster in the place of this machine's processes; only `pool` imports it."""
