"""Of one machine; what several do is compared in `test_machines.py`."""

from __future__ import annotations

import numpy as np
import pytest

from detune.network.runtime import keras, tf
from detune.train.whole_batch import on_machines, own_part, unite


def test_one_machine_draws_for_itself() -> None:
    assert not on_machines()
    shape = tf.constant([2, 3])
    assert own_part(shape, tf.ones).shape == (2, 3)


@pytest.mark.parametrize("spatial", [False, True])
def test_dropout_drops_as_it_did(spatial: bool) -> None:
    kind = keras.layers.SpatialDropout2D if spatial else keras.layers.Dropout
    layer = kind(0.5, seed=1)
    model = keras.Sequential([keras.Input((8, 8, 6)), layer])
    unite(model)
    x = np.random.default_rng(0).uniform(1, 2, (4, 8, 8, 6)).astype(np.float32)
    np.testing.assert_array_equal(layer(x, training=False), x)
    kept = np.asarray(layer(x, training=True)) / x
    assert set(np.unique(kept.round(4))) == {0.0, 2.0}
    maps = kept.reshape(4, 64, 6)
    assert (maps == maps[:, :1]).all() == spatial


def test_batch_norm_is_that_of_the_complete_batch() -> None:
    norm = keras.layers.BatchNormalization()
    unite(keras.Sequential([keras.Input((3,)), norm]))
    assert norm.synchronized
