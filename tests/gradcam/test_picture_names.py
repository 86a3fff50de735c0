from __future__ import annotations

from detune.gradcam.picture_names import picture_names


def test_attacked_segments_are_numbered_within_their_genre_and_failures_among_all() -> None:
    genres = ["pop", "jazz", "pop"]
    assert list(picture_names("pgd", genres)) == ["pop-1", "jazz-1", "pop-2"]
    assert list(picture_names("failure", genres)) == ["1", "2", "3"]
    assert list(picture_names("pgd", [])) == []
