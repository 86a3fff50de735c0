"""Drum patterns, in the notation of `detune.corpus.notation.Groove`."""

from __future__ import annotations

from detune.corpus.notation import Groove

TACET_2 = Groove("tacet 2/4", 2, {})
TACET_3 = Groove("tacet 3/4", 3, {})
TACET_4 = Groove("tacet 4/4", 4, {})

SHUFFLE = Groove(
    "shuffle",
    4,
    {"kick": "x.......x.x.....", "snare": "....X.......X...", "hat": "X.x.X.x.X.x.X.x."},
)
RIDE_SHUFFLE = Groove(
    "ride shuffle",
    4,
    {"kick": "x...o...x...o...", "snare": "..o.X.o...o.X.o.", "ride": "X.x.X.x.X.x.X.x."},
)
SLOW_BLUES = Groove(
    "twelve-eight",
    4,
    {"kick": "x....xx....x", "snare": "...X.....X..", "hat": "XxxXxxXxxXxx"},
)
SWING_RIDE = Groove(
    "swing ride",
    4,
    {
        "kick": "o...o...o...o...",
        "snare": "......o........o",
        "ride": "x...X.x.x...X.x.",
        "pedal": "....x.......x...",
    },
)
JAZZ_BRUSHES = Groove(
    "brushes",
    4,
    {"kick": "o.......o.......", "snare": "x...X.o.x...X.o.", "pedal": "....x.......x..."},
)
JAZZ_WALTZ = Groove(
    "jazz waltz", 3, {"kick": "x...........", "ride": "x...X.x.x...", "pedal": "....x......."}
)
BOSSA = Groove(
    "bossa nova",
    4,
    {"kick": "x..xx..xx..xx..x", "rim": "x..x..x...x..x..", "hat": "xoxoxoxoxoxoxoxo"},
)

TWO_STEP = Groove(
    "two-step",
    4,
    {"kick": "x.......x.......", "rim": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
)
TRAIN = Groove("train beat", 4, {"kick": "x...x...x...x...", "snare": "xoXoxoXoxoXoxoXo"})
COUNTRY_WALTZ = Groove(
    "country waltz", 3, {"kick": "x...........", "rim": "....x...x...", "hat": "x...x.x.x.x."}
)

BACKBEAT = Groove(
    "backbeat",
    4,
    {"kick": "X.......x.x.....", "snare": "....X.......X...", "hat": "X.x.X.x.X.x.X.x."},
)
DRIVING = Groove(
    "driving",
    4,
    {"kick": "X..x..x.x.x.....", "snare": "....X.......X..o", "open": "X...x...X...x..."},
)
RIDE_ROCK = Groove(
    "ride rock",
    4,
    {"kick": "X.x...x.X.x.....", "snare": "....X..o.o..X...", "ride": "X.x.X.x.X.x.X.x."},
)

DOUBLE_BASS = Groove(
    "double bass",
    4,
    {"kick": "xxxxxxxxxxxxxxxx", "snare": "....X.......X...", "crash": "x...x...x...x..."},
)
GALLOP = Groove(
    "gallop",
    4,
    {"kick": "x.xxx.xxx.xxx.xx", "snare": "....X.......X...", "ride": "x.x.x.x.x.x.x.x."},
)
BLAST = Groove(
    "blast beat",
    4,
    {"kick": "x.x.x.x.x.x.x.x.", "snare": ".X.X.X.X.X.X.X.X", "china": "x.x.x.x.x.x.x.x."},
)
THRASH = Groove(
    "thrash",
    4,
    {"kick": "x.xxx.x.x.xxx.x.", "snare": "..X...X...X...X.", "open": "x.x.x.x.x.x.x.x."},
)

FOUR_OPEN = Groove(
    "four on the floor, open hats",
    4,
    {
        "kick": "X...X...X...X...",
        "snare": "....X.......X...",
        "hat": "x...x...x...x...",
        "open": "..X...X...X...X.",
    },
)
FOUR_SIXTEENTHS = Groove(
    "four on the floor, sixteenths",
    4,
    {
        "kick": "X...X...X...X...",
        "clap": "....X.......X...",
        "hat": "xx.xxx.xxx.xxx.x",
        "open": "..X...X...X...X.",
        "tambourine": "x.xxx.xxx.xxx.xx",
    },
)
FOUR_CONGAS = Groove(
    "four on the floor, congas",
    4,
    {
        "kick": "X...X...X...X...",
        "snare": "....X.......X...",
        "open": "..X...X...X...X.",
        "conga": "..x..xx...x..xx.",
        "low conga": "x.......x..x....",
    },
)

POP_BEAT = Groove(
    "pop beat",
    4,
    {
        "kick": "X.....x.X.......",
        "clap": "....X.......X...",
        "hat": "x.x.x.x.x.x.x.x.",
        "shaker": "xoxoxoxoxoxoxoxo",
    },
)
POP_SYNCOPATED = Groove(
    "syncopated pop",
    4,
    {"kick": "X..x..x...x.....", "clap": "....X.......X...", "hat": "x.xxx.x.x.xxx.x."},
)
FOUR_CLAP = Groove(
    "dance pop",
    4,
    {"kick": "X...X...X...X...", "clap": "....X.......X...", "hat": "..x...x...x...xx"},
)

BOOM_BAP = Groove(
    "boom bap",
    4,
    {"kick": "X..x......x.....", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
)
LAID_BACK = Groove(
    "laid back",
    4,
    {"kick": "X.....x...xx....", "clap": "....X.......X...", "hat": "x.x.x.xxx.x.x.x."},
)
TRAP = Groove(
    "trap",
    4,
    {"kick": "X......x..x.....", "clap": "........X.......", "hat": "x.xxx.x.xxxxx.xx"},
)

ONE_DROP = Groove(
    "one drop",
    4,
    {"kick": "....X.......X...", "rim": "....X.......X...", "hat": "x.X.x.X.x.X.x.X."},
)
ROCKERS = Groove(
    "rockers",
    4,
    {"kick": "X.......X.......", "rim": "....X..x....X...", "hat": "x.X.x.Xxx.X.x.X."},
)
STEPPERS = Groove(
    "steppers",
    4,
    {"kick": "X...X...X...X...", "rim": "....X......x..x.", "hat": "x.X.x.X.x.X.x.Xo"},
)
