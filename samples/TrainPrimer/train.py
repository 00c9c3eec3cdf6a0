"""The one command: corpus, tokenizer, training, evaluation, export.

    nice -n 15 /usr/bin/python3 samples/TrainPrimer/train.py

writes out/ (a Hugging Face style folder) beside this file and ../primer/reference.json.
"""

import argparse
import ctypes
import json
import math
import os
import platform
import time
from pathlib import Path

# One thread is more than twice as fast here as two: the matrices are small, and Debian's torch (OpenMP) and
# OpenBLAS (its own threads) wait for each other. OpenBLAS reads this when it is loaded.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import torch
from torch.nn import functional as F

import reference
from batches import Batches
from corpus import make_corpus
from evaluate import greedy, mean_loss, sample
from export import round_matrices, save
from model import ArticleModel, Config
from tokenizer import Tokenizer

HERE = Path(__file__).parent
TOKENS = 2048      # a step
PROMPTS = ["我爱中华人民共和", "今天天气", "小明", "从前，", "I love", "Tom has", "Once upon a time,", "“你好！"]


def learning_rate(step: int, steps: int, peak: float, warm_up: int) -> float:
    """Post-norm layers need the warm-up: their gradients are largest at the start. Then half a cosine."""
    if step < warm_up:
        return peak * (step + 1) / warm_up
    done = (step - warm_up) / max(1, steps - warm_up)
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))


def show(model, tokenizer) -> None:
    for prompt in PROMPTS:
        ids = [0] + tokenizer.encode(prompt)
        print(f"  {prompt} | {tokenizer.decode(greedy(model, ids, 40))}", flush=True)
    for seed in range(4):
        print(f"  ~ {tokenizer.decode(sample(model, [0], 60, 0.8, seed))}", flush=True)


def keep_freed_memory() -> None:
    """Tells glibc to keep freed tensors: else a third of the time goes into getting memory from the kernel again."""
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(-3, 1 << 25)       # M_MMAP_THRESHOLD, at its largest
        libc.mallopt(-1, 1 << 30)       # M_TRIM_THRESHOLD
    except (OSError, AttributeError):
        pass


def main() -> None:
    keep_freed_memory()
    options = argparse.ArgumentParser()
    options.add_argument("--steps", type=int, default=9000)
    options.add_argument("--documents", type=int, default=60000)
    options.add_argument("--vocabulary", type=int, default=2048)
    options.add_argument("--layers", type=int, default=6)
    options.add_argument("--dropout", type=float, default=0.05)
    options.add_argument("--rate", type=float, default=2e-3)
    options.add_argument("--seed", type=int, default=1949)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--out", type=Path, default=HERE / "out")
    options.add_argument("--reference", type=Path, default=HERE.parent / "primer" / "reference.json")
    o = options.parse_args()

    torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    train, held = make_corpus(o.documents, o.seed)
    texts = [document.text for document in train]
    tokenizer = Tokenizer.train(texts, o.vocabulary)
    tokenizer.check(texts + [document.text for document in held])
    encoded = [[0] + tokenizer.encode(text) for text in texts]
    held_ids = [[0] + tokenizer.encode(document.text) + [0] for document in held]
    unseen = {token for ids in held_ids for token in ids} - {token for ids in encoded for token in ids}
    assert not unseen, [tokenizer.tokens[token] for token in unseen]
    megabytes = sum(len(text.encode("utf-8")) for text in texts) / 1e6
    print(f"{len(texts)} documents, {megabytes:.2f} MB, {sum(map(len, encoded))} tokens, vocabulary "
          f"{len(tokenizer.tokens)}; {len(held)} documents held out", flush=True)

    model = ArticleModel(Config(vocab=len(tokenizer.tokens), layers=o.layers, dropout=o.dropout))
    parameters = sum(value.numel() for value in model.parameters())
    decayed = [value for value in model.parameters() if value.dim() == 2]
    others = [value for value in model.parameters() if value.dim() == 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}],
                                  lr=o.rate, betas=(0.9, 0.98))
    batches = Batches(encoded, short=128, long=256, tokens=TOKENS, seed=o.seed)
    print(f"{parameters} parameters, {o.steps} steps of {TOKENS} tokens", flush=True)

    begun, recent = time.time(), []
    for step in range(o.steps):
        model.train()
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, o.steps, o.rate, warm_up=min(300, o.steps // 4))
        tokens, targets = batches[step]
        loss = F.cross_entropy(model(tokens).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        recent = (recent + [loss.item()])[-100:]
        if (step + 1) % 100 == 0:
            passed = time.time() - begun
            print(f"step {step + 1} loss {sum(recent) / len(recent):.4f} "
                  f"{(step + 1) * TOKENS / passed:.0f} tokens/s {passed:.0f} s", flush=True)
        if (step + 1) % 1000 == 0 and step + 1 < o.steps:
            print(f"held-out loss {mean_loss(model, held_ids):.4f}", flush=True)
            show(model, tokenizer)
    seconds = time.time() - begun

    before = mean_loss(model, held_ids)
    round_matrices(model)
    facts = {
        "command": "/usr/bin/python3 samples/TrainPrimer/train.py", "seed": o.seed, "steps": o.steps,
        "tokens_per_step": TOKENS, "peak_learning_rate": o.rate, "dropout": o.dropout, "documents": len(texts),
        "megabytes": round(megabytes, 2), "corpus_tokens": sum(map(len, encoded)), "parameters": parameters,
        "training_loss_last_100_steps": round(sum(recent) / len(recent), 4),
        "held_out_documents": len(held), "held_out_loss_float32": before,
        "training_seconds": round(seconds), "threads": o.threads, "torch": torch.__version__,
        "python": platform.python_version(), "machine": platform.machine(),
    }
    save(o.out, model, tokenizer)
    reference.write(o.reference, o.out, held, facts)
    print(json.dumps(facts, ensure_ascii=False, indent=1))
    show(model, tokenizer)


if __name__ == "__main__":
    main()
