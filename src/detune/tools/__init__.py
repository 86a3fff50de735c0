"""Tools that are run by hand: python -m detune.tools.NAME."""
