from __future__ import annotations

import pytest

from detune.support.progress import LOG_SECONDS, byte_bar, progress, progress_bar


def test_items_pass_through_in_order_and_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    items = progress(iter("abc"), label="letters", unit="pieces", total=3)
    assert list(items) == ["a", "b", "c"]
    captured = capsys.readouterr()
    assert captured.out == ""
    last = captured.err.split("\r")[-1]
    assert last.startswith("letters: 100%")
    assert "3/3" in last
    assert "pieces" in last


def test_items_are_taken_one_at_a_time() -> None:
    taken = []
    items = progress((taken.append(n) or n for n in range(5)), label="l", unit="u", total=5)
    assert next(items) == 0
    assert taken == [0]
    items.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("screen", "seconds"), [(True, 0.2), (False, LOG_SECONDS)])
def test_a_log_gets_fewer_lines_than_a_screen(
    screen: bool, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: screen)
    with progress_bar("label", "units", 10) as bar:
        assert bar.mininterval == seconds
        assert bar.total == 10


@pytest.mark.parametrize(("total", "told"), [(4_000_000, "3.00M/4.00M"), (None, "3.00MB")])
def test_bytes_are_told_in_megabytes_from_where_they_begin(
    total: int | None, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with byte_bar("file", total, 1_000_000) as bar:
        bar.update(2_000_000)
        assert bar.initial == 1_000_000
    assert told in capsys.readouterr().err
