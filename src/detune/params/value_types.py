"""What values a parameter may have; the description of a type is what a message says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
)

T = TypeVar("T")

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
