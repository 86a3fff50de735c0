from __future__ import annotations

from pathlib import Path

import pytest

from detune.network.precision import chosen_precision, fastest_precision, processor_kind


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("fpu avx2 fma", "float32"),
        ("fpu avx2 avx512_bf16 fma", "bfloat16"),
        ("fpu amx_bf16", "bfloat16"),
        ("fpu not_avx512_bf16x", "float32"),
        ("", "float32"),
    ],
)
def test_bfloat16_is_for_processors_that_have_it(flags: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(f"processor : 0\nflags : {flags}\n")
    assert fastest_precision(path) == expected


def test_where_nothing_is_told_float32_is_safe(tmp_path: Path) -> None:
    assert fastest_precision(tmp_path / "none") == "float32"


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ([(8, 0)], "bfloat16"),
        ([(9, 0), (8, 9)], "bfloat16"),
        ([(7, 5)], "float32"),
        ([(9, 0), (7, 0)], "float32"),
    ],
)
def test_gpus_count_instead_of_the_processor(
    capabilities: list[tuple[int, int]], expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text("flags : avx512_bf16\n" if expected == "float32" else "flags : avx2\n")
    assert fastest_precision(path, capabilities) == expected


@pytest.mark.parametrize("setting", ["float32", "bfloat16"])
def test_a_setting_is_taken_as_it_is_and_auto_is_the_fastest(setting: str) -> None:
    assert chosen_precision(setting) == setting
    assert chosen_precision("auto") == fastest_precision()


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        ("fpu avx2 bmi1", "AVX2"),
        ("fpu avx2 avx512f", "AVX-512"),
        ("avx512f avx512_bf16 avx2", "AVX-512 BF16"),
        ("avx512_bf16 amx_bf16", "AMX BF16"),
    ],
)
def test_a_processor_is_called_by_its_widest_instructions(
    flags: str, kind: str, tmp_path: Path
) -> None:
    described = tmp_path / "cpuinfo"
    described.write_text(f"model name : some\nflags : {flags}\n")
    assert processor_kind(described).split(", ")[0].endswith(f" {kind}")
    assert "AV" not in processor_kind(tmp_path / "none")


def test_generations_with_the_same_instructions_differ(tmp_path: Path) -> None:
    described = tmp_path / "cpuinfo"
    kinds = set()
    for family in (25, 26):
        lines = ("vendor_id\t: AuthenticAMD", f"cpu family\t: {family}", "model\t\t: 2")
        described.write_text("\n".join([*lines, "model name\t: some", "flags\t\t: avx2"]))
        kinds.add(processor_kind(described))
        assert f"AVX2 (AuthenticAMD {family} 2)" in processor_kind(described)
    assert len(kinds) == 2
