from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from detune.attack.grid import cell_name
from detune.support.errors import UserError
from detune.support.params import Params, parse_params

SHIPPED = Path(__file__).parents[2] / "params.yaml"
MISSING = object()

SHARE = "a number from 0 to below 1"
INNER_SHARE = "a number above 0 and below 1"
COUNT = "a whole number of at least 1"
CROP = "a whole number from 16 to 130"
WHOLE = "a whole number from 0 to 4294967295"
METHODS_TOLD = "a list of fgsm, pgd, pgd-margin, apgd, noise, square, fgsm and pgd among them"
STEP = "a number above 0, at most 1"
LAYER = "last, or a layer with maps, such as block3b_conv"
CODE_PAGE = "a code page that Python knows, such as utf-8, cp437 or cp932"
LABELS = "the path of a CSV path,genre,group,split"
SMALLEST_GENRE = "a whole number of tracks, 0 for none left out"
PARTITION = "the path of a CSV track,split,group"
FOLDS = "0 or a whole number of at least 2"
EPSILONS = "a list of different numbers, each above 0 and at most 1"


def changed(key: str, value: Any) -> dict[str, Any]:
    """The shipped parameters with one dotted key set, or removed."""
    raw = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    *path, last = key.split(".")
    section = raw
    for name in path:
        section = section[name]
    if value is MISSING:
        del section[last]
    else:
        section[last] = value
    return raw


def error_of(raw: dict[str, Any]) -> str:
    with pytest.raises(UserError) as caught:
        parse_params(raw)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_shipped_parameters_are_allowed_and_typed() -> None:
    raw = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    params = parse_params(raw)
    assert isinstance(params, Params)
    assert params.attack.epsilons == tuple(raw["attack"]["epsilons"])
    assert params.preprocess.split.train == raw["preprocess"]["split"]["train"]
    assert params.attack.pgd.random_start is raw["attack"]["pgd"]["random_start"]


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("data.path", "", "the path of a recipe, a folder or an archive"),
        ("data.path", "   ", "the path of a recipe, a folder or an archive"),
        ("data.path", 2.5, "the path of a recipe, a folder or an archive"),
        ("data.path", None, "the path of a recipe, a folder or an archive"),
        ("data.missing_ms", -1, "milliseconds, a number from 0 to 1000"),
        ("data.missing_ms", 1001, "milliseconds, a number from 0 to 1000"),
        ("data.missing_ms", "100 ms", "milliseconds, a number from 0 to 1000"),
        ("data.zip_names", "klingon", CODE_PAGE),
        ("data.zip_names", "hex", CODE_PAGE),
        ("data.zip_names", "utf-16", CODE_PAGE),
        ("data.zip_names", 437, CODE_PAGE),
        ("data.labels", None, LABELS),
        ("data.labels", "tracks.xlsx", LABELS),
        ("data.smallest_genre", -1, SMALLEST_GENRE),
        ("data.smallest_genre", "ten", SMALLEST_GENRE),
        ("data.partition", None, PARTITION),
        ("data.partition", "", PARTITION),
        ("data.partition", "lists/", PARTITION),
        ("preprocess.split.folds", 1, FOLDS),
        ("preprocess.split.folds", -2, FOLDS),
        ("preprocess.split.folds", None, FOLDS),
        ("preprocess.split.fold", -1, WHOLE),
        ("explore.example_track", -1, WHOLE),
        ("explore.example_track", 2**32, WHOLE),
        ("preprocess.segments_per_track", 0, COUNT),
        ("preprocess.segments_per_track", 2.0, COUNT),
        ("preprocess.segments_per_track", True, COUNT),
        ("preprocess.segments_per_track", "10", COUNT),
        ("preprocess.split.train", 0, INNER_SHARE),
        ("preprocess.split.validation", 1, INNER_SHARE),
        ("preprocess.split.test", "0.15", INNER_SHARE),
        ("preprocess.split.seed", 1.5, WHOLE),
        ("train.seed", False, WHOLE),
        ("train.epochs", 0, "auto, or a whole number of at least 1"),
        ("train.batch_size", 1, "a whole number of at least 2"),
        ("train.crop_frames", 15, CROP),
        ("train.crop_frames", 131, CROP),
        ("train.crop_frames", 32.0, CROP),
        ("train.learning_rate", 0, STEP),
        ("train.schedule", "step", "cosine or plateau"),
        ("train.schedule", 1, "cosine or plateau"),
        ("train.warmup", 1.0, SHARE),
        ("attack.methods", ["fgsm"], METHODS_TOLD),
        ("attack.methods", ["fgsm", "pgd", "deepfool"], METHODS_TOLD),
        ("attack.methods", ["fgsm", "pgd", "pgd"], METHODS_TOLD),
        ("attack.methods", "pgd", METHODS_TOLD),
        ("attack.pgd-margin.steps", 0, COUNT),
        ("attack.noise.draws", 0, COUNT),
        ("attack.square.iterations", 0, COUNT),
        ("attack.controls.epsilon", 0, STEP),
        ("attack.pgd.abort_early", -1, "a number of at least 0"),
        ("attack.pgd.abort_early", True, "a number of at least 0"),
        ("attack.pgd.abort_early", float("inf"), "a number of at least 0"),
        ("train.adversarial.method", "free", "none, fgsm-rs, pgd or trades"),
        (
            "attack.defence",
            "prayer",
            "none, quantisation, smoothing, quantisation-smoothing or random-shift",
        ),
        ("train.adversarial.epsilon", 0, STEP),
        ("train.adversarial.epsilon", 1.5, STEP),
        ("train.adversarial.steps", 0, COUNT),
        ("train.precision", "half", "auto, float32 or bfloat16"),
        ("train.learning_rate", 1.5, STEP),
        ("train.learning_rate", "fast", STEP),
        ("train.learning_rate", True, STEP),
        ("train.learning_rate", float("nan"), STEP),
        ("train.learning_rate", float("inf"), STEP),
        ("train.weight_decay", -0.1, SHARE),
        ("train.spatial_dropout", 1, SHARE),
        ("train.dense_dropout", [0.4], SHARE),
        ("train.early_stopping_patience", 0, COUNT),
        ("train.plateau_patience", -1, COUNT),
        ("train.plateau_factor", 1, INNER_SHARE),
        ("attack.epsilons", [], EPSILONS),
        ("attack.epsilons", [0.1, -0.1], EPSILONS),
        ("attack.epsilons", [0.1, 0], EPSILONS),
        ("attack.epsilons", [0.1, 1.01], EPSILONS),
        ("attack.epsilons", [0.1, 0.1], EPSILONS),
        ("attack.epsilons", [0.1, "0.2"], EPSILONS),
        ("attack.epsilons", [0.1, True], EPSILONS),
        ("attack.epsilons", [0.1, float("nan")], EPSILONS),
        ("attack.epsilons", 0.1, EPSILONS),
        ("attack.epsilons", "0.1", EPSILONS),
        ("attack.examples", 0, COUNT),
        ("attack.seed", "42", WHOLE),
        ("attack.fgsm.random_start", 1, "true or false"),
        ("attack.pgd.random_start", "no", "true or false"),
        ("attack.pgd.steps", 0, COUNT),
        ("attack.pgd.relative_step", 0, "a number above 0, at most 2"),
        ("attack.pgd.relative_step", 2.1, "a number above 0, at most 2"),
        ("gradcam.epsilon", 0, "one of attack.epsilons"),
        ("gradcam.correct_per_genre", -1, WHOLE),
        ("gradcam.failures", 1.0, WHOLE),
        (
            "gradcam.method",
            "score-cam",
            "grad-cam, grad-cam++, ablation-cam, hires-cam or integrated-gradients",
        ),
        ("gradcam.layer", "dense1", LAYER),
        ("gradcam.layer", None, LAYER),
        ("gradcam.target", None, "a name"),
        ("gradcam.attacked", None, WHOLE),
        ("train", 5, "a section with keys"),
        ("attack.pgd", None, "a section with keys"),
        ("preprocess.split", [0.7, 0.15, 0.15], "a section with keys"),
    ],
)
def test_a_wrong_value_is_one_line_with_key_value_and_what_is_allowed(
    key: str, value: Any, allowed: str
) -> None:
    assert error_of(changed(key, value)) == f"{key}: {value!r} is not allowed: give {allowed}"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("explore.example_track", 0),
        ("explore.example_track", 2**32 - 1),
        ("train.batch_size", 2),
        ("train.crop_frames", 16),
        ("train.crop_frames", 130),
        ("train.learning_rate", 1),
        ("train.weight_decay", 0),
        ("train.spatial_dropout", 0.999),
        ("attack.epsilons", [0.1, 1]),
        ("attack.pgd.steps", 1),
        ("attack.pgd.relative_step", 2),
        ("gradcam.correct_per_genre", 0),
        ("gradcam.failures", 0),
        ("gradcam.attacked", 0),
        ("gradcam.layer", "block1a_norm"),
        ("train.precision", "bfloat16"),
    ],
)
def test_the_ends_of_the_ranges_are_allowed(key: str, value: Any) -> None:
    found: Any = parse_params(changed(key, value))
    for name in key.split("."):
        found = getattr(found, name)
    assert found == (tuple(value) if isinstance(value, list) else value)


def test_a_whole_number_does_for_a_share_and_stays_one() -> None:
    decay = parse_params(changed("train.weight_decay", 0)).train.weight_decay
    assert (decay, type(decay)) == (0, int)


def test_a_typo_is_told_before_what_is_missing_for_it() -> None:
    raw = changed("attack.pgd.steps", MISSING)
    raw["attack"]["pgd"]["step"] = 40
    raw["data"]["path"] = 3
    assert error_of(raw).startswith("attack.pgd.step: unknown key: ")


@pytest.mark.parametrize(
    ("key", "siblings"),
    [
        (
            "colour",
            "data, explore, preprocess, train, attack, gradcam, ground_truth, listen, corruptions, "
            "summary",
        ),
        ("data.folder", "path, labels, smallest_genre, partition, missing_ms, zip_names"),
        ("attack.pgd.step", "steps, relative_step, random_start, restarts, abort_early"),
        ("preprocess.split.valid", "train, validation, test, seed, folds, fold"),
    ],
)
def test_an_unknown_key_is_named_with_the_known_ones(key: str, siblings: str) -> None:
    assert error_of(changed(key, 1)) == f"{key}: unknown key: allowed here are {siblings}"


def sections(raw: dict[str, Any], path: str = "") -> list[str]:
    """Every section of the parameters, dotted."""
    inner = [
        found
        for key, value in raw.items()
        if isinstance(value, dict)
        for found in sections(value, f"{path}{key}.")
    ]
    return [path, *inner]


@pytest.mark.parametrize("section", sections(yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))))
def test_every_section_refuses_unknown_keys(section: str) -> None:
    message = error_of(changed(f"{section}colour", 1))
    assert message.startswith(f"{section}colour: unknown key: allowed here are ")


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        ("gradcam", "a section with keys"),
        ("attack.fgsm", "a section with keys"),
        ("attack.fgsm.random_start", "true or false"),
        ("attack.epsilons", EPSILONS),
        ("train.epochs", "auto, or a whole number of at least 1"),
    ],
)
def test_a_missing_key_is_named_with_what_belongs_there(key: str, allowed: str) -> None:
    assert error_of(changed(key, MISSING)) == f"{key}: missing: add it to params.yaml, {allowed}"


@pytest.mark.parametrize("share", [0.6, 0.71, 0.8])
def test_shares_that_do_not_sum_to_one_are_told_with_their_sum(share: float) -> None:
    message = error_of(changed("preprocess.split.train", share))
    assert message.startswith(f"preprocess.split: train {share} + validation 0.15 + test 0.15 = ")
    assert f"= {share + 0.3:g}:" in message


def test_shares_may_miss_one_by_a_rounding_error() -> None:
    shares = {"train": 0.1, "validation": 0.2, "test": 0.7}
    raw = changed("preprocess.split", {**shares, "seed": 0, "folds": 0, "fold": 0})
    assert parse_params(raw).preprocess.split.test == 0.7


@pytest.mark.parametrize(("folds", "fold", "told"), [(5, 5, "give 0 to 4"), (0, 2, "folds")])
def test_a_fold_must_be_one_of_the_folds(folds: int, fold: int, told: str) -> None:
    raw = changed("preprocess.split.folds", folds)
    raw["preprocess"]["split"]["fold"] = fold
    message = error_of(raw)
    assert message.startswith(f"preprocess.split.fold: {fold} is not one of {folds} folds")
    assert told in message
    raw["preprocess"]["split"] |= {"folds": 5, "fold": 4}
    assert parse_params(raw).preprocess.split.fold == 4


def test_the_epsilon_to_draw_must_be_attacked() -> None:
    message = error_of(changed("gradcam.epsilon", 0.03))
    assert message.startswith("gradcam.epsilon: 0.03 is not attacked")
    assert "attack.epsilons [0.001, 0.002," in message


def test_no_more_attacked_pictures_than_examples() -> None:
    shipped = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["attack"]["examples"]
    assert parse_params(changed("gradcam.attacked", shipped)).gradcam.attacked == shipped
    message = error_of(changed("gradcam.attacked", shipped + 1))
    assert message.startswith(f"gradcam.attacked: {shipped + 1} is more than attack.examples ")


def test_a_long_value_is_shown_in_part() -> None:
    message = error_of(changed("attack.epsilons", [-1.0] * 1000))
    assert len(message) < 250
    assert message.startswith("attack.epsilons: [-1.0, ")


def test_an_epsilon_of_one_keeps_the_name_that_dvc_gives_it() -> None:
    raw = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text())
    raw["attack"]["epsilons"] = [0.1, 1]
    assert [cell_name("pgd", e) for e in parse_params(raw).attack.epsilons] == ["pgd-0.1", "pgd-1"]


@pytest.mark.parametrize(("given", "meant"), [(True, "true"), (80, "80"), ("80s", "80s")])
def test_names_that_yaml_takes_for_something_else_are_as_they_were_typed(
    given: Any, meant: str
) -> None:
    assert parse_params(changed("gradcam.target", given)).gradcam.target == meant
    assert parse_params(changed("data.path", given)).data.path == meant
