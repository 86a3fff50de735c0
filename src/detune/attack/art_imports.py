"""The Adversarial Robustness Toolbox (ART), set up quietly; import it from here."""

from __future__ import annotations

import warnings

import detune.network.runtime  # noqa: F401  TensorFlow must be set up before ART imports it

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ART names the frameworks that are not installed
    from art.attacks.evasion import (
        AutoProjectedGradientDescent,
        FastGradientMethod,
        ProjectedGradientDescentTensorFlowV2,
        SquareAttack,
    )
    from art.attacks.evasion.imperceptible_asr.imperceptible_asr import PsychoacousticMasker
    from art.estimators.classification import TensorFlowV2Classifier
    from art.utils import check_and_transform_label_format

__all__ = [
    "AutoProjectedGradientDescent",
    "FastGradientMethod",
    "ProjectedGradientDescentTensorFlowV2",
    "PsychoacousticMasker",
    "SquareAttack",
    "TensorFlowV2Classifier",
    "check_and_transform_label_format",
]
