"""All sections, as in `params.yaml`: plain dataclasses, which pydantic checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from detune.params.method_options import MethodOptions, Methods
from detune.params.section import Section
from detune.params.severities import Corruptions
from detune.params.training import Train
from detune.params.value_types import (
    CamMethod,
    CodePage,
    Count,
    Epsilons,
    Folds,
    InnerShare,
    InputDefence,
    Labels,
    Layer,
    Levels,
    Milliseconds,
    Name,
    Number,
    Partition,
    Precision,
    RelativeStep,
    Several,
    SmallestGenre,
    Source,
    Step,
    Whole,
)


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
