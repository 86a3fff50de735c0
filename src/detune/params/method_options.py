"""The attack methods, and the parameters of each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Any

from pydantic import Field, StrictStr

from detune.params.section import ALIASES, Section
from detune.params.value_types import Count, Flag, NotNegative, RelativeStep, Several, must

PICTURED = ("fgsm", "pgd")
"""Those that Grad-CAM draws; they are part of every grid."""


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
