from __future__ import annotations

import unicodedata
import zipfile

import pytest

from detune.ingest.zip_names import member_name
from detune.support.errors import UserError


def member(raw: bytes, utf_8: bool = False) -> zipfile.ZipInfo:
    """A member as zipfile lists it."""
    info = zipfile.ZipInfo(raw.decode("utf-8" if utf_8 else "cp437"))
    info.flag_bits = 0x800 if utf_8 else 0
    return info


@pytest.mark.parametrize("utf_8", [True, False])
@pytest.mark.parametrize("name", ["Música/0.wav", "Forró/1.wav", "クラシック/2.wav", "pop/a.wav"])
def test_utf_8_needs_no_flag_and_is_composed(name: str, utf_8: bool) -> None:
    for form in ("NFC", "NFD"):
        raw = unicodedata.normalize(form, name).encode()
        assert member_name(member(raw, utf_8), "utf-8") == name


@pytest.mark.parametrize(
    ("name", "code_page"), [("Música/0.wav", "cp850"), ("クラシック/2.wav", "cp932")]
)
def test_another_code_page_is_told_or_asked_for(name: str, code_page: str) -> None:
    info = member(name.encode(code_page))
    assert member_name(info, code_page) == name
    with pytest.raises(UserError) as caught:
        member_name(info, "utf-8")
    assert "set data.zip_names to its code page" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_parts_are_joined_by_strokes_and_end_at_a_zero() -> None:
    assert member_name(member(b"rock\\a.wav"), "utf-8") == "rock/a.wav"
    assert member_name(member(b"rock/a.wav\0.txt"), "utf-8") == "rock/a.wav"
