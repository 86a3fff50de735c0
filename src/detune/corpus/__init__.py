"""The embedded corpus: ten genres of generated music, recorded as variously as a real collection.

`load_recipe` reads what to make, `Recipe.tracks` lists it, and `compose_track` makes one track.
"""

from detune.corpus.recipe import Recipe, is_recipe, load_recipe
from detune.corpus.track import compose_track

__all__ = ["Recipe", "compose_track", "is_recipe", "load_recipe"]
