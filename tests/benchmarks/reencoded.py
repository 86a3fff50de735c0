"""Lengths of real tracks, re-encoded by ffmpeg in twelve ways that people use.

python -m tests.benchmarks.reencoded FOLDER prints the table in docs/data.md.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.audio.reading import UnusableTrackError
from detune.ingest.validation import validate_audio
from detune.support.pool import parallel_map


class Way(NamedTuple):
    """How ffmpeg makes a file: its container, options, how many are joined, and into a pipe."""

    container: str
    options: str
    joined: int = 1
    piped: bool = False


WAYS = {
    "MP3, constant bit rate, no Xing header": Way("mp3", "-b:a 128k -write_xing 0"),
    "MP3, variable bit rate, no Xing header": Way("mp3", "-q:a 4 -write_xing 0"),
    "MP3, average bit rate": Way("mp3", "-b:a 128k -abr 1"),
    "MP3, joint stereo, 48 kHz": Way("mp3", "-ac 2 -ar 48000 -b:a 192k -joint_stereo 1"),
    "MP3, 8 kHz": Way("mp3", "-ar 8000 -b:a 16k"),
    "MP3, two joined": Way("mp3", "-q:a 2", joined=2),
    "Ogg Vorbis, chain of two": Way("ogg", "-c:a libvorbis -q:a 4", joined=2),
    "Opus": Way("opus", "-b:a 96k"),
    "AAC in M4A": Way("ipod", "-c:a aac -b:a 128k"),
    "AAC in ADTS": Way("adts", "-c:a aac -b:a 128k"),
    "WMA": Way("asf", "-c:a wmav2 -b:a 128k"),
    "WAV through a pipe": Way("wav", "", piped=True),
}


def encoded(source: Path, way: Way) -> bytes:
    """The track, re-encoded."""
    command = ["ffmpeg", "-v", "error", "-i", str(source), *way.options.split(), "-f"]
    if way.piped:
        command += [way.container, "-"]
        return subprocess.run(command, capture_output=True, check=True).stdout
    with TemporaryDirectory() as folder:
        subprocess.run([*command, way.container, f"{folder}/out"], check=True)
        return Path(folder, "out").read_bytes() * way.joined


def measure(way: Way, source: Path) -> float | str:
    """How much longer than the track the re-encoded one is when it is read, ms; or why it isn't."""
    info = soundfile.info(source)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "track"
        path.write_bytes(encoded(source, way))
        try:
            read = validate_audio(path).audio.size / SAMPLE_RATE
        except UnusableTrackError as error:
            return str(error)
    return 1000 * (read - info.duration * way.joined)


def main(arguments: Sequence[str]) -> None:
    """Print a row for each way."""
    tracks = sorted(Path(arguments[0]).rglob("*.wav"))
    print("| re-encoded as | taken | longer than the track by, ms | left out |")
    print("| --- | --- | --- | --- |")
    for name, way in WAYS.items():
        found = list(parallel_map(partial(measure, way), tracks, label=name, unit="tracks"))
        longer = [one for one in found if isinstance(one, float)]
        reasons = Counter(one for one in found if isinstance(one, str))
        spread = f"{np.min(longer):.0f} to {np.max(longer):.0f}" if longer else ""
        told = "; ".join(f"{count} {reason}" for reason, count in reasons.items())
        print(f"| {name} | {len(longer)} of {len(found)} | {spread} | {told} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
