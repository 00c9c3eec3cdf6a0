"""The parts of transformers on their own: rotary and sinusoidal positions, ALiBi, activations, norms, softmax.

All in float64; what is written is rounded to float32.
"""

import math

import torch
from torch.nn import functional as F

from files import short


def sinusoids(positions, width):
    """Vaswani et al. 2017: PE[pos, 2i] = sin(pos / 10000^(2i/width)), PE[pos, 2i+1] = cos(the same)."""
    position = torch.tensor(list(positions), dtype=torch.float64)[:, None]
    angle = position / 10000 ** (torch.arange(0, width, 2, dtype=torch.float64) / width)
    return torch.stack((angle.sin(), angle.cos()), dim=-1).reshape(-1, width)


def inverse_frequencies(scaling, dim, theta):
    """Inverse frequencies and the factor on cos and sin, as in Hugging Face's modeling_rope_utils."""
    exponents = torch.arange(0, dim, 2, dtype=torch.float64) / dim
    kind, factor = scaling["rope_type"], scaling.get("factor", 1.0)
    plain = 1 / theta ** exponents
    if kind == "default":
        return plain, 1.0
    if kind == "linear":
        return plain / factor, 1.0
    if kind == "ntk":                        # the fixed-factor form of "dynamic"
        return 1 / (theta * factor ** (dim / (dim - 2))) ** exponents, 1.0
    original = scaling["original_max_position_embeddings"]
    if kind == "yarn":
        def correction(rotations):
            return dim * math.log(original / (rotations * 2 * math.pi)) / (2 * math.log(theta))

        low = max(math.floor(correction(scaling["beta_fast"])), 0)
        high = min(math.ceil(correction(scaling["beta_slow"])), dim - 1)
        ramp = (torch.arange(dim // 2, dtype=torch.float64) - low) / ((high - low) or 0.001)
        keep = 1 - ramp.clamp(0, 1)          # 1 where the frequency stays as it is
        return plain / factor * (1 - keep) + plain * keep, 0.1 * math.log(factor) + 1
    assert kind == "llama3"
    low_factor, high_factor = scaling["low_freq_factor"], scaling["high_freq_factor"]
    out = []
    for frequency in plain.tolist():
        length = 2 * math.pi / frequency
        if length < original / high_factor:
            out.append(frequency)
        elif length > original / low_factor:
            out.append(frequency / factor)
        else:
            smooth = (original / length - low_factor) / (high_factor - low_factor)
            out.append((1 - smooth) * frequency / factor + smooth * frequency)
    return torch.tensor(out, dtype=torch.float64), 1.0


def rotate_half_split(q, cos, sin):
    """Pairs (i, i + dim/2): Hugging Face's rotate_half."""
    first, second = q.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


def rotate_interleaved(q, cos, sin):
    """Pairs (2i, 2i + 1): the RoFormer paper and Meta's own code."""
    even, odd = q[..., 0::2], q[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


def alibi_slopes(heads):
    """Press et al. 2022; for heads that are no power of two, every other slope of the next power fills up."""
    def power_of_two(n):
        return [2 ** (-8 * (i + 1) / n) for i in range(n)]

    closest = 2 ** math.floor(math.log2(heads))
    return power_of_two(closest) + power_of_two(2 * closest)[0::2][: heads - closest]


def _rope(dice):
    scalings = [
        {"rope_type": "default"}, {"rope_type": "linear", "factor": 4.0}, {"rope_type": "ntk", "factor": 4.0},
        {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 2048, "beta_fast": 32.0, "beta_slow": 1.0},
        {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
         "original_max_position_embeddings": 8192},
    ]
    for scaling in scalings:
        for dim, theta in ((16, 10000.0), (64, 500000.0)):
            frequencies, attention_factor = inverse_frequencies(scaling, dim, theta)
            entry = {"scaling": scaling, "head_dim": dim, "rope_theta": theta, "inv_freq": short(frequencies),
                     "attention_factor": short(attention_factor), "applied": []}
            for position in (0, 1, 7, 100, 1000):
                q = torch.randn(dim, generator=dice).double()
                cos, sin = ((position * frequencies).cos() * attention_factor, (position * frequencies).sin() * attention_factor)
                entry["applied"].append({
                    "position": position, "cos": short(cos), "sin": short(sin), "q": short(q),
                    "half_split": short(rotate_half_split(q, cos, sin)),
                    "interleaved": short(rotate_interleaved(q, cos, sin))})
            yield entry


def _activations():
    x = torch.tensor([-20, -15, -10, -8, -6, -5, -4, -3.5, -3, -2.5, -2, -1.75, -1.5, -1.25, -1, -0.75, -0.5, -0.25, -0.1, -0.001, 0,
                      0.001, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 8, 10, 15, 20],
                     dtype=torch.float32).double()
    tanh = 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))
    return {"x": short(x), "gelu": short(0.5 * x * torch.erfc(-x / math.sqrt(2))), "gelu_tanh": short(tanh),
            "silu": short(x * torch.sigmoid(x)), "relu": short(F.relu(x))}


def _softmax(dice):
    rows = [[0.0], [100.0, 100.0], [-1e30, -1e30], [-1e30, 0.0, 1.0], [1000.0, 0.0, -1000.0], [88.8, 88.9, 89.0],
            [0.0] * 7, [1.0, 2.0, 3.0, 4.0], (3 * torch.randn(33, generator=dice)).tolist()]
    return [{"x": short(row), "y": short(F.softmax(torch.tensor(row, dtype=torch.float32).double(), dim=0))} for row in rows]


def _norms(dice):
    layer, rms = [], []
    for length in (1, 5, 64):
        for eps in (1e-5, 1e-6):
            x, weight, bias = (torch.randn(length, generator=dice).double() * scale + shift
                               for scale, shift in ((2, 0.5), (0.3, 1), (0.3, 0)))
            x, weight, bias = (value.float().double() for value in (x, weight, bias))
            given = {"eps": eps, "x": short(x), "weight": short(weight)}
            layer.append({**given, "bias": short(bias), "y": short(F.layer_norm(x, (length,), weight, bias, eps))})
            rms.append({**given, "y": short(x * torch.rsqrt(x.pow(2).mean() + eps) * weight)})
    return layer, rms


def make():
    dice = torch.Generator().manual_seed(3)
    rope = list(_rope(dice))
    softmax = _softmax(dice)
    layer, rms = _norms(dice)
    positions = [0, 1, 2, 3, 4, 5, 1000]
    table = sinusoids(positions, 16)
    return {
        "rope": rope, "alibi": [{"heads": n, "slopes": short(alibi_slopes(n))} for n in (4, 8, 12)],
        "activations": [_activations()], "softmax": softmax, "layernorm": layer, "rmsnorm": rms,
        "sinusoidal": [{"width": 16, "position": p, "values": short(row)} for p, row in zip(positions, table)],
    }
