"""The stage `listen`: what attacks on spectrograms are as sound, and what the model says of it."""
