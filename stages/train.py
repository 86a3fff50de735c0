"""Train the network and test it."""

from pathlib import Path

from harness import run

from detune.collection.dataset import load_split
from detune.collection.split_table import SPLITS
from detune.figures.training import draw_confusion, draw_history
from detune.network.checkpoint import Checkpoint
from detune.network.model_file import predict_logits, save_model
from detune.network.test_logits import save_test_logits
from detune.params.sections import Params
from detune.statistics.scores import confusion_matrix, evaluate, right_songs, song_predictions
from detune.support.files import write_csv
from detune.support.metrics_file import write_metrics
from detune.train.catastrophic_overfitting import overfitting_warning
from detune.train.fit import train_model, training_key
from detune.train.machines import join_cluster
from detune.train.report import COMPARED, chance_warning, training_facts


def train(params: Params) -> str:
    """From segments to the model, its test scores and its curves."""
    machines = join_cluster()  # before anything else of TensorFlow
    training, validation, test = (load_split(Path("data/segments"), split) for split in SPLITS)
    labelled = (training.values, training.labels), (validation.values, validation.labels)
    genres, key = test.genres, training_key(*labelled, params.train, machines)
    checkpoint = Checkpoint(Path("data/checkpoint.npz"), key)  # no output: DVC would remove it
    trained = train_model(*labelled, len(genres), params.train, checkpoint, machines=machines)
    if machines and not machines[0].chief:
        return f"{len(trained.rows)} epochs; {machines[0].addresses[0]} writes the results"
    model, logits = trained.model, predict_logits(trained.model, test.values)
    votes = song_predictions(logits, test.tracks)
    genre_of_song = dict(zip(test.tracks, test.labels, strict=True))
    matrix = confusion_matrix(genre_of_song, votes, len(genres))
    scores = evaluate(logits, test.labels, test.tracks, genres, seed=params.train.seed)
    save_model(model, genres, Path("data/model"))
    save_test_logits(logits, Path("data/model"))
    songs = [{"actual": genres[genre_of_song[t]], "predicted": genres[votes[t]]} for t in votes]
    write_csv(Path("plots/confusion.csv"), ("actual", "predicted"), songs)
    write_csv(Path("plots/history.csv"), tuple(trained.rows[0]), trained.rows)
    figures = scores | training_facts(trained, params.train) | {"history": trained.rows}
    write_metrics(Path("metrics/train.json"), figures, COMPARED)
    draw_confusion(matrix, genres, Path("plots/confusion.png"))
    columns = {name: [row[name] for row in trained.rows] for name in trained.rows[0]}
    draw_history(columns, Path("plots/history.png"))
    checkpoint.remove()
    validated = predict_logits(model, validation.values)
    songs_right, _ = right_songs(validated, validation.labels, validation.tracks)
    return (
        f"{scores['song_accuracy']:.1%} of {len(votes)} test songs and "
        f"{scores['segment_accuracy']:.1%} of {len(logits)} segments right, {len(trained.rows)} "
        f"epochs, {trained.weights} weights of epoch {trained.epoch}"
        f"{overfitting_warning(trained.rows)}{chance_warning(songs_right, len(genres))}"
    )


if __name__ == "__main__":
    run(train)
