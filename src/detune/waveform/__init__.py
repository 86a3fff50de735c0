"""The stage `waveform`: attacks on the sound itself, no louder than a signal-to-noise ratio."""
