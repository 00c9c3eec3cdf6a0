"""Writes reference.json: what PyTorch computes from the exported files, for the C# library to be compared with.

train.py calls it; alone, it writes the file again from out/:  /usr/bin/python3 samples/TrainPrimer/reference.py
"""

import json
from pathlib import Path

import torch

from evaluate import greedy, losses
from export import load

LOGITS = ["我爱中华人民共和", "今天天气很", "My mother is"]
GREEDY = ["我爱中华人民共和", "今天天气", "小明是", "从前，有", "I love", "Tom has a", "Once upon a time,", "“你好！你叫什么名字？”", "What is the capital of"]


def _some(held: list, language: str, count: int) -> list:
    """Single sentences, spread evenly over the held-out documents of a language."""
    found = [document for document in held if document.language == language and document.sentences == 1]
    return [found[i * len(found) // count] for i in range(count)]


def write(path: Path, folder: Path, held: list, facts: dict) -> None:
    model, tokenizer = load(folder)          # what was written, not what was in memory

    facts = {**facts, "held_out_documents": len(held)}

    def ids_of(document):
        return [0] + tokenizer.encode(document.text) + [0]

    sums, counts = losses(model, [ids_of(document) for document in held])
    by_language = {}
    for document, loss, count in zip(held, sums, counts):
        total, number = by_language.get(document.language, (0.0, 0))
        by_language[document.language] = (total + loss, number + count)
    chosen = _some(held, "zh", 20) + _some(held, "en", 20)
    chosen_sums, chosen_counts = losses(model, [ids_of(document) for document in chosen])
    result = {
        "about": "PyTorch, float32, from the rounded weights. ids begin with <|endoftext|> (0). A held-out loss is the "
                 "mean of -ln p(next token) over ids, the <|endoftext|> at the end included.",
        "training": facts,
        "heldout_loss": sum(sums) / sum(counts),
        "heldout_loss_by_language": {name: total / number for name, (total, number) in sorted(by_language.items())},
        "heldout_tokens": sum(counts),
        "heldout_loss_of_these_40": sum(chosen_sums) / sum(chosen_counts),
        "heldout": [{"language": document.language, "text": document.text, "ids": ids_of(document), "loss": loss / count}
                    for document, loss, count in zip(chosen, chosen_sums, chosen_counts)],
        "logits": [], "greedy": [],
    }
    for prompt in LOGITS:
        ids = [0] + tokenizer.encode(prompt)
        with torch.no_grad():
            row = model(torch.tensor([ids]))[0, -1]
        result["logits"].append({"prompt": prompt, "ids": ids, "logits": [round(x, 6) for x in row.tolist()]})
    for prompt in GREEDY:
        ids = [0] + tokenizer.encode(prompt)
        new = greedy(model, ids, 40)
        result["greedy"].append({"prompt": prompt, "ids": ids, "new_ids": new, "text": tokenizer.decode(new)})
    if not result["greedy"][0]["text"].startswith("国"):
        print(f"WARNING: {GREEDY[0]} is continued by {result['greedy'][0]['text']}")
    path.parent.mkdir(parents=True, exist_ok=True)
    # One entry a line: diffs stay readable, and the file small.
    lines = []
    for key, value in result.items():
        if isinstance(value, list):
            rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in value)
            lines.append(f" {json.dumps(key)}: [\n{rows}\n ]")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    from corpus import make_corpus

    here = Path(__file__).parent
    target = here.parent / "primer" / "reference.json"
    known = json.loads(target.read_text(encoding="utf-8"))["training"]
    write(target, here / "out", make_corpus(known["documents"], known["seed"])[1], known)
