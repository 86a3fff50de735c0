"""The parameters of the pipeline: their types, what is allowed, and what must fit together.

Pydantic checks types, ranges and keys. The sections are plain dataclasses; a type's description is
what a message says is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args, get_origin, get_type_hints

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
)
from pydantic.fields import FieldInfo

from detune.support.errors import UserError

T = TypeVar("T")

PICTURED = ("fgsm", "pgd")
"""Those that Grad-CAM draws; they are part of every grid."""

BLOCKS = ("1", "2", "3", "4")
LAYERS = (
    "last",
    *(
        f"block{b}{half}_{kind}"
        for b in BLOCKS
        for half in "ab"
        for kind in ("conv", "norm", "relu")
    ),
    *(f"block{b}_{kind}" for b in BLOCKS for kind in ("pool", "dropout")),
)
"""What `gradcam.layer` may be: the network's layers that have maps, known without building it."""


def must(check: Callable[[Any], bool]) -> AfterValidator:
    """A limit that pydantic has no word for."""

    def validate(value: T) -> T:
        if not check(value):
            raise ValueError
        return value

    return AfterValidator(validate)


def as_typed(value: Any) -> Any:
    """The text that was typed where YAML takes a name for a whole number, or for a truth value."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


def is_code_page(name: str) -> bool:
    """Whether Python knows an encoding of text by this name, of which ASCII is a part."""
    try:
        return b"a/1".decode(name) == "a/1"
    except (LookupError, ValueError):
        return False


Number = StrictInt | StrictFloat
"""A whole number stays one: an epsilon of 1 is called 1 in files, as DVC writes it."""

Flag = Annotated[StrictBool, Field(description="true or false")]
Whole = Annotated[
    StrictInt, Field(ge=0, lt=2**32, description="a whole number from 0 to 4294967295")
]
Count = Annotated[StrictInt, Field(ge=1, description="a whole number of at least 1")]
Epochs = Annotated[
    Annotated[StrictInt, Field(ge=1)] | Literal["auto"],
    Field(description="auto, or a whole number of at least 1"),
]
Several = Annotated[StrictInt, Field(ge=2, description="a whole number of at least 2")]
Folds = Annotated[
    StrictInt,
    Field(ge=0, lt=2**32, description="0 or a whole number of at least 2"),
    must(lambda folds: folds != 1),
]
Crop = Annotated[StrictInt, Field(ge=16, le=130, description="a whole number from 16 to 130")]
Bands = Annotated[StrictInt, Field(ge=0, le=128, description="a whole number from 0 to 128")]
Frames = Annotated[StrictInt, Field(ge=0, le=130, description="a whole number from 0 to 130")]
Share = Annotated[Number, Field(ge=0, lt=1, description="a number from 0 to below 1")]
InnerShare = Annotated[Number, Field(gt=0, lt=1, description="a number above 0 and below 1")]
Step = Annotated[Number, Field(gt=0, le=1, description="a number above 0, at most 1")]
RelativeStep = Annotated[Number, Field(gt=0, le=2, description="a number above 0, at most 2")]
NotNegative = Annotated[Number, Field(ge=0, description="a number of at least 0")]
Epsilons = Annotated[
    tuple[Step, ...],
    Field(min_length=1, description="a list of different numbers, each above 0 and at most 1"),
    must(lambda epsilons: len(set(epsilons)) == len(epsilons)),
]
Levels = Annotated[
    tuple[Annotated[Number, Field(ge=-20, le=120)] | Literal["masked"], ...],
    Field(
        min_length=2,
        description="a list of masked and of numbers from -20 to 120, such as [40, masked]",
    ),
    must(lambda levels: len(set(levels)) == len(levels) and "masked" in levels),
]
Precision = Annotated[
    Literal["auto", "float32", "bfloat16"], Field(description="auto, float32 or bfloat16")
]
Schedule = Annotated[Literal["cosine", "plateau"], Field(description="cosine or plateau")]
AdversarialMethod = Annotated[
    Literal["none", "fgsm-rs", "pgd", "trades"],
    Field(description="none, fgsm-rs, pgd or trades"),
]
InputDefence = Annotated[
    Literal["none", "quantisation", "smoothing", "quantisation-smoothing", "random-shift"],
    Field(description="none, quantisation, smoothing, quantisation-smoothing or random-shift"),
]
CamMethod = Annotated[
    Literal["grad-cam", "grad-cam++", "ablation-cam", "hires-cam", "integrated-gradients"],
    Field(
        description="grad-cam, grad-cam++, ablation-cam, hires-cam or integrated-gradients",
    ),
]
Layer = Annotated[
    StrictStr,
    Field(description="last, or a layer with maps, such as block3b_conv"),
    must(lambda layer: layer in LAYERS),
]
Name = Annotated[StrictStr, Field(pattern=r"\S", description="a name"), BeforeValidator(as_typed)]
Source = Annotated[
    StrictStr,
    Field(pattern=r"\S", description="the path of a recipe, a folder or an archive"),
    BeforeValidator(as_typed),
]
Partition = Annotated[
    StrictStr, Field(pattern=r"\.csv\s*$", description="the path of a CSV track,split,group")
]
Labels = Annotated[
    StrictStr,
    Field(pattern=r"\.csv\s*$", description="the path of a CSV path,genre,group,split"),
]
SmallestGenre = Annotated[
    StrictInt, Field(ge=0, lt=2**32, description="a whole number of tracks, 0 for none left out")
]
Milliseconds = Annotated[
    Number, Field(ge=0, le=1000, description="milliseconds, a number from 0 to 1000")
]
CodePage = Annotated[
    StrictStr,
    Field(description="a code page that Python knows, such as utf-8, cp437 or cp932"),
    must(is_code_page),
]

ALIASES = {"pgd_margin": "pgd-margin"}
"""Keys that Python cannot spell, by the name of their field."""


class Section:
    """What all sections have in common: no unknown keys, and no number that is none."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class Fgsm(Section):
    """The Fast Gradient Sign Method (Goodfellow et al. 2015)."""

    random_start: Flag


@dataclass(frozen=True)
class Pgd(Section):
    """Projected Gradient Descent (Madry et al. 2018)."""

    steps: Count
    relative_step: RelativeStep
    random_start: Flag
    restarts: Count
    abort_early: NotNegative


@dataclass(frozen=True)
class Apgd(Section):
    """Auto-PGD (Croce & Hein 2020)."""

    steps: Several
    restarts: Count


@dataclass(frozen=True)
class Noise(Section):
    """Random signs, a control: what a change of that size does by itself."""

    draws: Count


@dataclass(frozen=True)
class Square(Section):
    """The Square attack (Andriushchenko et al. 2020), which needs no gradients."""

    segments: Count
    iterations: Count


@dataclass(frozen=True)
class MethodOptions(Section):
    """The options of every attack method, under the name that the method has in files."""

    fgsm: Fgsm
    pgd: Pgd
    pgd_margin: Annotated[Pgd, Field(alias="pgd-margin")]
    apgd: Apgd
    noise: Noise
    square: Square

    def options(self, method: str) -> Any:
        """The parameters of `method`, or None where there is no such method."""
        names = {key: field for field, key in ALIASES.items()}
        return getattr(self, names.get(method, method), None)


METHODS = tuple(ALIASES.get(field.name, field.name) for field in fields(MethodOptions))
"""Every method, by the name it has in `params.yaml` and in files."""

Methods = Annotated[
    tuple[StrictStr, ...],
    Field(description=f"a list of {', '.join(METHODS)}, {' and '.join(PICTURED)} among them"),
    must(lambda methods: set(PICTURED) <= set(methods) <= set(METHODS)),
    must(lambda methods: len(set(methods)) == len(methods)),
]


@dataclass(frozen=True)
class Data(Section):
    """What is studied."""

    path: Source
    labels: Labels
    smallest_genre: SmallestGenre
    partition: Partition
    missing_ms: Milliseconds
    zip_names: CodePage


@dataclass(frozen=True)
class Explore(Section):
    """What exploration draws."""

    example_track: Whole


@dataclass(frozen=True)
class Split(Section):
    """Shares of the tracks by split, or folds, and the seed that decides which goes where."""

    train: InnerShare
    validation: InnerShare
    test: InnerShare
    seed: Whole
    folds: Folds
    fold: Whole


@dataclass(frozen=True)
class Preprocess(Section):
    """How tracks become segments."""

    segments_per_track: Count
    split: Split


@dataclass(frozen=True)
class Augment(Section):
    """What makes excerpts harder to learn by heart; 0 leaves a thing out."""

    frequency_mask: Bands
    time_mask: Frames
    mixup: NotNegative
    label_smoothing: Share


@dataclass(frozen=True)
class Adversarial(Section):
    """Adversarial training: what is learnt from is attacked first."""

    method: AdversarialMethod
    epsilon: Step
    steps: Count
    beta: NotNegative


@dataclass(frozen=True)
class Train(Section):
    """How the network is trained."""

    seed: Whole
    epochs: Epochs
    batch_size: Several
    crop_frames: Crop
    learning_rate: Step
    schedule: Schedule
    warmup: Share
    weight_decay: Share
    spatial_dropout: Share
    dense_dropout: Share
    weight_averaging: Share
    augment: Augment
    adversarial: Adversarial
    precision: Precision
    early_stopping_patience: Count
    plateau_patience: Count
    plateau_factor: InnerShare


@dataclass(frozen=True)
class MinimumNorm(Section):
    """The search for the smallest epsilon of each segment."""

    segments: Whole
    tolerance: InnerShare


@dataclass(frozen=True)
class Controls(Section):
    """What the attacks themselves are doubted with, on a sample of segments."""

    segments: Several
    epsilon: Step
    square_iterations: Count


@dataclass(frozen=True)
class Waveform(Section):
    """Attacks on the sound itself, on a sample of segments."""

    levels: Levels
    segments: Several
    steps: Count
    relative_step: RelativeStep
    margin_db: Annotated[Number, Field(ge=-60, le=60, description="a number from -60 to 60")]


@dataclass(frozen=True)
class Attack(MethodOptions):
    """The grid of attacks."""

    methods: Methods
    epsilons: Epsilons
    defence: InputDefence
    examples: Count
    seed: Whole
    precision: Precision
    controls: Controls
    minimum_norm: MinimumNorm
    waveform: Waveform


@dataclass(frozen=True)
class Gradcam(Section):
    """What heatmaps are made of, and which are drawn."""

    method: CamMethod
    layer: Layer
    target: Name
    epsilon: Annotated[Number, Field(gt=0, le=1, description="one of attack.epsilons")]
    correct_per_genre: Whole
    failures: Whole
    attacked: Whole


@dataclass(frozen=True)
class GroundTruth(Section):
    """How much explanations are tested where the answer is known."""

    segments: Whole


@dataclass(frozen=True)
class Listen(Section):
    """How attacks are brought to sound, and how many are kept to be played."""

    steps: Whole
    sounds: Whole


@dataclass(frozen=True)
class Described(AfterValidator):
    """A limit that says itself what is allowed."""

    description: str


def between(low: float, high: float) -> Described:
    """The limit of a list of different numbers."""

    def validate(values: tuple[float, ...]) -> tuple[float, ...]:
        inside = all(low <= value <= high for value in values)
        if not values or not inside or len(set(values)) < len(values):
            raise ValueError
        return values

    return Described(validate, f"a list of different numbers from {low:g} to {high:g}")


Numbers = tuple[Number, ...]
BIT_RATES = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
"""Of MPEG-2 layer III, kbit/s: those that there are at a sample rate of 22,050 Hz."""

Snr = Annotated[Numbers, between(-20, 120)]
BitRates = Annotated[
    tuple[StrictInt, ...],
    Field(
        min_length=1, description=f"a list of different ones of {', '.join(map(str, BIT_RATES))}"
    ),
    must(lambda rates: set(rates) <= set(BIT_RATES) and len(set(rates)) == len(rates)),
]
Hertz = Annotated[Number, Field(ge=20, le=11_000)]
Band = tuple[Hertz, Hertz]
BandEdges = Annotated[
    tuple[Band, ...],
    Field(min_length=1, description="a list of different [low, high], Hz from 20 to 11000"),
    must(lambda bands: all(low < high for low, high in bands) and len(set(bands)) == len(bands)),
]


@dataclass(frozen=True)
class Severities(Section):
    """The severities of every kind of corruption, under the name that the kind has in files."""

    white_noise: Snr
    pink_noise: Snr
    other_music: Snr
    mp3: BitRates
    resampling: Annotated[Numbers, between(1000, 44_100)]
    low_pass: Annotated[Numbers, between(20, 11_000)]
    band_pass: BandEdges
    reverberation: Annotated[Numbers, between(0.05, 10)]
    clipping: Annotated[Numbers, between(0, 80)]
    compression: Annotated[Numbers, between(1, 100)]
    gain: Annotated[Numbers, between(-80, 80)]
    tempo: Annotated[Numbers, between(-50, 15)]
    pitch: Annotated[Numbers, between(-12, 12)]

    def options(self, kind: str) -> Any:
        """The severities of `kind`, or None where there is no such kind."""
        return getattr(self, kind, None)


CORRUPTIONS = tuple(field.name for field in fields(Severities))
"""Every kind of corruption, by the name it has in `params.yaml` and in files."""


@dataclass(frozen=True)
class Corruptions(Severities):
    """What happens to music without an adversary, on a sample of test segments."""

    kinds: Annotated[
        tuple[StrictStr, ...],
        Field(min_length=1, description=f"a list of different ones of {', '.join(CORRUPTIONS)}"),
        must(lambda kinds: set(kinds) <= set(CORRUPTIONS) and len(set(kinds)) == len(kinds)),
    ]
    segments: Several


@dataclass(frozen=True)
class Summary(Section):
    """At which epsilon the headline reports robust accuracy, attacked or not."""

    epsilon: Step


@dataclass(frozen=True)
class Params(Section):
    """All parameters, one section a stage or group of stages."""

    data: Data
    explore: Explore
    preprocess: Preprocess
    train: Train
    attack: Attack
    gradcam: Gradcam
    ground_truth: GroundTruth
    listen: Listen
    corruptions: Corruptions
    summary: Summary


def parse_params(raw: Mapping[str, Any]) -> Params:
    """Check the contents of `params.yaml` and return them typed.

    Args:
        raw: the nested mapping, as `dvc.api.params_show()` returns it.

    Raises:
        UserError: an unknown, missing, mistyped or out-of-range key, or values that do not fit
            together; one line that names the key, the value and what is allowed.
    """
    try:
        params = _adapter().validate_python(raw)
    except ValidationError as error:
        raise UserError(_message(error, raw)) from error
    split = params.preprocess.split
    total = split.train + split.validation + split.test
    if not math.isclose(total, 1.0, abs_tol=1e-6):
        raise UserError(
            f"preprocess.split: train {split.train} + validation {split.validation} + "
            f"test {split.test} = {total:g}: change them so that they sum to 1"
        )
    if split.fold >= max(1, split.folds):
        allowed = f"0 to {split.folds - 1}" if split.folds else "0, or set preprocess.split.folds"
        raise UserError(
            f"preprocess.split.fold: {split.fold} is not one of {split.folds} folds: give {allowed}"
        )
    if params.gradcam.epsilon not in params.attack.epsilons:
        raise UserError(
            f"gradcam.epsilon: {params.gradcam.epsilon} is not attacked: choose one of "
            f"attack.epsilons {list(params.attack.epsilons)}, or add it there"
        )
    if params.gradcam.attacked > params.attack.examples:
        raise UserError(
            f"gradcam.attacked: {params.gradcam.attacked} is more than attack.examples "
            f"{params.attack.examples}: lower the one or raise the other"
        )
    return params


@cache
def _adapter() -> TypeAdapter[Params]:
    """What pydantic makes of the sections, once."""
    return TypeAdapter(Params)


ORDER = ("unexpected_keyword_argument", "missing")
"""Pydantic's names of mistakes that are reported before others: a typo explains what is missing."""


def _message(error: ValidationError, raw: Any) -> str:
    """One line on the first mistake in `raw`."""
    mistakes = error.errors(include_url=False, include_context=False)
    mistake = min(
        mistakes, key=lambda one: ORDER.index(one["type"]) if one["type"] in ORDER else len(ORDER)
    )
    section: Any = Params
    path: list[str] = []
    value, words = raw, "a section with keys"
    for key in mistake["loc"]:
        keys = _keys(section)
        path.append(" ".join(str(key).split()))
        name = ".".join(path)
        if key not in keys:
            return f"{name}: unknown key: allowed here are {', '.join(keys)}"
        section, words = keys[str(key)]
        if key not in value:
            return f"{name}: missing: add it to params.yaml, {words}"
        value = value[key]
        if not _is_section(section):
            break  # the rest of the location is inside a list
    return f"{'.'.join(path) or 'params.yaml'}: {_shown(value)} is not allowed: give {words}"


def _keys(section: type) -> dict[str, tuple[Any, str]]:
    """The keys of a section, with the type of each and what is allowed in words."""
    messages: dict[str, tuple[Any, str]] = {}
    for field, hint in get_type_hints(section, include_extras=True).items():
        if get_origin(hint) is ClassVar or field.startswith("_"):
            continue
        kind, *extras = get_args(hint) if get_origin(hint) is Annotated else (hint,)
        words = [
            one.description
            for one in extras
            if isinstance(one, FieldInfo | Described) and one.description
        ]
        messages[ALIASES.get(field, field)] = (kind, words[0] if words else "a section with keys")
    return messages


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)


def _shown(raw: Any) -> str:
    """`raw` as it would be typed, cut to a readable length."""
    text = repr(list(raw) if isinstance(raw, tuple) else raw)
    return text if len(text) <= 80 else text[:77] + "..."
