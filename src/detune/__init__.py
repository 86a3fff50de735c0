"""Detune: how little does it take to fool a music-genre CNN, and what was it listening to?"""
