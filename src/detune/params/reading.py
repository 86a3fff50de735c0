"""Read `params.yaml` as DVC does: by YAML 1.2, where 1e-4 is a number and `on` is a word."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from detune.params.parsing import parse_params
from detune.params.sections import Params
from detune.support.errors import UserError


def read_params(path: Path) -> Params:
    """The parameters in a file, checked.

    Args:
        path: of the file. Its size is `support.yaml_size`'s to check.

    Raises:
        UserError: it is not there, no YAML, or a value is refused; one line.
    """
    try:
        return parse_params(YAML(typ="safe").load(path) or {})
    except FileNotFoundError as error:
        raise UserError(f"{path}: not there: start in the folder of the project") from error
    except (UnicodeDecodeError, YAMLError) as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        place = f" in line {mark.line + 1}" if mark else ""
        raise UserError(f"{path}: this is no YAML{place}: mend it there") from error
