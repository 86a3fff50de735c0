"""Draw what the network attends to, and measure how far that moves under attack."""

from pathlib import Path

from harness import run

from detune.attack.grid import cell_name, cells
from detune.collection.dataset import load_split
from detune.figures.attention_shift import draw_study
from detune.figures.genre_attention import draw_genres
from detune.gradcam.memory import Memory
from detune.gradcam.shown import (
    attention_arrays,
    attention_counts,
    choose_all,
    draw_all,
    genre_heat,
)
from detune.gradcam.study import study
from detune.gradcam.tables import all_facts, closing, headline, tabulate, write_tables
from detune.params import PICTURED, Params
from detune.support.files import read_npz, write_json, write_npz
from detune.train.model import load_model


def gradcam(params: Params) -> str:
    """From the model and all attacked segments to heatmaps, pictures and numbers."""
    epsilon, seed, plots = params.gradcam.epsilon, params.attack.seed, Path("plots")
    model, genres = load_model(Path("data/model"))
    test, training = (
        load_split(Path("data/segments"), split, genres) for split in ("test", "train")
    )
    grid = {
        cell: Path(f"data/attacks/{cell_name(*cell)}.npz")
        for cell in cells(params.attack.methods, params.attack.epsilons)
    }
    memory = Memory(Path("data/heatmaps"))
    found = study(model, training, test, grid, params.gradcam, seed=seed, memory=memory)
    pictured = {method: found.attacked[method] for method in PICTURED}
    shown = {method: read_npz(grid[method, epsilon]) for method in PICTURED}
    explained = choose_all(found.clean, pictured, test, shown, params.gradcam)
    facts = all_facts(found, epsilon, test.tracks, seed=seed)

    tables = tabulate(found, test.tracks, seed=seed)
    write_tables(tables, plots)
    draw_study(tables.comparisons, tables.sanity, tables.removal, plots / "attention.png")
    by_genre = genre_heat(found.clean, pictured, test)
    draw_genres(by_genre, plots / "gradcam/genres.png", epsilon=epsilon)
    draw_all(explained, test, plots / "gradcam", epsilon)
    write_npz(Path("data/gradcam.npz"), **attention_arrays(explained))
    counts = attention_counts(explained, test) | {"zero_heatmaps": found.zero_heatmaps}
    measured = headline(found, facts, test.tracks, seed=seed)
    write_json(Path("metrics/gradcam.json"), counts | measured)
    memory.forget_the_rest()
    return closing(found, facts, epsilon, test.tracks, seed=seed)


if __name__ == "__main__":
    run(gradcam)
