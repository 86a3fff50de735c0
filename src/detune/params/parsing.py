"""Check the contents of `params.yaml`: types, ranges and keys by pydantic, and what must fit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from detune.params.section import ALIASES, Section
from detune.params.sections import Params
from detune.params.value_types import Described
from detune.support.errors import UserError


def parse_params(raw: Mapping[str, Any]) -> Params:
    """Check the contents of `params.yaml` and return them typed.

    Args:
        raw: the nested mapping.

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
