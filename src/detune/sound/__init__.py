"""Sound: what attacks and explanations of spectrograms are to the ear, and the way back."""
