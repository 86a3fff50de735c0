from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detune.figures.training import draw_confusion, draw_history

HISTORY = {
    "epoch": [1, 2, 3],
    "loss": [2.0, 1.0, 0.5],
    "val_loss": [2.1, 1.2, 1.4],
    "accuracy": [0.2, 0.5, 0.8],
    "val_accuracy": [0.2, 0.45, 0.5],
}


def test_history_is_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_history(HISTORY, path))


def test_history_has_both_splits_and_marks_the_best_epoch(sketched) -> None:
    figure = sketched(lambda path: draw_history(HISTORY, path))
    for ax, quantity in zip(figure.axes, ("loss", "accuracy"), strict=True):
        training, validation, best = ax.lines
        assert list(training.get_ydata()) == HISTORY[quantity]
        assert list(validation.get_ydata()) == HISTORY["val_" + quantity]
        assert set(best.get_xdata()) == {2}


def test_history_of_adversarial_training_shows_the_attacked_segments(sketched) -> None:
    attacked = {"val_adversarial_loss": [2.0, 1.9, 1.8], "val_robust_accuracy": [0.1, 0.2, 0.3]}
    figure = sketched(lambda path: draw_history(HISTORY | attacked, path))
    for ax, name in zip(figure.axes, attacked, strict=True):
        *_, line, best = ax.lines
        assert list(line.get_ydata()) == attacked[name]
        assert set(best.get_xdata()) == {3}


@pytest.mark.parametrize("epochs", [1, 50])
def test_history_of_any_length(epochs: int, drawn) -> None:
    history = {key: [values[0]] * epochs for key, values in HISTORY.items()}
    drawn(lambda path: draw_history({**history, "epoch": range(epochs)}, path))


def test_history_survives_a_diverged_run(drawn) -> None:
    drawn(lambda path: draw_history({**HISTORY, "val_loss": [np.nan] * 3}, path))


def test_history_needs_its_columns(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="val_loss"):
        draw_history({"epoch": [1], "loss": [1.0]}, tmp_path / "a.png")


MATRIX = np.array([[3, 1, 0], [0, 0, 0], [2, 0, 2]])
GENRES = ["blues", "jazz", "rock"]


def test_confusion_is_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_confusion(MATRIX, GENRES, path))


def test_confusion_is_shared_by_row_and_empty_without_songs(sketched) -> None:
    ax = sketched(lambda path: draw_confusion(MATRIX, GENRES, path)).axes[0]
    shares = ax.images[0].get_array()
    np.testing.assert_allclose(shares[0], [0.75, 0.25, 0.0])
    assert shares.mask[1].all()
    assert not shares.mask[[0, 2]].any()
    cells = {text.get_text(): text.get_position() for text in ax.texts}
    assert cells["3\n75%"] == (0, 0)
    assert cells["1\n25%"] == (1, 0)
    assert cells["no songs"] == (1, 1)
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "blues (4)",
        "jazz (0)",
        "rock (4)",
    ]


def test_confusion_has_the_first_genre_on_top(sketched) -> None:
    ax = sketched(lambda path: draw_confusion(MATRIX, GENRES, path)).axes[0]
    bottom, top = ax.get_ylim()
    assert bottom > top


def test_confusion_fits_the_genres(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\(3, 3\) for 2 genres"):
        draw_confusion(MATRIX, ["a", "b"], tmp_path / "a.png")


def test_confusion_of_no_songs_at_all(drawn) -> None:
    drawn(lambda path: draw_confusion(np.zeros((2, 2), int), ["a", "b"], path))
