"""Which number format this processor is fastest with."""

from __future__ import annotations

from pathlib import Path

NATIVE = ("avx512_bf16", "amx_bf16")
"""Flags of processors that multiply bfloat16 natively; others are slower with it."""


def fastest_precision(described: Path = Path("/proc/cpuinfo")) -> str:
    """bfloat16 where the processor has it, else float32, also where nothing tells.

    Args:
        described: the file in which Linux lists the processor's flags.
    """
    try:
        words = set(described.read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        return "float32"
    return "bfloat16" if words & set(NATIVE) else "float32"
