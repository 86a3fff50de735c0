"""The parameters of training."""

from __future__ import annotations

from dataclasses import dataclass

from detune.params.section import Section
from detune.params.value_types import (
    AdversarialMethod,
    Bands,
    Count,
    Crop,
    Epochs,
    Frames,
    InnerShare,
    NotNegative,
    Precision,
    Schedule,
    Several,
    Share,
    Step,
    Whole,
)


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
