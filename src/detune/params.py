"""The parameters of the pipeline: their types, what is allowed, and what must fit together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin, get_type_hints

from detune.support.errors import UserError

T = TypeVar("T")

METHODS = ("fgsm", "pgd", "pgd-margin", "apgd", "noise", "square")
"""Every method, by the name it has in `params.yaml` and in files."""

PICTURED = ("fgsm", "pgd")
"""Those that Grad-CAM draws; they are part of every grid."""


@dataclass(frozen=True)
class Rule:
    """What a value must pass, and the same in words."""

    check: Callable[[Any], bool]
    told: str


COUNT = Rule(lambda value: value >= 1, "a whole number of at least 1")
WHOLE = Rule(lambda value: 0 <= value < 2**32, "a whole number from 0 to 4294967295")
SHARE = Rule(lambda value: 0 <= value < 1, "a number from 0 to below 1")
INNER_SHARE = Rule(lambda value: 0 < value < 1, "a number above 0 and below 1")
STEP = Rule(lambda value: 0 < value <= 1, "a number above 0, at most 1")
CROP = Rule(lambda value: 16 <= value <= 130, "a whole number from 16 to 130")
BANDS = Rule(lambda value: 0 <= value <= 128, "a whole number from 0 to 128")
FRAMES = Rule(lambda value: 0 <= value <= 130, "a whole number from 0 to 130")
SCHEDULE = Rule(lambda value: value in ("cosine", "plateau"), "cosine or plateau")
PRECISION = Rule(
    lambda value: value in ("auto", "float32", "bfloat16"), "auto, float32 or bfloat16"
)
TEXT = Rule(lambda value: bool(value.strip()), "the path of a recipe, a folder or an archive")
CSV = Rule(lambda value: value.strip().endswith(".csv"), "the path of a CSV track,split,group")
FOLDS = Rule(lambda value: value == 0 or 2 <= value < 2**32, "0 or a whole number of at least 2")
NAME = Rule(lambda value: bool(value.strip()), "a name")
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

LAYER = Rule(lambda value: value in LAYERS, "last, or a layer with maps, such as block3b_conv")
CAM = Rule(
    lambda value: value in ("grad-cam", "grad-cam++", "ablation-cam"),
    "grad-cam, grad-cam++ or ablation-cam",
)
EPSILONS = Rule(
    lambda value: (
        bool(value) and all(0 < epsilon <= 1 for epsilon in value) and len(set(value)) == len(value)
    ),
    "a list of different numbers, each above 0 and at most 1",
)


METHOD_LIST = Rule(
    lambda value: (
        set(value) <= set(METHODS) and set(PICTURED) <= set(value) and len(set(value)) == len(value)
    ),
    f"a list of {', '.join(METHODS)}, {' and '.join(PICTURED)} among them",
)

ALIASES = {"pgd_margin": "pgd-margin"}
"""Keys that Python cannot spell, by the name of their field."""


@dataclass(frozen=True)
class Data:
    """What is studied."""

    path: Annotated[str, TEXT]
    partition: Annotated[str, CSV]


@dataclass(frozen=True)
class Explore:
    """What exploration draws."""

    example_track: Annotated[int, WHOLE]


@dataclass(frozen=True)
class Split:
    """Shares of the tracks by split, or folds, and the seed that decides which goes where."""

    train: Annotated[float, INNER_SHARE]
    validation: Annotated[float, INNER_SHARE]
    test: Annotated[float, INNER_SHARE]
    seed: Annotated[int, WHOLE]
    folds: Annotated[int, FOLDS]
    fold: Annotated[int, WHOLE]


@dataclass(frozen=True)
class Preprocess:
    """How tracks become segments."""

    segments_per_track: Annotated[int, COUNT]
    split: Split


@dataclass(frozen=True)
class Augment:
    """What makes excerpts harder to learn by heart; 0 leaves a thing out."""

    frequency_mask: Annotated[int, BANDS]
    time_mask: Annotated[int, FRAMES]
    mixup: Annotated[float, Rule(lambda value: value >= 0, "a number of at least 0")]
    label_smoothing: Annotated[float, SHARE]


@dataclass(frozen=True)
class Train:
    """How the network is trained."""

    seed: Annotated[int, WHOLE]
    epochs: Annotated[int, COUNT]
    batch_size: Annotated[int, Rule(lambda value: value >= 2, "a whole number of at least 2")]
    crop_frames: Annotated[int, CROP]
    learning_rate: Annotated[float, STEP]
    schedule: Annotated[str, SCHEDULE]
    warmup: Annotated[float, SHARE]
    weight_decay: Annotated[float, SHARE]
    spatial_dropout: Annotated[float, SHARE]
    dense_dropout: Annotated[float, SHARE]
    weight_averaging: Annotated[float, SHARE]
    augment: Augment
    precision: Annotated[str, PRECISION]
    early_stopping_patience: Annotated[int, COUNT]
    plateau_patience: Annotated[int, COUNT]
    plateau_factor: Annotated[float, INNER_SHARE]


@dataclass(frozen=True)
class Fgsm:
    """The Fast Gradient Sign Method (Goodfellow et al. 2015)."""

    random_start: bool


@dataclass(frozen=True)
class Pgd:
    """Projected Gradient Descent (Madry et al. 2018)."""

    steps: Annotated[int, COUNT]
    relative_step: Annotated[
        float, Rule(lambda value: 0 < value <= 2, "a number above 0, at most 2")
    ]
    random_start: bool
    restarts: Annotated[int, COUNT]
    abort_early: Annotated[float, Rule(lambda value: value >= 0, "a number of at least 0")]


@dataclass(frozen=True)
class Apgd:
    """Auto-PGD (Croce & Hein 2020)."""

    steps: Annotated[int, Rule(lambda value: value >= 2, "a whole number of at least 2")]
    restarts: Annotated[int, COUNT]


@dataclass(frozen=True)
class Noise:
    """Random signs, a control: what a change of that size does by itself."""

    draws: Annotated[int, COUNT]


@dataclass(frozen=True)
class Square:
    """The Square attack (Andriushchenko et al. 2020), which needs no gradients."""

    segments: Annotated[int, COUNT]
    iterations: Annotated[int, COUNT]


@dataclass(frozen=True)
class Controls:
    """What the attacks themselves are doubted with, on a sample of segments."""

    segments: Annotated[int, COUNT]
    epsilon: Annotated[float, STEP]
    square_iterations: Annotated[int, COUNT]


@dataclass(frozen=True)
class Attack:
    """The grid of attacks."""

    methods: Annotated[tuple[str, ...], METHOD_LIST]
    epsilons: Annotated[tuple[float, ...], EPSILONS]
    examples: Annotated[int, COUNT]
    seed: Annotated[int, WHOLE]
    precision: Annotated[str, PRECISION]
    fgsm: Fgsm
    pgd: Pgd
    pgd_margin: Pgd
    apgd: Apgd
    noise: Noise
    square: Square
    controls: Controls

    def options(self, method: str) -> Any:
        """The parameters of `method`, or None where there is no such method."""
        fields = {key: field for field, key in ALIASES.items()}
        return getattr(self, fields.get(method, method), None)


@dataclass(frozen=True)
class Gradcam:
    """What heatmaps are made of, and which are drawn."""

    method: Annotated[str, CAM]
    layer: Annotated[str, LAYER]
    target: Annotated[str, NAME]
    epsilon: Annotated[float, Rule(lambda value: 0 < value <= 1, "one of attack.epsilons")]
    correct_per_genre: Annotated[int, WHOLE]
    failures: Annotated[int, WHOLE]
    attacked: Annotated[int, WHOLE]


@dataclass(frozen=True)
class Params:
    """All parameters, one section a stage or group of stages."""

    data: Data
    explore: Explore
    preprocess: Preprocess
    train: Train
    attack: Attack
    gradcam: Gradcam


def parse_params(raw: Mapping[str, Any]) -> Params:
    """Check the contents of `params.yaml` and return them typed.

    Args:
        raw: the nested mapping, as `dvc.api.params_show()` returns it.

    Raises:
        UserError: an unknown, missing, mistyped or out-of-range key, or values that do not fit
            together; one line that names the key, the value and what is allowed.
    """
    params = _section(Params, raw, "")
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


def _section(kind: type[T], raw: Any, path: str) -> T:
    """Build the dataclass `kind` from the mapping `raw` found at the dotted `path`."""
    if not isinstance(raw, Mapping):
        name = path or "params.yaml"
        raise UserError(f"{name}: {_shown(raw)} is not allowed: give a section with keys")
    fields = get_type_hints(kind, include_extras=True)
    hints = {ALIASES.get(field, field): hint for field, hint in fields.items()}
    for key in raw:
        if key not in hints:
            name = " ".join(_join(path, key).split())
            raise UserError(f"{name}: unknown key: allowed here are {', '.join(hints)}")
    for key, hint in hints.items():
        if key not in raw:
            raise UserError(f"{_join(path, key)}: missing: add it to params.yaml, {_told(hint)}")
    values = (_value(hint, raw[key], _join(path, key)) for key, hint in hints.items())
    return kind(**dict(zip(fields, values, strict=True)))


def _value(hint: Any, raw: Any, path: str) -> Any:
    """`raw` as the annotated type `hint`, or as the section that `hint` is."""
    if is_dataclass(hint):
        return _section(cast(type, hint), raw, path)
    plain, rules = (
        (hint.__origin__, hint.__metadata__) if get_origin(hint) is Annotated else (hint, ())
    )
    value = _convert(plain, raw)
    if value is None or not all(rule.check(value) for rule in rules):
        raise UserError(f"{path}: {_shown(raw)} is not allowed: give {_told(hint)}")
    return value


def _convert(plain: Any, raw: Any) -> Any:
    """`raw` as the type `plain`, or None where it is of another kind."""
    if get_origin(plain) is tuple:
        entries = raw if isinstance(raw, list | tuple) else [None]
        converted = tuple(_convert(get_args(plain)[0], entry) for entry in entries)
        return None if None in converted else converted
    # A whole number stays one: an epsilon of 1 is called 1 in files, as DVC writes it.
    if plain is float and type(raw) in (int, float) and math.isfinite(raw):
        return raw
    # bool is an int to Python, but not to the reader of params.yaml.
    return raw if type(raw) is plain else None


def _told(hint: Any) -> str:
    """What is allowed, in words."""
    if get_origin(hint) is Annotated:
        return str(hint.__metadata__[0].told)
    return "true or false" if hint is bool else "a section with keys"


def _join(path: str, key: Any) -> str:
    return f"{path}.{key}" if path else str(key)


def _shown(raw: Any) -> str:
    """`raw` as it would be typed, cut to a readable length."""
    text = repr(list(raw) if isinstance(raw, tuple) else raw)
    return text if len(text) <= 80 else text[:77] + "..."
