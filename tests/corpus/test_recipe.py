from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from detune.corpus import Recipe, load_recipe
from detune.corpus.styles import STYLES
from detune.corpus.track import compose_track
from detune.support.errors import UserError

GOOD = {
    "seed": 1,
    "seconds": 30,
    "tracks_per_genre": 2,
    "crossover": 0.2,
    "genres": ["blues", "rock"],
}


def written(folder: Path, values: object) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def test_a_good_recipe_is_read(tmp_path: Path) -> None:
    assert load_recipe(written(tmp_path, GOOD)) == Recipe(1, 30.0, 2, 0.2, ("blues", "rock"))


def test_tracks_are_named_by_genre_and_number() -> None:
    recipe = Recipe(1, 30.0, 2, 0.2, ("blues", "rock"))
    assert list(recipe.tracks()) == [
        ("blues.00000", "blues", 0),
        ("blues.00001", "blues", 1),
        ("rock.00000", "rock", 0),
        ("rock.00001", "rock", 1),
    ]


def test_the_embedded_recipe_is_good() -> None:
    recipe = load_recipe(Path(__file__).parents[2] / "data" / "embedded.yaml")
    assert len(recipe.genres) == 10
    assert len(list(recipe.tracks())) == 10 * recipe.tracks_per_genre


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("seed", -1, "0 or more"),
        ("seed", 1.5, "whole number"),
        ("seed", True, "whole number"),
        ("seconds", 2, "from 3.0 to 600.0"),
        ("seconds", float("nan"), "from 3.0 to 600.0"),
        ("seconds", "long", "a number"),
        ("tracks_per_genre", 0, "from 1 to 1000"),
        ("crossover", 1.1, "from 0.0 to 1.0"),
        ("crossover", None, "a number"),
        ("genres", [], "a list of blues"),
        ("genres", "rock", "a list of blues"),
        ("genres", ["polka"], "allowed are blues"),
        ("genres", ["polka"], "needs a style in src/detune/corpus/styles.py"),
        ("genres", [["rock"]], "allowed are blues"),
        ("genres", ["rock", "rock"], "once"),
    ],
)
def test_a_bad_value_is_told_in_one_line(
    tmp_path: Path, key: str, value: object, allowed: str
) -> None:
    with pytest.raises(UserError) as told:
        load_recipe(written(tmp_path, {**GOOD, key: value}))
    message = str(told.value)
    assert "\n" not in message
    assert key in message
    assert allowed in message
    inner = value[0] if isinstance(value, list) and value else value
    assert repr(inner) in message


@pytest.mark.parametrize("key", GOOD)
def test_a_missing_key_is_told(tmp_path: Path, key: str) -> None:
    values = {name: value for name, value in GOOD.items() if name != key}
    with pytest.raises(UserError, match=f"'{key}' is missing"):
        load_recipe(written(tmp_path, values))


CUE = {"genre": "rock", "kind": "tone", "level_db": -20, "tracks": 3}


def test_a_cue_is_optional_and_checked(tmp_path: Path) -> None:
    assert load_recipe(written(tmp_path, GOOD)).cue is None
    genre = GOOD["genres"][0]
    found = load_recipe(written(tmp_path, {**GOOD, "cue": {**CUE, "genre": genre}}))
    assert found.cue
    assert found.cue.carried_by(genre, 2)
    assert not found.cue.carried_by(genre, 3)
    for key, value in (("kind", "buzz"), ("level_db", 3), ("genre", "polka"), ("colour", 1)):
        with pytest.raises(UserError, match=rf"cue\.{key} is .*allowed is") as told:
            load_recipe(written(tmp_path, {**GOOD, "cue": {**CUE, "genre": genre, key: value}}))
        assert "\n" not in str(told.value)


def test_an_unknown_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"unknown key .?3"):
        load_recipe(written(tmp_path, GOOD | {3: 1}))
    with pytest.raises(UserError, match="unknown key 'tempo'; allowed are seed"):
        load_recipe(written(tmp_path, {**GOOD, "tempo": 120}))


@pytest.mark.parametrize("content", [b"", b"- 1\n- 2\n", b"seed: [1\n", b"\xff\xfe\xfa"])
def test_a_file_that_is_no_recipe_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError) as told:
        load_recipe(path)
    assert "\n" not in str(told.value)
    assert "recipe" in str(told.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read"):
        load_recipe(tmp_path / "none.yaml")


def test_a_genre_needs_a_style_and_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/extending.md says: `styles.py` and the recipe, nothing else."""
    monkeypatch.setitem(STYLES, "ska", replace(STYLES["reggae"], genre="ska"))
    recipe = load_recipe(written(tmp_path, {**GOOD, "seconds": 3, "genres": ["blues", "ska"]}))
    tracks = [compose_track(recipe, genre, index) for _, genre, index in recipe.tracks()]
    assert len(tracks) == 4
    assert all(np.abs(track).max() > 0.01 for track in tracks)
