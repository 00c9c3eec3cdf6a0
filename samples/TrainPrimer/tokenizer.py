"""A small byte-level BPE tokenizer: learns its merges, encodes, decodes, writes Hugging Face's tokenizer.json.

Byte-level BPE is GPT-2's: a text is cut into pieces by a regular expression, each piece is turned into its
UTF-8 bytes, and the bytes are joined again by the learnt merges, the earliest learnt first.

One thing is our own: merges never join two Chinese characters. A character is three bytes, and while
learning, every character outside ASCII is a piece of its own; so the right side of a merge never begins
with a first byte of a Chinese character, and no merge can reach from one character into the next. The
plain GPT-2 expression may therefore be used for encoding, as every Hugging Face tool does.
"""

import json
from collections import Counter
from functools import lru_cache
from pathlib import Path

import regex

END_OF_TEXT = "<|endoftext|>"
GPT2_PIECES = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
ONE_CHARACTER = regex.compile(r"[\x00-\x7f]+|[^\x00-\x7f]")


def _byte_letters() -> dict:
    """GPT-2's picture of each byte as a printable letter: visible Latin-1 bytes stand for themselves."""
    visible = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    letters, spare = {byte: chr(byte) for byte in visible}, 256
    for byte in range(256):
        if byte not in letters:
            letters[byte], spare = chr(spare), spare + 1
    return letters


LETTER_OF = _byte_letters()
BYTE_OF = {letter: byte for byte, letter in LETTER_OF.items()}


def _letters(text: str) -> str:
    return "".join(LETTER_OF[byte] for byte in text.encode("utf-8"))


def _join(parts: tuple, pair: tuple) -> tuple:
    out, i = [], 0
    while i < len(parts):
        if i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair:
            out.append(parts[i] + parts[i + 1])
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return tuple(out)


def _learn(pieces: Counter, limit: int, smallest: int) -> list:
    """Joins the commonest neighbours, again and again; equal counts are settled by the letters themselves."""
    parts = {piece: tuple(piece) for piece in pieces}
    merges = []
    while len(merges) < limit:
        counts = Counter()
        for piece, split in parts.items():
            for pair in zip(split, split[1:]):
                counts[pair] += pieces[piece]
        if not counts:
            break
        pair = min(counts, key=lambda p: (-counts[p], p))
        if counts[pair] < smallest:
            break
        merges.append(pair)
        joined = pair[0] + pair[1]
        for piece in parts:
            if joined in piece:
                parts[piece] = _join(parts[piece], pair)
    return merges


class Tokenizer:
    def __init__(self, merges: list):
        self.merges = merges
        self.tokens = [END_OF_TEXT] + [LETTER_OF[byte] for byte in range(256)] + [a + b for a, b in merges]
        self.ids = {token: i for i, token in enumerate(self.tokens)}
        assert len(self.ids) == len(self.tokens)
        self._rank = {pair: i for i, pair in enumerate(merges)}
        self._piece_ids = lru_cache(maxsize=None)(self._encode_piece)

    @staticmethod
    def train(texts: list, size: int) -> "Tokenizer":
        """Chinese characters first (each that occurs twice becomes one token), then English until size."""
        ascii_pieces, characters = Counter(), Counter()
        for text in texts:
            for piece in GPT2_PIECES.findall(text):
                for part in ONE_CHARACTER.findall(piece):
                    if not part.isascii():
                        characters[_letters(part)] += 1
                    elif not any(c.isdigit() for c in part):          # numbers stay single digits
                        ascii_pieces[_letters(part)] += 1
        room = size - 257
        merges = _learn(characters, room, smallest=2)
        merges += _learn(ascii_pieces, room - len(merges), smallest=2)
        return Tokenizer(merges)

    def _encode_piece(self, piece: str) -> tuple:
        parts = tuple(_letters(piece))
        while len(parts) > 1:
            ranked = [(self._rank[pair], pair) for pair in zip(parts, parts[1:]) if pair in self._rank]
            if not ranked:
                break
            parts = _join(parts, min(ranked)[1])
        return tuple(self.ids[part] for part in parts)

    def encode(self, text: str) -> list:
        return [i for piece in GPT2_PIECES.findall(text) for i in self._piece_ids(piece)]

    def token_bytes(self, token: int) -> bytes:
        return b"" if token == 0 else bytes(BYTE_OF[letter] for letter in self.tokens[token])

    def decode(self, ids: list) -> str:
        return b"".join(self.token_bytes(i) for i in ids).decode("utf-8", errors="replace")

    def check(self, texts: list) -> None:
        """Raises if a token reaches over a border between characters outside ASCII, or a text does not come back."""
        for i in range(257, len(self.tokens)):
            raw = self.token_bytes(i)
            starts = sum(byte >= 0xC0 for byte in raw)                 # first bytes of characters outside ASCII
            assert starts <= 1 and (raw.isascii() or all(byte >= 0x80 for byte in raw)), raw
            assert not starts or raw[0] >= 0xC0, raw
        for text in texts:
            ids = self.encode(text)
            assert self.decode(ids) == text, text
        seen = Counter(c for text in texts for c in text if "\u4e00" <= c <= "\u9fff")
        split = [c for c, count in seen.items() if count >= 2 and len(self.encode(c)) != 1]
        assert not split, f"more than one token: {split}"

    def save(self, folder: Path, longest: int) -> None:
        level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
        special = {"id": 0, "content": END_OF_TEXT, "single_word": False, "lstrip": False, "rstrip": False,
                   "normalized": False, "special": True}
        model = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                 "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                 "vocab": self.ids, "merges": [f"{a} {b}" for a, b in self.merges]}
        whole = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [special], "normalizer": None,
                 "pre_tokenizer": level, "post_processor": None, "decoder": level, "model": model}
        config = {"tokenizer_class": "GPT2Tokenizer", "add_bos_token": True, "add_prefix_space": False,
                  "bos_token": END_OF_TEXT, "eos_token": END_OF_TEXT, "unk_token": END_OF_TEXT,
                  "model_max_length": longest, "clean_up_tokenization_spaces": False}
        for name, value in (("tokenizer.json", whole), ("tokenizer_config.json", config)):
            (folder / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
