"""Bring every attack to sound, ask the model again, and collect the attacks on sound itself."""

from pathlib import Path

from harness import run

from detune.attack.attacked_model import load_attacked
from detune.attack.grid import cell_files
from detune.collection.dataset import load_split
from detune.figures.listen import draw_listen
from detune.listen import answers, files, sounds, study
from detune.params.sections import Params
from detune.robustness import verdict
from detune.statistics.bootstrap import Bootstrap
from detune.support.files import read_npz, write_csv
from detune.support.leftovers import remove_outside
from detune.support.metrics_file import write_metrics
from detune.waveform import table


def listen(params: Params) -> str:
    """From `data/attacks` and `data/waveform` to sounds, and what the model says of them."""
    plots, epsilon = Path("plots"), params.gradcam.epsilon
    model, genres = load_attacked(Path("data/model"), params.attack.defence)
    test = load_split(Path("data/segments"), "test", genres)
    bootstrap = Bootstrap(test.tracks, params.attack.seed)
    grid = cell_files(params.attack.methods, params.attack.epsilons, Path("data/attacks"))
    levels = {
        str(level): Path(f"data/waveform/{level}.npz") for level in params.attack.waveform.levels
    }
    waveforms = {level: read_npz(path) for level, path in levels.items()}
    examples = next(iter(waveforms.values()))["row"][: params.attack.examples]

    recordings = sounds.read_recordings(test, examples, Path("data/tracks"))
    attacked = study.bring_to_sound(grid, waveforms, recordings, params.listen.steps)
    rows = study.ask_all(model, attacked, recordings, bootstrap)
    by_snr, checks = table.tabulate(waveforms, bootstrap), table.verdict(waveforms)
    write_csv(plots / "listen.csv", answers.COLUMNS, rows)
    write_csv(plots / "waveform.csv", table.COLUMNS, by_snr)
    draw_listen(rows, by_snr, plots / "listen.png", chance=1 / len(genres))
    files.write_sounds(attacked, test, params.listen.sounds, plots / "listen")
    figures = study.headline(rows, epsilon, by_snr, table.median_snr(waveforms))
    write_metrics(Path("metrics/listen.json"), figures | table.curve(by_snr), study.COMPARED)
    write_metrics(Path("metrics/waveform_checks.json"), verdict.content(checks), verdict.COMPARED)
    remove_outside(levels.values(), Path("data/waveform"), Path("metrics/waveform"))
    return f"{study.message(rows, epsilon)}; attacks on sound {verdict.line(checks)}"


if __name__ == "__main__":
    run(listen)
