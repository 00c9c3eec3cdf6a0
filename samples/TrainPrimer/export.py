"""Writes and reads the model as a Hugging Face style folder: model.safetensors, config.json and companions."""

import json
from pathlib import Path

import numpy as np
import torch

from model import ArticleModel, Config
from tokenizer import Tokenizer

_TYPES = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4")}


def round_matrices(model: ArticleModel) -> None:
    """Makes every matrix entry a float16 value: the numbers that are shipped are the numbers that are measured."""
    with torch.no_grad():
        for value in model.parameters():
            if value.dim() == 2:
                value.copy_(value.half().float())


def write_safetensors(path: Path, tensors: dict) -> None:
    """Eight bytes of header length, the header in JSON padded to a multiple of eight, the numbers."""
    header, blocks, end = {"__metadata__": {"format": "pt"}}, [], 0
    for name in sorted(tensors):
        value = tensors[name]
        kind = "F16" if value.dim() == 2 else "F32"
        block = value.numpy().astype(_TYPES[kind]).tobytes()
        header[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": [end, end + len(block)]}
        blocks.append(block)
        end += len(block)
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(blocks))


def read_safetensors(path: Path) -> dict:
    raw = path.read_bytes()
    start = 8 + int.from_bytes(raw[:8], "little")
    tensors = {}
    for name, entry in json.loads(raw[8:start]).items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            numbers = np.frombuffer(raw[start + first : start + last], dtype=_TYPES[entry["dtype"]])
            tensors[name] = torch.from_numpy(numbers.astype(np.float32)).reshape(entry["shape"])
    return tensors


def save(folder: Path, model: ArticleModel, tokenizer: Tokenizer) -> None:
    c = model.config
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / "model.safetensors", model.tensors())
    tokenizer.save(folder, c.context)
    config = {"architectures": ["ArticleForCausalLM"], "model_type": "article", "hidden_size": c.width,
              "num_hidden_layers": c.layers, "num_attention_heads": c.heads, "intermediate_size": 4 * c.width,
              "vocab_size": c.vocab, "max_position_embeddings": c.context, "layer_norm_eps": c.epsilon,
              "hidden_act": "gelu", "hidden_dropout_prob": c.dropout, "tie_word_embeddings": True,
              "bos_token_id": 0, "eos_token_id": 0, "torch_dtype": "float16"}
    generation = {"bos_token_id": 0, "eos_token_id": 0, "do_sample": True, "temperature": 0.7, "top_p": 0.9,
                  "max_new_tokens": 60}
    for name, value in (("config.json", config), ("generation_config.json", generation)):
        (folder / name).write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def load(folder: Path) -> tuple[ArticleModel, Tokenizer]:
    c = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model = ArticleModel(Config(vocab=c["vocab_size"], width=c["hidden_size"], layers=c["num_hidden_layers"],
                                heads=c["num_attention_heads"], context=c["max_position_embeddings"],
                                dropout=c["hidden_dropout_prob"], epsilon=c["layer_norm_eps"]))
    model.load_state_dict({name.removeprefix("model."): value
                           for name, value in read_safetensors(folder / "model.safetensors").items()})
    merges = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["merges"]
    return model.eval(), Tokenizer([tuple(merge.split(" ")) for merge in merges])
