"""Chords: Roman numerals to pitch classes, and the scales that melodies move in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
}

_DEGREES = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_NUMERAL = re.compile(r"(b|#)?(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(maj7|7|o|5)?")


@dataclass(frozen=True)
class Chord:
    """A chord: pitch class of its root (0 is C) and its tones in semitones above the root."""

    root: int
    tones: tuple[int, ...]

    @property
    def pitch_classes(self) -> frozenset[int]:
        """The pitch classes of all tones."""
        return frozenset((self.root + tone) % 12 for tone in self.tones)

    def third(self) -> int:
        """Semitones from the root to the third; a bare fifth answers with its fifth."""
        return self.tones[1]

    def fifth(self) -> int:
        """Semitones from the root to the fifth."""
        return self.tones[2] if len(self.tones) > 2 else self.tones[1]

    def seventh(self) -> int:
        """Semitones from the root to the seventh, or to the octave where there is none."""
        return self.tones[3] if len(self.tones) > 3 else 12


@lru_cache(maxsize=1024)
def read_chord(numeral: str, key: int) -> Chord:
    """Read a Roman numeral (``I``, ``bVII``, ``ii7``, ``Vmaj7``, ``viio``, ``I5``) in a key.

    Args:
        numeral: upper case for a major chord, lower case for a minor one.
        key: pitch class of the tonic, 0 to 11.

    Raises:
        ValueError: it is no such numeral.
    """
    match = _NUMERAL.fullmatch(numeral)
    if match is None:
        raise ValueError(f"{numeral!r} is no Roman numeral")
    accidental, degree, suffix = match.groups()
    shift = {"b": -1, "#": 1, None: 0}[accidental]
    minor = degree.islower()
    tones: tuple[int, ...] = (0, 3, 7) if minor else (0, 4, 7)
    if suffix == "o":
        tones = (0, 3, 6)
    elif suffix == "5":
        tones = (0, 7)
    elif suffix:
        tones = (*tones, 11 if suffix == "maj7" else 10)
    return Chord((key + _DEGREES[degree.lower()] + shift) % 12, tones)


def scale_tones(scale: str, key: int) -> frozenset[int]:
    """The pitch classes of a scale of `SCALES` on the tonic `key`."""
    return frozenset((key + step) % 12 for step in SCALES[scale])


def fold(pitch: int, low: int, high: int) -> int:
    """Move a pitch by octaves into `low` to `high`, which must be 11 semitones apart or more."""
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch
