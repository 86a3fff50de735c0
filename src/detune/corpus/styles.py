"""What the ten genres are made of."""

from __future__ import annotations

from detune.corpus import grooves as g
from detune.corpus.notation import Figure, Part, Progression, Rhythm, Style

BLUES = Style(
    genre="blues",
    rhythm=Rhythm(
        tempo=(62.0, 118.0),
        grooves=(g.SHUFFLE, g.RIDE_SHUFFLE, g.SLOW_BLUES),
        kits=(8, 8, 0),
        swing=(0.62, 0.68),
        looseness=0.011,
        fill=0.4,
        drum_level=104,
    ),
    ensembles=(
        (
            Part(
                "bass",
                (
                    Figure("R---3---5---6---"),
                    Figure("R-R-3-3-5-5-6-6-"),
                    Figure("R---R---5---6---"),
                ),
                (32, 33, 34),
                (28, 48),
                level=112,
            ),
            Part(
                "chords",
                (Figure("t-t-s-s-t-t-s-s-", gate=0.75), Figure("t-t-s-s-t-t-p-s-", gate=0.75)),
                (27, 26, 27),
                (40, 62),
                level=112,
            ),
            Part(
                "chords",
                (Figure("c.cc.cc.cc.c", gate=0.6), Figure("....c-......c-c.", gate=0.7)),
                (3, 0, 16),
                (55, 76),
                level=94,
                presence=0.7,
            ),
            Part(
                "lead",
                (
                    Figure("L-LL--L--LL-LLL---......", beats=8),
                    Figure("L-L-L---L-L-----........L-L-....", beats=8),
                    Figure("LLLL-LLL----....", beats=4),
                ),
                (22, 22, 27),
                (60, 84),
                level=110,
                velocity=100,
                entry=0.4,
                variety=0.5,
            ),
        ),
    ),
    progressions=(
        Progression("I7 I7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7", "blues"),
        Progression("I7 IV7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7", "blues"),
        Progression("i7 i7 i7 i7 iv7 iv7 i7 i7 bVI7 V7 i7 V7", "blues"),
    ),
    sections=((4, 0.6), (8, 0.8), (4, 0.5), (8, 0.95)),
    age=0.8,
    neighbours=("jazz", "jazz", "rock", "country"),
)

CLASSICAL_STRINGS = (
    Part(
        "bass",
        (
            Figure("R-------5-------", gate=1.0),
            Figure("R---3---5---3---"),
            Figure("R---------------"),
        ),
        (42, 43, 48),
        (36, 57),
        level=100,
        velocity=78,
    ),
    Part(
        "chords",
        (Figure("c-------c-------", gate=1.0), Figure("c---------------", gate=1.0)),
        (48, 49, 41),
        (52, 72),
        level=92,
        velocity=76,
    ),
    Part(
        "lead",
        (
            Figure("L-------L---L---L-L-L-L-L-------", beats=8, gate=1.0),
            Figure("L---L-L-L---L---", gate=1.0),
            Figure("LLLLL-L-L---L-L-", gate=1.0),
        ),
        (40, 73, 68, 71, 48),
        (64, 91),
        level=104,
        velocity=88,
        variety=0.4,
    ),
    Part(
        "lead",
        (Figure("L-----------L---", gate=1.0), Figure("L-------L-------", gate=1.0)),
        (60, 70, 41, 68),
        (55, 74),
        level=86,
        velocity=76,
        presence=0.6,
        entry=0.5,
    ),
)

CLASSICAL_KEYBOARD = (
    Part(
        "chords",
        (Figure("R5353535R5353535"), Figure("R-5-3-5-R-5-3-5-"), Figure("R---c---c---c---")),
        (0, 0, 1, 6),
        (43, 64),
        level=92,
        velocity=72,
    ),
    Part(
        "lead",
        (
            Figure("L---L-L-L-LLL---L-L-LLLLL-------", beats=8),
            Figure("LLLLLLLLLLLLLLLL"),
            Figure("L-------L---L---"),
        ),
        (0, 0, 1, 6),
        (67, 93),
        level=104,
        velocity=88,
        variety=0.4,
    ),
    Part("bass", (Figure("R---------------"),), (0, 1), (31, 50), velocity=76, presence=0.7),
)

CLASSICAL = Style(
    genre="classical",
    rhythm=Rhythm(
        tempo=(60.0, 128.0),
        grooves=(g.TACET_4, g.TACET_4, g.TACET_3, g.TACET_2),
        looseness=0.014,
        rubato=0.06,
    ),
    ensembles=(CLASSICAL_STRINGS, CLASSICAL_STRINGS, CLASSICAL_KEYBOARD),
    progressions=(
        Progression("I V I IV I ii V I", "major"),
        Progression("I vi ii V I IV V I", "major"),
        Progression("i iv V i bVI iv V i", "harmonic minor"),
        Progression("i bVII bIII bVI iv i V i", "harmonic minor"),
    ),
    sections=((4, 0.55), (8, 0.8), (4, 0.35), (8, 1.0)),
    age=0.35,
    neighbours=("jazz",),
)

COUNTRY = Style(
    genre="country",
    rhythm=Rhythm(
        tempo=(88.0, 132.0),
        grooves=(g.TWO_STEP, g.TRAIN, g.TRAIN, g.COUNTRY_WALTZ),
        kits=(0, 40, 0),
        swing=(0.5, 0.56),
        looseness=0.009,
        fill=0.3,
        drum_level=112,
    ),
    ensembles=(
        (
            Part(
                "bass",
                (Figure("R---....v---....", gate=0.8), Figure("R-------v-----a-", gate=0.8)),
                (32, 33),
                (28, 50),
                level=108,
            ),
            Part(
                "chords",
                (Figure("....C-c.....C-c.", gate=0.8), Figure("R-..C.c.5-..C.c.", gate=0.8)),
                (25, 25),
                (48, 70),
                level=110,
                velocity=98,
            ),
            Part(
                "chords",
                (
                    Figure("R538R538R538R538"),
                    Figure("R35835R8R35835R8"),
                    Figure("8.538.53R8538.53"),
                ),
                (105, 105),
                (55, 79),
                level=104,
                velocity=96,
                presence=0.75,
                variety=0.4,
            ),
            Part(
                "lead",
                (
                    Figure("L-L-L-LLL---L-L-L-L-L---........", beats=8),
                    Figure("LLL-L-L-L-LLL---"),
                    Figure("L---L-L-L-----..", gate=1.0),
                ),
                (110, 110, 25),
                (60, 86),
                level=104,
                velocity=94,
                entry=0.45,
                variety=0.4,
            ),
        ),
    ),
    progressions=(
        Progression("I I IV I I I V V", "major pentatonic"),
        Progression("I IV V I I IV V I", "major"),
        Progression("I vi IV V I V I I", "major"),
    ),
    sections=((4, 0.5), (8, 0.7), (8, 0.95), (4, 0.65)),
    age=0.5,
    neighbours=("rock", "rock", "pop", "blues"),
)

DISCO = Style(
    genre="disco",
    rhythm=Rhythm(
        tempo=(108.0, 130.0),
        grooves=(g.FOUR_OPEN, g.FOUR_SIXTEENTHS, g.FOUR_CONGAS),
        kits=(8, 8, 24),
        looseness=0.004,
        drum_level=120,
    ),
    ensembles=(
        (
            Part(
                "bass",
                (
                    Figure("R.8.R.8.R.8.R.8."),
                    Figure("R-8-R-8-R-8-5-7-", gate=0.7),
                    Figure("R..8R.8.R..8R858"),
                ),
                (33, 36, 33, 38),
                (28, 52),
                level=116,
                velocity=100,
                variety=0.2,
            ),
            Part(
                "chords",
                (
                    Figure(".cc..cc..cc..ccc", gate=0.45),
                    Figure("c.cc.c.cc.cc.c.c", gate=0.45),
                    Figure("..c...c...c..cc.", gate=0.5),
                ),
                (27, 28),
                (57, 79),
                level=100,
                presence=0.9,
            ),
            Part(
                "chords",
                (Figure("c---------------", gate=1.0), Figure("c-------c---c---", gate=1.0)),
                (48, 50),
                (60, 84),
                level=70,
                velocity=84,
            ),
            Part(
                "chords",
                (Figure("C..C....C.C.....", gate=0.6), Figure("............C.CC", gate=0.6)),
                (61, 62),
                (58, 79),
                level=86,
                presence=0.6,
                entry=0.7,
            ),
            Part(
                "lead",
                (
                    Figure("L-LLL-L-L---....LLLLL-L-L-------", beats=8),
                    Figure("L---L-LLL---L---"),
                ),
                (48, 53, 44),
                (67, 91),
                level=98,
                entry=0.55,
                variety=0.3,
            ),
        ),
    ),
    progressions=(
        Progression("i7 i7 iv7 iv7 bVII bVII bIIImaj7 V7", "dorian"),
        Progression("i7 bVII bVI V7", "minor"),
        Progression("ii7 V7 Imaj7 vi7", "major"),
    ),
    sections=((4, 0.55), (8, 0.8), (8, 1.0), (4, 0.6)),
    age=0.4,
    neighbours=("pop", "pop", "pop", "hiphop"),
)

HIPHOP = Style(
    genre="hiphop",
    rhythm=Rhythm(
        tempo=(72.0, 98.0),
        grooves=(g.BOOM_BAP, g.LAID_BACK, g.TRAP),
        kits=(25, 25, 24),
        swing=(0.5, 0.6),
        swing_beats=0.5,
        looseness=0.003,
        fill=0.15,
        drum_level=122,
    ),
    ensembles=(
        (
            Part(
                "bass",
                (
                    Figure("R-----..R-R-....", gate=1.0),
                    Figure("R---------....R-", gate=1.0),
                    Figure("R--R------5-....", gate=1.0),
                ),
                (38, 39, 38),
                (24, 42),
                level=127,
                velocity=108,
            ),
            Part(
                "chords",
                (
                    Figure("c-----..........", gate=0.9),
                    Figure("c--c--......c-..", gate=0.8),
                    Figure("R-5-8-5-3-5-....", gate=0.8),
                ),
                (4, 5, 11),
                (55, 77),
                level=80,
                velocity=78,
                variety=0.0,
            ),
            # The patter of a voice: many short tones in a narrow register.
            Part(
                "lead",
                (
                    Figure("L.LLL.LL.LL.L.L.LLL.L.LLL.L-....", beats=8, gate=0.55),
                    Figure("LL.LL.LLL.L.LL..", gate=0.55),
                ),
                (85, 54, 53),
                (50, 62),
                level=104,
                velocity=98,
                presence=0.8,
                entry=0.45,
                variety=0.6,
            ),
        ),
    ),
    progressions=(
        Progression("i i bVI bVI", "minor"),
        Progression("i7 iv7", "minor pentatonic"),
        Progression("i bVII bVI V", "minor"),
        Progression("ii7 Imaj7", "dorian"),
    ),
    sections=((4, 0.55), (8, 0.8), (4, 1.0)),
    age=0.05,
    neighbours=("reggae", "reggae", "pop", "disco"),
)

JAZZ = Style(
    genre="jazz",
    rhythm=Rhythm(
        tempo=(104.0, 200.0),
        grooves=(g.SWING_RIDE, g.SWING_RIDE, g.JAZZ_BRUSHES, g.JAZZ_WALTZ, g.BOSSA),
        kits=(32, 32, 40),
        swing=(0.6, 0.68),
        looseness=0.011,
        fill=0.3,
        drum_level=108,
    ),
    ensembles=(
        (
            Part(
                "bass",
                (
                    Figure("R---3---5---a---"),
                    Figure("R---2---3---a---"),
                    Figure("R---5---6---a---"),
                    Figure("8---7---5---a---"),
                ),
                (32, 32, 35),
                (28, 52),
                level=114,
                variety=1.0,
            ),
            Part(
                "chords",
                (
                    Figure("m-....m.........", gate=0.7),
                    Figure("......m-....m-..", gate=0.7),
                    Figure("m-----m---......", gate=0.9),
                    Figure("..m.....m-....m.", gate=0.7),
                ),
                (0, 26, 0),
                (53, 77),
                level=92,
                velocity=82,
                variety=0.7,
            ),
            Part(
                "lead",
                (
                    Figure("L-L-L-L-L-L-L-....L-L-L-L-----..", beats=8),
                    Figure("LLLL-LL-LL-LL-L-----....", beats=8),
                    Figure("L---L-L-..L-L-L-"),
                    Figure("....L-L-L-L-L-L-L-L-L---........", beats=8),
                ),
                (65, 66, 56, 59),
                (58, 84),
                level=108,
                velocity=96,
                entry=0.35,
                variety=0.6,
            ),
        ),
    ),
    progressions=(
        Progression("ii7 V7 Imaj7 vi7", "major"),
        Progression("Imaj7+vi7 ii7+V7 iii7+vi7 ii7+V7 I7 IV7 Imaj7+vi7 ii7+V7", "major"),
        Progression("i7 i7 iv7 iv7 ii7 V7 i7 V7", "dorian"),
        Progression("I7 IV7 I7 I7 IV7 IV7 I7 vi7 ii7 V7 I7 V7", "blues"),
    ),
    sections=((8, 0.75), (8, 0.9), (4, 0.5), (8, 0.7)),
    age=0.75,
    neighbours=("blues", "blues", "classical"),
)

METAL = Style(
    genre="metal",
    rhythm=Rhythm(
        tempo=(118.0, 182.0),
        grooves=(g.DOUBLE_BASS, g.GALLOP, g.THRASH, g.BLAST),
        kits=(16,),
        looseness=0.004,
        drum_level=112,
    ),
    ensembles=(
        (
            Part(
                "bass",
                (
                    Figure("RRRRRRRRRRRRRRRR"),
                    Figure("R.RRR.RRR.RRR.RR"),
                    Figure("R-R-R-R-R-R-R-R-"),
                ),
                (34,),
                (26, 45),
                level=104,
            ),
            Part(
                "chords",
                (
                    Figure("PtttPtttPtttPttt", gate=0.5),
                    Figure("P.ttP.ttP.ttP.tt", gate=0.55),
                    Figure("ttttP-ttttttP-P-", gate=0.6),
                ),
                (30,),
                (36, 60),
                level=110,
                velocity=104,
                variety=0.25,
            ),
            Part(
                "chords",
                (Figure("P-------P-------"), Figure("PtttPtttPtttPttt", gate=0.5)),
                (30, 29),
                (43, 67),
                level=100,
                velocity=100,
                presence=0.8,
                entry=0.5,
            ),
            Part(
                "lead",
                (
                    Figure("LLLLLLLLLLLLLLLL"),
                    Figure("LLLLL-L-LLLLL---"),
                    Figure("L---L---LLLLL---"),
                ),
                (30, 29),
                (60, 88),
                level=92,
                presence=0.6,
                entry=0.75,
                variety=0.4,
            ),
        ),
    ),
    progressions=(
        Progression("i5 i5 bVI5 bVII5", "minor"),
        Progression("i5 bII5 i5 bIII5+bII5", "phrygian"),
        Progression("i5 i5 iv5 bVI5+V5", "harmonic minor"),
    ),
    sections=((4, 0.7), (4, 0.9), (8, 1.0), (4, 0.5)),
    age=0.05,
    neighbours=("rock",),
)

POP = Style(
    genre="pop",
    rhythm=Rhythm(
        tempo=(92.0, 128.0),
        grooves=(g.POP_BEAT, g.POP_SYNCOPATED, g.FOUR_CLAP),
        kits=(24,),
        looseness=0.003,
        drum_level=118,
    ),
    ensembles=(
        (
            Part(
                "bass",
                (
                    Figure("R-R-R-R-R-R-R-R-", gate=0.8),
                    Figure("R-----R-R-------"),
                    Figure("R--R--R-R--R--R-", gate=0.8),
                ),
                (38, 39, 33),
                (28, 48),
                level=104,
            ),
            Part(
                "chords",
                (Figure("c---------------", gate=1.0), Figure("c-------c-------", gate=1.0)),
                (90, 50),
                (55, 79),
                level=96,
                velocity=86,
            ),
            Part(
                "chords",
                (
                    Figure("R.5.8.5.3.5.8.5.", gate=0.8),
                    Figure("R58358R5R58358R5", gate=0.7),
                    Figure("c--c--c-c--c--c-", gate=0.7),
                ),
                (81, 80, 81),
                (60, 84),
                level=96,
                velocity=84,
                presence=0.9,
                entry=0.4,
            ),
            Part(
                "lead",
                (
                    Figure("L-L-L-L---L-L---L-L-L-----......", beats=8),
                    Figure("L-LLL-L---L-L-L-"),
                    Figure("..L-L-L-L-----L-"),
                ),
                (81, 87, 85),
                (62, 84),
                level=108,
                velocity=98,
                entry=0.45,
                variety=0.3,
            ),
        ),
    ),
    progressions=(
        Progression("I V vi IV", "major pentatonic"),
        Progression("vi IV I V", "major pentatonic"),
        Progression("I vi IV V", "major"),
        Progression("i bVI bIII bVII", "minor pentatonic"),
    ),
    sections=((4, 0.5), (4, 0.7), (8, 1.0), (4, 0.6)),
    age=0.1,
    neighbours=("disco", "disco", "rock", "hiphop"),
)

REGGAE = Style(
    genre="reggae",
    rhythm=Rhythm(
        tempo=(66.0, 92.0),
        grooves=(g.ONE_DROP, g.ROCKERS, g.STEPPERS),
        kits=(8, 8, 0),
        swing=(0.5, 0.6),
        swing_beats=0.5,
        looseness=0.008,
        fill=0.5,
        drum_level=100,
    ),
    ensembles=(
        (
            Part(
                "bass",
                (
                    Figure("R-..R-3-5---....", gate=0.85),
                    Figure("....R-R-3-5-R-..", gate=0.85),
                    Figure("R--RR-..5-3-R-..", gate=0.85),
                ),
                (33, 33, 35, 32),
                (28, 45),
                level=127,
                velocity=108,
                variety=0.2,
            ),
            Part(
                "chords",
                (
                    Figure("..C...C...C...C.", gate=0.55),
                    Figure("..Cc..Cc..Cc..Cc", gate=0.5),
                ),
                (27, 28, 27),
                (57, 76),
                level=114,
                velocity=104,
                variety=0.0,
            ),
            Part(
                "chords",
                (Figure(".cc..cc..cc..cc.", gate=0.6), Figure("..C-..C-..C-..C-", gate=0.6)),
                (16, 17, 18),
                (55, 74),
                level=88,
                presence=0.75,
                variety=0.0,
            ),
            Part(
                "lead",
                (
                    Figure("L-L-L---....L-L-L-----..........", beats=8),
                    Figure("..L-L-L-L---...."),
                    Figure("L---L-LLL-----.."),
                ),
                (57, 56, 57),
                (58, 79),
                level=98,
                entry=0.5,
                variety=0.4,
            ),
        ),
    ),
    progressions=(
        Progression("I IV", "major pentatonic"),
        Progression("i iv", "minor pentatonic"),
        Progression("I V vi IV", "major"),
        Progression("i bVII", "minor"),
    ),
    sections=((4, 0.6), (8, 0.8), (4, 0.95)),
    age=0.5,
    neighbours=("hiphop", "hiphop", "pop"),
)

ROCK = Style(
    genre="rock",
    rhythm=Rhythm(
        tempo=(102.0, 152.0),
        grooves=(g.BACKBEAT, g.DRIVING, g.RIDE_ROCK),
        kits=(16, 16, 8),
        looseness=0.008,
        fill=0.7,
        drum_level=118,
    ),
    ensembles=(
        (
            Part(
                "bass",
                (
                    Figure("R-R-R-R-R-R-R-R-"),
                    Figure("R---R-R-R---R-5-"),
                    Figure("R-R-R-R-5-5-8-5-"),
                ),
                (34, 33),
                (28, 48),
                level=106,
            ),
            Part(
                "chords",
                (
                    Figure("P-p-p-p-P-p-p-p-", gate=0.8),
                    Figure("P---..P-P---P-..", gate=0.95),
                    Figure("P-----P---P-----", gate=0.95),
                ),
                (29,),
                (43, 67),
                level=100,
                velocity=98,
                variety=0.15,
            ),
            Part(
                "chords",
                (
                    Figure("R-5-8-5-3-5-8-5-"),
                    Figure("c-c-c-c-c-c-c-c-", gate=0.7),
                    Figure("c-------c-------", gate=1.0),
                ),
                (27, 18),
                (52, 76),
                level=96,
                presence=0.8,
            ),
            Part(
                "lead",
                (
                    Figure("L-L-L---L-L-L-LLL-----..........", beats=8),
                    Figure("L-LLL-L-L-----.."),
                    Figure("L---L---L-L-L---"),
                ),
                (29, 30, 29),
                (60, 84),
                level=100,
                velocity=98,
                entry=0.55,
                variety=0.4,
            ),
        ),
    ),
    progressions=(
        Progression("I bVII IV I", "mixolydian"),
        Progression("I V vi IV", "major pentatonic"),
        Progression("i bVI bVII i", "minor pentatonic"),
        Progression("I IV I V", "major pentatonic"),
    ),
    sections=((4, 0.5), (8, 0.75), (8, 1.0), (4, 0.8)),
    age=0.3,
    neighbours=("metal", "metal", "country", "pop", "blues"),
)

STYLES: dict[str, Style] = {
    style.genre: style
    for style in (BLUES, CLASSICAL, COUNTRY, DISCO, HIPHOP, JAZZ, METAL, POP, REGGAE, ROCK)
}
