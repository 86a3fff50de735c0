"""A control of the finding on attention: the same comparison without Grad-CAM's ReLU.

An attack lowers the original class's logit. Its heatmap then keeps little behind the ReLU, and
what is left is scaled up: that alone could look like attention that moves. Without the ReLU
nothing is cut off. Needs the results of a pipeline run.
"""

from __future__ import annotations

import sys
from pathlib import Path

EPSILONS = (0.01, 0.02, 0.05, 0.1)


def main() -> None:
    """Print rank correlations for the original class, with and without the ReLU."""
    import numpy as np  # noqa: PLC0415

    from detune.collection.dataset import load_split  # noqa: PLC0415
    from detune.gradcam.gradcam import GradCam  # noqa: PLC0415
    from detune.gradcam.measures import spearman  # noqa: PLC0415
    from detune.network.model_file import load_model  # noqa: PLC0415
    from detune.network.runtime import tf  # noqa: PLC0415
    from detune.statistics.bootstrap import Bootstrap  # noqa: PLC0415
    from detune.statistics.perturbation import signed_noise  # noqa: PLC0415

    class Signed(GradCam):
        """Weighted maps as they are, what speaks against the class included."""

        def _weighted_maps(self, x: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            maps = self._features(x, training=False)
            weights = self._weigh(self._head, maps, labels)
            return tf.einsum("nkc,nhwc->nkhw", weights, maps), self._head(maps, training=False)

    model, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    for name, kind in (("Grad-CAM", GradCam), ("without ReLU", Signed)):
        cam = kind(model)
        for method in ("pgd", "fgsm"):
            for epsilon in EPSILONS:
                with np.load(f"data/attacks/{method}-{epsilon}.npz") as cell:
                    rows, examples = cell["example_rows"], cell["examples"]
                    targets = cell["clean_logits"][rows].argmax(axis=1)
                origin = test.values[rows]
                noisy = signed_noise(
                    origin, np.abs(examples - origin), [(1, int(row)) for row in rows]
                )
                clean, attacked, control = (
                    cam.explain(x, targets).heatmaps for x in (origin, examples, noisy)
                )
                attack, noise = spearman(clean, attacked), spearman(clean, control)
                bootstrap = Bootstrap([test.tracks[row] for row in rows], 42)
                print(
                    f"{name}, {method} {epsilon}: attack {bootstrap.estimate(attack)}, "
                    f"noise {bootstrap.estimate(noise)}, "
                    f"lower by {bootstrap.estimate(noise - attack)}"
                )


if __name__ == "__main__":
    if not Path("data/attacks").is_dir():
        sys.exit("bench: no attacks there: run `make repro` first")
    main()
