"""Universal: one perturbation for all segments of a genre."""
