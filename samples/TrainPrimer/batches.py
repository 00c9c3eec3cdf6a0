"""Packs documents into the windows the model trains on."""

import random

import torch


def windows(documents: list, length: int, rng: random.Random):
    """Endless windows of length + 1 tokens. Each begins at a document's beginning, hence with <|endoftext|>.

    A document is its <|endoftext|> (id 0) and its tokens; several follow each other in a window, so the
    model also learns where a document ends. What does not fit is left out and comes whole another time.
    """
    order = list(range(len(documents)))
    window: list = []
    while True:
        rng.shuffle(order)
        for i in order:
            window.extend(documents[i])
            if len(window) > length:
                yield window[: length + 1]
                window = []


class Batches:
    """Three batches of many short windows, then one of few long ones: every position gets trained."""

    def __init__(self, documents: list, short: int, long: int, tokens: int, seed: int):
        self.kinds = [(windows(documents, length, random.Random(seed + 1000 * i)), tokens // length)
                      for i, length in enumerate((short, short, short, long))]

    def __getitem__(self, step: int):
        source, count = self.kinds[step % len(self.kinds)]
        batch = torch.tensor([next(source) for _ in range(count)])
        return batch[:, :-1], batch[:, 1:]
