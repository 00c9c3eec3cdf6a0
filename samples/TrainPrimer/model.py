"""The article's decoder in PyTorch: post-norm layers, sinusoidal positions, tied output projection."""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


EMBEDDING_STD = 0.5


@dataclass(frozen=True)
class Config:
    vocab: int
    width: int = 128
    layers: int = 6
    heads: int = 4
    context: int = 256
    dropout: float = 0.1
    epsilon: float = 1e-5


def sinusoids(length: int, width: int) -> torch.Tensor:
    """PE[pos, 2i] = sin(pos / 10000^(2i/width)), PE[pos, 2i+1] = cos(the same) (Vaswani et al. 2017)."""
    position = torch.arange(length, dtype=torch.float64)[:, None]
    angle = position / 10000 ** (torch.arange(0, width, 2, dtype=torch.float64) / width)
    return torch.stack((angle.sin(), angle.cos()), dim=-1).reshape(length, width).float()


class Attention(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.heads, self.size = c.heads, c.width // c.heads
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            setattr(self, name, nn.Linear(c.width, c.width, bias=False))

    def forward(self, x, mask):
        batch, length, width = x.shape
        q, k, v = (w(x).view(batch, length, self.heads, self.size).transpose(1, 2)
                   for w in (self.q_proj, self.k_proj, self.v_proj))
        scores = q @ k.transpose(-2, -1) * (1 / math.sqrt(self.size)) + mask
        mixed = F.softmax(scores, dim=-1) @ v
        return self.o_proj(mixed.transpose(1, 2).reshape(batch, length, width))


class FeedForward(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.up_proj = nn.Linear(c.width, 4 * c.width)
        self.down_proj = nn.Linear(4 * c.width, c.width)

    def forward(self, x):
        return self.down_proj(F.gelu(self.up_proj(x)))      # the exact GELU, with erf


class Layer(nn.Module):
    """h = norm(h + attention(h)); h = norm(h + feed-forward(h)). The names are those of the exported tensors."""

    def __init__(self, c: Config):
        super().__init__()
        self.self_attn = Attention(c)
        self.post_attention_layernorm = nn.LayerNorm(c.width, eps=c.epsilon)
        self.mlp = FeedForward(c)
        self.post_feedforward_layernorm = nn.LayerNorm(c.width, eps=c.epsilon)
        self.dropout = nn.Dropout(c.dropout)

    def forward(self, h, mask):
        h = self.post_attention_layernorm(h + self.dropout(self.self_attn(h, mask)))
        return self.post_feedforward_layernorm(h + self.dropout(self.mlp(h)))


class ArticleModel(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.config = c
        self.embed_tokens = nn.Embedding(c.vocab, c.width)
        self.layers = nn.ModuleList(Layer(c) for _ in range(c.layers))
        self.norm = nn.LayerNorm(c.width, eps=c.epsilon)
        self.register_buffer("positions", sinusoids(c.context, c.width), persistent=False)
        self.register_buffer("mask", torch.full((c.context, c.context), float("-inf")).triu(1), persistent=False)
        self._initialize()

    def _initialize(self):
        # The positions have entries up to 1 and the embedding is not scaled: were it to start much smaller,
        # the first layers would hardly see the words. The projection is tied to it, so the last norm
        # starts small instead, for logits of about 1.
        nn.init.normal_(self.embed_tokens.weight, std=EMBEDDING_STD)
        nn.init.constant_(self.norm.weight, 1 / (EMBEDDING_STD * math.sqrt(self.config.width)))
        for name, weight in self.named_parameters():
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                # What a branch adds starts small, so that each layer begins close to the identity.
                nn.init.xavier_uniform_(weight, gain=0.2)
            elif name.endswith("proj.weight"):
                nn.init.xavier_uniform_(weight)
            elif name.endswith("proj.bias"):
                nn.init.zeros_(weight)

    def forward(self, tokens):
        length = tokens.shape[1]
        h = self.embed_tokens(tokens) + self.positions[:length]
        mask = self.mask[:length, :length]
        for layer in self.layers:
            h = layer(h, mask)
        return self.norm(h) @ self.embed_tokens.weight.T

    def tensors(self) -> dict:
        """The parameters under the names of the exported file."""
        return {f"model.{name}": value.detach() for name, value in self.named_parameters()}
