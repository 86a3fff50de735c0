"""Control experiments: whether the attacks are as strong as they look."""
