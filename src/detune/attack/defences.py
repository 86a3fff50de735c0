"""Defences that change the input: part of the model under attack, whatever they are worth.

Quantisation and smoothing are the "feature squeezing" of Xu et al. 2018; a random shift stands for
the random transformations of Xie et al. 2018. Athalye et al. 2018 broke both kinds: what hides the
gradient is no defence. Here they show what the verdict says of such a model.
"""

from __future__ import annotations

from typing import Any

from detune.network.runtime import keras, tf

LEVELS = 32
"""Values that quantisation leaves of [0, 1]: 2.6 dB apart in a segment that spans 80 dB."""

SMOOTHED = 3
"""Bands and frames over which smoothing takes the mean."""

SHIFT = 8
"""Frames that a random shift moves a segment by at most: 0.19 s."""

OFFSETS = (-8, -4, 0, 4, 8)
"""Shifts that stand for all random ones where an expectation is taken."""

SEED = 0
"""Of the random shifts, which go on from one answer to the next."""

NAME = "defence"
"""What the names of the layers begin with."""


class InputChange(keras.layers.Layer):
    """A change of segments `(n, 128, 130, 1)` in front of a network, always in float32."""

    def __init__(self, name: str, **_: Any) -> None:
        """Name it; another number format, as copies of a network ask for, is ignored."""
        super().__init__(name=name, dtype="float32", trainable=False)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape stays as it is."""
        return input_shape


class Quantisation(InputChange):
    """Each value rounded to one of `LEVELS`, without a gradient."""

    def call(self, x: Any) -> Any:
        """Round the segments."""
        return tf.round(x * (LEVELS - 1)) / (LEVELS - 1)


class StraightThrough(Quantisation):
    """The same, with the gradient of what is left as it is (BPDA, Athalye et al. 2018)."""

    def call(self, x: Any) -> Any:
        """Round the segments."""
        return x + tf.stop_gradient(super().call(x) - x)


class Smoothing(InputChange):
    """Each value replaced by the mean of the `SMOOTHED` by `SMOOTHED` around it."""

    def call(self, x: Any) -> Any:
        """Smooth the segments."""
        return tf.nn.avg_pool2d(x, SMOOTHED, 1, "SAME")


class Shift(InputChange):
    """Segments moved in time by a number of frames; what leaves at one end enters at the other."""

    def __init__(self, name: str, frames: int, **_: Any) -> None:
        """Set the number."""
        super().__init__(name)
        self._frames = frames

    def call(self, x: Any) -> Any:
        """Move the segments."""
        return tf.roll(x, self._frames, axis=2)

    def get_config(self) -> dict[str, Any]:
        """What a copy is made from."""
        return {"name": self.name, "frames": self._frames}


class RandomShift(InputChange):
    """The same by up to `SHIFT` frames, drawn anew for each segment and answer."""

    def call(self, x: Any) -> Any:
        """Move the segments."""
        shifts = tf.random.uniform((tf.shape(x)[0], 1), -SHIFT, SHIFT + 1, tf.int32, seed=SEED)
        places = (tf.range(x.shape[2]) - shifts) % x.shape[2]
        return tf.gather(x, places, axis=2, batch_dims=1)


DEFENCES: dict[str, tuple[type[InputChange], ...]] = {
    "none": (),
    "quantisation": (Quantisation,),
    "smoothing": (Smoothing,),
    "quantisation-smoothing": (Smoothing, Quantisation),
    "random-shift": (RandomShift,),
}
"""What each does to a segment, in order; the keys are what `attack.defence` may be."""


def defended(model: keras.Model, defence: str) -> keras.Model:
    """`model` behind a defence, as a model of its own; `none` gives back `model` itself.

    Args:
        model: from segments `(n, 128, 130, 1)` to logits; the copy has its layers, by their names.
        defence: a key of `DEFENCES`.
    """
    return _behind(model, *DEFENCES[defence])


def surrogate(model: keras.Model, defence: str) -> keras.Model:
    """What an adaptive attack takes gradients of in place of `defended(model, defence)`.

    Straight through a rounding (BPDA), or of the mean logits over several shifts (EOT; both Athalye
    et al. 2018).
    """
    if RandomShift in DEFENCES[defence]:
        inputs = keras.Input(model.input_shape[1:])
        shifts = [Shift(f"{NAME}{place}", offset) for place, offset in enumerate(OFFSETS, start=1)]
        logits = [model(shift(inputs)) for shift in shifts]
        return keras.Model(inputs, keras.layers.average(logits))
    changes = (StraightThrough if one is Quantisation else one for one in DEFENCES[defence])
    return _behind(model, *changes)


def _behind(model: keras.Model, *changes: type[InputChange]) -> keras.Model:
    """A copy of `model` with the same weights whose input passes `changes` first."""
    if not changes:
        return model
    layers = [change(name=f"{NAME}{place}") for place, change in enumerate(changes, start=1)]

    def called(layer: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        if keras.backend.is_keras_tensor(x) and _is_input(x):
            for change in layers:
                x = change(x)
        return layer(x, *args, **kwargs)

    copy = keras.models.clone_model(model, call_function=called)
    copy.set_weights(model.get_weights())
    return copy


def _is_input(x: Any) -> bool:
    """Whether no layer has worked on the symbolic tensor `x` yet."""
    return isinstance(x._keras_history.operation, keras.layers.InputLayer)
