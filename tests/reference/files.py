"""Writes safetensors and JSON files, the same bytes on every run."""

import json
from pathlib import Path

import numpy as np
import torch


def _bytes(value: torch.Tensor, kind: str) -> bytes:
    if kind == "F32":
        return value.numpy().astype("<f4").tobytes()
    if kind == "F16":
        return value.numpy().astype("<f2").tobytes()
    assert kind == "BF16"                     # the upper half of a float32 that has been rounded to bfloat16
    bits = value.bfloat16().float().numpy().astype("<f4").view("<u4")
    return (bits >> 16).astype("<u2").tobytes()


def rounded(value: torch.Tensor, kind: str) -> torch.Tensor:
    """The float32 numbers that a reader of the file gets back."""
    return {"F32": value, "F16": value.half().float(), "BF16": value.bfloat16().float()}[kind]


def write_safetensors(path: Path, tensors: dict, kinds: dict) -> None:
    header, blocks, end = {"__metadata__": {"format": "pt"}}, [], 0
    for name, value in tensors.items():
        block = _bytes(value, kinds[name])
        header[name] = {"dtype": kinds[name], "shape": list(value.shape), "data_offsets": [end, end + len(block)]}
        blocks.append(block)
        end += len(block)
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(blocks))


def short(values):
    """Nested lists of the shortest decimals that give the float32 back."""
    if isinstance(values, torch.Tensor):
        values = values.tolist()
    if isinstance(values, list):
        return [short(value) for value in values]
    return float(str(np.float32(values)))


def write_json(path: Path, value, indent=None) -> None:
    path.write_text(json.dumps(value, indent=indent, separators=None if indent else (",", ":")) + "\n", encoding="utf-8")


def write_rows(path: Path, value: dict) -> None:
    """One line for each row of the lists in value."""
    parts = []
    for key, entry in value.items():
        if isinstance(entry, list) and entry and isinstance(entry[0], (list, dict)):
            rows = ",\n".join("  " + json.dumps(row, separators=(",", ":")) for row in entry)
            parts.append(f" {json.dumps(key)}:[\n{rows}\n ]")
        else:
            parts.append(f" {json.dumps(key)}:{json.dumps(entry, separators=(',', ':'))}")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
