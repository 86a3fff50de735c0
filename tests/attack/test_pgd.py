from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from detune.attack.classifier import CompiledClassifier
from detune.attack.pgd import Clean, Outcome, SurvivorPGD
from detune.statistics.scores import song_votes

EPSILONS = [0.0005, 0.001, 0.002]
SETTINGS: dict[str, Any] = {"steps": 8, "random_start": False, "seed": 42}


@pytest.fixture(scope="module")
def compiled(network: Any) -> CompiledClassifier:
    return CompiledClassifier(network)


@pytest.fixture(scope="module")
def x(segments: np.ndarray) -> np.ndarray:
    return segments[..., None]


def survivor(compiled: CompiledClassifier, epsilon: float, **changes: Any) -> SurvivorPGD:
    return SurvivorPGD(compiled, epsilon=epsilon, step=epsilon / 4, **(SETTINGS | changes))


def stock_examples(stock: Any, x: np.ndarray, labels: np.ndarray, epsilon: float) -> np.ndarray:
    """What ART's own attack on ART's own classifier makes of the segments."""
    attack = import_module("art.attacks.evasion").ProjectedGradientDescent(
        stock, eps=epsilon, eps_step=epsilon / 4, max_iter=8, verbose=False
    )
    return np.asarray(attack.generate(x, labels))


def right(compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return np.asarray(compiled.predict(x).argmax(axis=1) == labels)


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_segments_that_are_never_fooled_end_where_arts_attack_ends(
    epsilon: float, compiled: CompiledClassifier, stock: Any, x: np.ndarray, labels: np.ndarray
) -> None:
    found = survivor(compiled, epsilon).generate(x, labels)
    expected = stock_examples(stock, x, labels, epsilon)
    standing = right(compiled, found, labels)
    assert standing.sum() >= 3
    assert np.abs(found[standing] - expected[standing]).max() < 1e-6
    # They did move, to the edge of the ball.
    assert np.abs(found - x)[standing].max(axis=(1, 2, 3)) == pytest.approx(epsilon, rel=1e-3)


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_robust_accuracy_is_never_above_that_of_arts_attack(
    epsilon: float, compiled: CompiledClassifier, stock: Any, x: np.ndarray, labels: np.ndarray
) -> None:
    standing = right(compiled, survivor(compiled, epsilon).generate(x, labels), labels)
    by_art = right(compiled, stock_examples(stock, x, labels, epsilon), labels)
    # A segment that ART fooled is fooled: they take the same way.
    assert not (standing & ~by_art & right(compiled, x, labels)).any()
    assert standing.mean() <= by_art.mean()


@pytest.mark.parametrize("random_start", [False, True])
@pytest.mark.parametrize("epsilon", [*EPSILONS, 0.3, 1.0])
def test_examples_stay_in_the_ball_and_in_the_range(
    epsilon: float,
    random_start: bool,
    compiled: CompiledClassifier,
    x: np.ndarray,
    labels: np.ndarray,
) -> None:
    found = survivor(compiled, epsilon, random_start=random_start).generate(x, labels)
    assert found.shape == x.shape
    assert found.dtype == np.float32
    assert np.abs(found - x).max() <= epsilon + 1e-6
    assert found.min() >= 0
    assert found.max() <= 1


def test_range_and_ball_also_hold_at_the_ends_of_the_range(
    compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    rounded = np.round(x)
    truth = compiled.predict(rounded).argmax(axis=1)
    found = survivor(compiled, 0.05, random_start=True).generate(rounded, truth)
    assert found.min() == 0
    assert found.max() == 1
    assert np.abs(found - rounded).max() <= 0.05 + 1e-6


def test_a_fooled_segment_is_its_first_misclassified_iterate(
    compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    epsilon, steps = 0.001, 8
    whole = survivor(compiled, epsilon).generate(x, labels)
    fooled = right(compiled, x, labels) & ~right(compiled, whole, labels)
    assert fooled.sum() >= 3
    # Stopping after fewer steps shows the iterates.
    iterates = [survivor(compiled, epsilon, steps=n).generate(x, labels) for n in range(1, steps)]
    wrong = [~right(compiled, iterate, labels) for iterate in iterates]
    firsts = []
    for row in np.flatnonzero(fooled):
        seen = [n for n in range(steps - 1) if wrong[n][row]]
        if seen:
            assert np.array_equal(iterates[seen[0]][row], whole[row])
            firsts.append(seen[0])
            # The iterate is no further than the steps it took.
            assert np.abs(whole[row] - x[row]).max() <= (seen[0] + 1) * epsilon / 4 + 1e-7
    assert len(set(firsts)) > 1


@pytest.mark.parametrize("random_start", [False, True])
def test_segments_wrong_from_the_start_come_back_unchanged(
    random_start: bool, compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    wrong = ~right(compiled, x, labels)
    assert wrong.sum() == 4
    found = survivor(compiled, 0.01, random_start=random_start).generate(x, labels)
    assert np.array_equal(found[wrong], x[wrong])
    assert (found != x)[~wrong].any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("epsilon", [0.001, 0.002])
def test_results_do_not_depend_on_order_or_company(
    epsilon: float, compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    attack = survivor(compiled, epsilon)
    together = attack.generate(x, labels)
    order = np.random.default_rng(3).permutation(len(x))
    assert np.abs(attack.generate(x[order], labels[order]) - together[order]).max() < 1e-7
    for row in (0, 1, 7, 18):
        alone = attack.generate(x[row : row + 1], labels[row : row + 1])
        assert np.abs(alone - together[row : row + 1]).max() < 1e-7


@pytest.mark.parametrize("count", [1, 5, 8, 12])
def test_a_random_start_is_a_matter_of_the_row_alone(
    count: int, compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    attack = survivor(compiled, 0.001, random_start=True)
    together = attack.generate(x, labels)
    assert np.abs(attack.generate(x[:count], labels[:count]) - together[:count]).max() < 1e-7
    # The rows behind the first ones may change places without any effect on the first ones.
    order = np.concatenate([np.arange(count), np.arange(len(x))[count:][::-1]])
    shuffled = attack.generate(x[order], labels[order])
    assert np.abs(shuffled[:count] - together[:count]).max() < 1e-7


def test_random_starts_fill_the_ball_and_follow_the_seed(
    compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    # Of the last iterate, a step of nearly nothing shows where it began.
    def starts(seed: int) -> np.ndarray:
        attack = SurvivorPGD(
            compiled, epsilon=0.1, step=1e-9, steps=1, random_start=True, seed=seed
        )
        return np.asarray(attack.generate(x, labels) - x)

    alive = right(compiled, x, labels)
    noise = starts(1)[alive]
    inside = noise[(x[alive] > 0.1) & (x[alive] < 0.9)]
    assert np.abs(noise).max() <= 0.1 + 1e-6
    assert inside.mean() == pytest.approx(0, abs=1e-3)
    assert inside.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.02)
    assert np.array_equal(starts(1), starts(1))
    assert not np.array_equal(starts(1), starts(2))
    # Clipping aside, two segments begin at points that have nothing in common.
    unclipped = ((x[alive][:2] > 0.1) & (x[alive][:2] < 0.9)).all(axis=0)
    assert abs(np.corrcoef(noise[0][unclipped], noise[1][unclipped])[0, 1]) < 0.1


@pytest.mark.parametrize("epsilon", [0.001, 0.01])
def test_every_segment_is_reported_done_once(
    epsilon: float, compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    done: list[int] = []
    survivor(compiled, epsilon).attack(Clean(x, labels, compiled.predict(x)), done.append)
    assert sum(done) == len(x)
    assert min(done) >= 0


def test_work_ends_with_the_survivors(network: Any, x: np.ndarray, labels: np.ndarray) -> None:
    compiled = CompiledClassifier(network)
    survivor(compiled, 0.0000001).generate(x, labels)
    alive = int(right(compiled, x, labels).sum())
    # None is fooled: every step of every segment takes a gradient.
    assert compiled.gradients == 8 * alive
    compiled = CompiledClassifier(network)
    survivor(compiled, 0.1, steps=40).generate(x, labels)
    assert compiled.gradients < 5 * alive


def test_stopping_early_saves_steps_and_loses_no_fooled_segment(
    network: Any, x: np.ndarray, labels: np.ndarray
) -> None:
    found, costs = [], []
    for factor in (0.0, 3.0):
        compiled = CompiledClassifier(network)
        attack = survivor(compiled, 0.0005, steps=30, abort_early=factor)
        found.append(right(compiled, attack.generate(x, labels), labels))
        costs.append(compiled.gradients)
    assert found[0].any()
    assert np.array_equal(found[0], found[1])
    assert costs[1] < 0.7 * costs[0]


def test_the_segments_given_are_left_alone(
    compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    before = x.copy()
    survivor(compiled, 0.01, random_start=True).generate(x, labels)
    assert np.array_equal(x, before)


def test_labels_are_required_and_unknown_options_are_refused(
    compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    attack = survivor(compiled, 0.01)
    with pytest.raises(ValueError, match="true labels"):
        attack.generate(x)
    with pytest.raises(ValueError, match="no further options"):
        attack.generate(x, labels, targeted=True)


@pytest.mark.parametrize("random_start", [False, True])
def test_a_mask_confines_the_change(
    random_start: bool, compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    mask = np.zeros((len(x), 128, 130, 1), dtype=bool)
    for row in range(len(x)):
        mask[row, 3 * row : 3 * row + 40, 20:100] = True
    attack = survivor(compiled, 0.3, random_start=random_start)
    changed = attack.generate(x, labels, mask=mask) != x
    assert not changed[~mask].any()
    assert changed[mask].mean() > 0.2
    everywhere = attack.generate(x, labels, mask=np.ones((128, 130, 1)))
    np.testing.assert_array_equal(everywhere, attack.generate(x, labels))


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_in_bfloat16_the_model_as_saved_decides_who_is_fooled(
    epsilon: float, network: Any, x: np.ndarray, labels: np.ndarray
) -> None:
    exact, coarse = (CompiledClassifier(network, precision=p) for p in ("float32", "bfloat16"))
    by_exact = right(exact, survivor(exact, epsilon).generate(x, labels), labels)
    found = survivor(coarse, epsilon).generate(x, labels)
    by_coarse = right(exact, found, labels)
    # Coarse steps go astray a little, but whoever left the batch early is wrong in float32 too.
    assert abs(int(by_coarse.sum()) - int(by_exact.sum())) <= 1
    moved = np.abs(found - x).max(axis=(1, 2, 3))
    left_early = moved < 0.9 * epsilon
    assert not by_coarse[left_early].any()


def test_restarts_lower_robust_accuracy_or_leave_it(
    compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    once, thrice = (
        survivor(compiled, 0.0005, steps=4, restarts=restarts).generate(x, labels)
        for restarts in (1, 3)
    )
    standing, fewer = (right(compiled, found, labels) for found in (once, thrice))
    assert not (fewer & ~standing).any()
    # What the first attempt fooled is left as it was.
    assert np.array_equal(thrice[~standing], once[~standing])
    assert not np.array_equal(thrice[standing], once[standing])


SONGS = np.arange(19) // 4
EXAMPLES = np.array([0, 5, 11, 2])


def attacked(
    compiled: CompiledClassifier,
    x: np.ndarray,
    labels: np.ndarray,
    epsilon: float,
    *,
    songs: np.ndarray = SONGS,
    **changes: Any,
) -> Outcome:
    clean = Clean(x, labels, compiled.predict(x), songs, EXAMPLES)
    return survivor(compiled, epsilon, **changes).attack(clean)


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_examples_are_arts_last_iterates_also_of_segments_that_fell_or_were_wrong(
    epsilon: float, compiled: CompiledClassifier, stock: Any, x: np.ndarray, labels: np.ndarray
) -> None:
    outcome = attacked(compiled, x, labels, epsilon, abort_early=4.0)
    expected = stock_examples(stock, x, labels, epsilon)[EXAMPLES]
    # A gradient that passes through zero may have another sign at one step: on AVX-512 one value
    # of an example's 16,640 is a step ahead and ART's a step behind.
    other = np.abs(outcome.examples - expected)
    assert (other > 1e-6).sum(axis=(1, 2, 3)).max() <= 1
    assert other.max() < 2 * epsilon / 4 + 1e-6
    assert np.abs(outcome.examples - x[EXAMPLES]).max(axis=(1, 2, 3)) == pytest.approx(
        epsilon, rel=1e-3
    )
    # Among them are one that was wrong from the start and one that fell on the way.
    fell = outcome.steps[EXAMPLES] if outcome.steps is not None else np.array([])
    assert (fell == 0).any()
    if epsilon == EPSILONS[-1]:
        assert ((fell > 0) & (fell < 8)).any()


def test_losses_of_examples_are_those_of_their_iterates(
    compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    losses = attacked(compiled, x, labels, 0.001).example_losses
    assert losses.shape == (len(EXAMPLES), 9)
    truth = labels[EXAMPLES]
    for steps in (1, 3, 8):
        examples = attacked(compiled, x, labels, 0.001, steps=8).examples
        if steps < 8:
            short = SurvivorPGD(
                compiled, epsilon=0.001, step=0.001 / 4, steps=steps, random_start=False, seed=42
            )
            examples = short.attack(
                Clean(x, labels, compiled.predict(x), examples=EXAMPLES)
            ).examples
        expected = compiled.compute_loss(examples, truth)
        assert losses[:, steps] == pytest.approx(expected, rel=1e-4, abs=1e-5)


def votes_along_the_way(
    stock: Any, x: np.ndarray, labels: np.ndarray, epsilon: float, songs: np.ndarray
) -> np.ndarray:
    """The vote `(steps + 1, songs)` over the segments' iterates, by ART's own attack."""
    art = import_module("art.attacks.evasion").ProjectedGradientDescent
    votes = [song_votes(stock.predict(x), songs)]
    for steps in range(1, 9):
        attack = art(stock, eps=epsilon, eps_step=epsilon / 4, max_iter=steps, verbose=False)
        votes.append(song_votes(stock.predict(attack.generate(x, labels)), songs))
    return np.asarray(votes)


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_a_song_falls_at_the_first_wrong_vote_over_its_segments_iterates(
    epsilon: float, compiled: CompiledClassifier, stock: Any, x: np.ndarray
) -> None:
    # Segments of a song share its label; some are wrong from the start, and are attacked as well.
    songs = np.argsort(np.argsort(compiled.predict(x).argmax(axis=1), kind="stable")) // 4
    labels = song_votes(compiled.predict(x), songs)[songs]
    labels[songs == 2] = (labels[songs == 2] + 1) % 3
    votes = votes_along_the_way(stock, x, labels, epsilon, songs)
    truth = np.array([labels[songs == song][0] for song in range(songs.max() + 1)])
    wrong = votes != truth
    expected = [
        votes[wrong[:, song].argmax() if wrong[:, song].any() else -1, song]
        for song in range(len(truth))
    ]
    outcome = attacked(compiled, x, labels, epsilon, songs=songs)
    assert outcome.song_predictions is not None
    assert outcome.song_predictions.tolist() == expected
    assert outcome.song_predictions[2] != truth[2]
    # Segments are told the same whether songs are asked about or not.
    alone = survivor(compiled, epsilon).generate(x, labels)
    assert np.array_equal(
        right(compiled, alone, labels), right(compiled, outcome.adversarial, labels)
    )


def test_songs_and_segments_that_have_stalled_cost_little(
    network: Any, x: np.ndarray, labels: np.ndarray
) -> None:
    costs, songs = [], []
    for factor in (0.0, 4.0):
        compiled = CompiledClassifier(network)
        clean = Clean(x, labels, compiled.predict(x), SONGS)
        outcome = survivor(compiled, 0.0005, steps=30, abort_early=factor).attack(clean)
        songs.append(outcome.song_predictions)
        costs.append(compiled.gradients)
    assert np.array_equal(songs[0], songs[1])
    assert costs[1] < 0.6 * costs[0]


def test_steps_count_to_the_first_misclassified_iterate(
    compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    steps = attacked(compiled, x, labels, 0.001).steps
    assert steps is not None
    for count in range(1, 9):
        found = survivor(compiled, 0.001, steps=count).generate(x, labels)
        assert np.array_equal(~right(compiled, found, labels), (steps >= 0) & (steps <= count))


def test_later_attempts_take_the_place_of_examples_only_where_they_succeed(
    compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    once, thrice = (
        attacked(compiled, x, labels, 0.0005, steps=4, restarts=restarts).examples
        for restarts in (1, 3)
    )
    truth = labels[EXAMPLES]
    changed = (once != thrice).any(axis=(1, 2, 3))
    assert not right(compiled, thrice[changed], truth[changed]).any()
    assert right(compiled, once[changed], truth[changed]).all()
