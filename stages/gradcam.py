"""Draw what the network attends to: right, wrong and under attack."""

from pathlib import Path

from harness import run

from detune.attention import attention_arrays, attention_counts, draw_all, explain_all
from detune.dataset import load_split
from detune.files import read_npz, write_json, write_npz
from detune.gradcam import GradCam
from detune.grid import cell_name
from detune.model import load_model
from detune.params import PICTURED, Params


def gradcam(params: Params) -> str:
    """From the model and the attacked examples to heatmaps and pictures."""
    epsilon = params.gradcam.epsilon
    model, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    cells = {
        method: read_npz(Path(f"data/attacks/{cell_name(method, epsilon)}.npz"))
        for method in PICTURED
    }
    explained = explain_all(GradCam(model), test, cells, params.gradcam)
    counts = attention_counts(explained, test)
    draw_all(explained, test, Path("plots/gradcam"), epsilon)
    write_npz(Path("data/gradcam.npz"), **attention_arrays(explained))
    write_json(Path("metrics/gradcam.json"), counts)
    fooled = ", ".join(
        f"{method} fooled {counts[method]['fooled']} of {counts[method]['segments']}"
        for method in PICTURED
    )
    return (
        f"explained {counts['correct']} correct segments, {counts['failure']} failures, and at "
        f"epsilon {epsilon} {fooled}"
    )


if __name__ == "__main__":
    run(gradcam)
