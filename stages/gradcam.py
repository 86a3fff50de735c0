"""Draw what the network attends to, and measure how far that moves under attack."""

from functools import partial
from pathlib import Path

from harness import run

from detune.attack.attacked_model import load_attacked
from detune.attack.grid import cell_files
from detune.collection.dataset import load_split
from detune.figures.attention_shift import draw_study
from detune.figures.segment_pictures import DRAWN_BY, DRAWN_WITH, draw_pictures
from detune.gradcam import examples, study, tables
from detune.gradcam.effects import measure_effects
from detune.gradcam.heatmap_cache import HeatmapCache
from detune.network.checkpoint import digest, made_by
from detune.params.method_options import PICTURED
from detune.params.sections import Params
from detune.statistics.bootstrap import Bootstrap
from detune.support.files import read_npz, write_npz
from detune.support.folder_cache import fill_from_cache
from detune.support.metrics_file import write_metrics


def gradcam(params: Params) -> str:
    """From the model and the attacked examples to heatmaps, pictures and numbers."""
    epsilon, settings, plots = params.gradcam.epsilon, params.gradcam, Path("plots")
    model, genres = load_attacked(Path("data/model"), params.attack.defence)
    training, test = (load_split(Path("data/segments"), name, genres) for name in ("train", "test"))
    bootstrap = Bootstrap(test.tracks, params.attack.seed)
    grid = cell_files(params.attack.methods, params.attack.epsilons, Path("data/attacks"))
    cache = HeatmapCache(Path("data/heatmaps"))
    subject = study.prepare(model, training, test, settings, seed=params.attack.seed, cache=cache)
    comparisons, heatmaps = study.compare_cells(subject, grid)
    comparisons += study.compare_controls(subject)
    sanity, removal = study.measure_sanity(subject), study.measure_removal(subject)
    results = tables.tabulate(comparisons, sanity, removal, bootstrap)
    tables.write_tables(results, plots)
    draw_study(*results.parts, plots / "attention.png")
    pictured = {method: read_npz(grid[method, epsilon]) for method in PICTURED}
    attacked = examples.select_attacked(subject.clean, heatmaps, test, pictured, epsilon)
    sets = examples.select_clean(subject.clean, pictured["pgd"], test, settings)
    sets += [item.first(settings.attacked) for item in attacked]
    heat, folder = examples.genre_heat(attacked, test), plots / "gradcam"
    draw = partial(draw_pictures, sets, heat, test, folder, epsilon)
    drawn = examples.contents([*sets, *attacked], test, epsilon)
    key = digest([made_by(DRAWN_BY), DRAWN_WITH, *drawn])
    fill_from_cache(folder, Path("data/pictures"), key, draw)
    write_npz(Path("data/gradcam.npz"), **examples.attention_arrays(sets, heatmaps))
    effects = [measure_effects(comparisons, name, epsilon, bootstrap) for name in PICTURED]
    trust = tables.measure_trust(comparisons, sanity, removal, bootstrap)
    counts = examples.attention_counts(sets, test) | study.count_zero(subject.clean, comparisons)
    counts |= tables.headline(effects, trust) | tables.curve(results.comparisons)
    write_metrics(Path("metrics/gradcam.json"), counts, tables.COMPARED)
    cache.prune()
    return tables.message(effects, trust, epsilon)


if __name__ == "__main__":
    run(gradcam)
