"""The network as a thing to ask: its file, its fast forms, and what it computes with."""
