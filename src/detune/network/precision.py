"""Which number format this machine is fastest with."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path

from detune.network.runtime import gpus, keras, tf

NATIVE = ("avx512_bf16", "amx_bf16")
"""Flags of processors that multiply bfloat16 natively; others are slower with it."""

INSTRUCTIONS = {
    "amx_bf16": "AMX BF16",
    "avx512_bf16": "AVX-512 BF16",
    "avx512f": "AVX-512",
    "avx2": "AVX2",
}
"""Flags of processors, widest first, and what they are called."""

GENERATION = ("vendor_id", "cpu family", "model")
"""Fields that name a generation of processors."""

NATIVE_CAPABILITY = (8, 0)
"""Compute capability from which NVIDIA's GPUs do (Ampere)."""


def fastest_precision(
    described: Path = Path("/proc/cpuinfo"),
    capabilities: Sequence[tuple[int, int]] | None = None,
) -> str:
    """bfloat16 where what computes has it natively, else float32, also where nothing tells.

    Args:
        described: the file in which Linux lists the processor's flags.
        capabilities: compute capabilities of the GPUs, which compute instead of the processor
            where there are any; those that TensorFlow sees, by default.
    """
    known = _gpu_capabilities() if capabilities is None else capabilities
    if known:
        return "bfloat16" if min(known) >= NATIVE_CAPABILITY else "float32"
    try:
        words = set(described.read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        return "float32"
    return "bfloat16" if words & set(NATIVE) else "float32"


def processor_kind(described: Path = Path("/proc/cpuinfo")) -> str:
    """What decides how this machine rounds: architecture, widest instructions, and generation.

    The last counts too: libraries choose sizes of blocks by the caches, and so the order of sums.

    Args:
        described: the file in which Linux lists the processor's flags.
    """
    try:
        text = described.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    flags = set(text.split())
    widest = next((name for flag, name in INSTRUCTIONS.items() if flag in flags), "")
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    values = {name.strip(): value.strip() for name, value in fields.items()}
    known = [values[name] for name in GENERATION if name in values]
    generation = f"({' '.join(known)})" if len(known) == len(GENERATION) else ""
    devices = f", {len(gpus())} GPU" if gpus() else ""
    return " ".join(filter(None, (platform.machine(), widest, generation))) + devices


def chosen_precision(setting: str) -> str:
    """What a parameter `precision` means here, where `auto` is the fastest."""
    return fastest_precision() if setting == "auto" else setting


def computing_in(precision: str) -> keras.DTypePolicy:
    """Keras's policy for layers that compute in `precision`; their weights stay float32."""
    return keras.DTypePolicy("mixed_bfloat16" if precision == "bfloat16" else "float32")


def _gpu_capabilities() -> list[tuple[int, int]]:
    """Compute capability of each GPU that TensorFlow sees; (0, 0) where it does not tell."""
    details = map(tf.config.experimental.get_device_details, tf.config.list_physical_devices("GPU"))
    return [tuple(detail.get("compute_capability", (0, 0))) for detail in details]
