"""Measures a model: the loss on documents, each on its own, and greedy continuations."""

import torch
from torch.nn import functional as F


@torch.no_grad()
def losses(model, documents: list) -> tuple[list, list]:
    """For each document (<|endoftext|>, tokens, <|endoftext|>): the sum of its token losses, and their number."""
    model.eval()
    sums, counts = [0.0] * len(documents), [len(d) - 1 for d in documents]
    order = sorted(range(len(documents)), key=lambda i: len(documents[i]))
    for start in range(0, len(order), 64):
        chosen = order[start : start + 64]
        longest = max(len(documents[i]) for i in chosen)
        batch = torch.zeros(len(chosen), longest, dtype=torch.long)
        for row, i in enumerate(chosen):
            batch[row, : len(documents[i])] = torch.tensor(documents[i])
        logits = model(batch[:, :-1])                      # causal: what is padded behind changes nothing before
        loss = F.cross_entropy(logits.transpose(1, 2), batch[:, 1:], reduction="none").double()
        for row, i in enumerate(chosen):
            sums[i] = loss[row, : counts[i]].sum().item()
    return sums, counts


def mean_loss(model, documents: list) -> float:
    sums, counts = losses(model, documents)
    return sum(sums) / sum(counts)


@torch.no_grad()
def greedy(model, ids: list, limit: int) -> list:
    """The likeliest token, again and again, until <|endoftext|> (left out) or the limit."""
    model.eval()
    ids, new = list(ids), []
    while len(new) < limit:
        token = int(model(torch.tensor([ids]))[0, -1].argmax())
        if token == 0:
            break
        ids.append(token)
        new.append(token)
    return new


@torch.no_grad()
def sample(model, ids: list, limit: int, temperature: float, seed: int) -> list:
    """Drawn at random from the probabilities; for a look at how varied the model is."""
    model.eval()
    dice = torch.Generator().manual_seed(seed)
    ids, new = list(ids), []
    while len(new) < limit:
        chances = torch.softmax(model(torch.tensor([ids]))[0, -1] / temperature, dim=-1)
        token = int(torch.multinomial(chances, 1, generator=dice))
        if token == 0:
            break
        ids.append(token)
        new.append(token)
    return new
