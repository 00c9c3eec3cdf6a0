"""Forward passes, written out plainly: each takes (weights, config, token ids) and returns all logits.

They follow the published definitions (the article; Hugging Face's modeling_gpt2 and modeling_llama) and share
nothing with the C# library. Weights arrive as float32 values and are computed with in float64.
"""

import math

import torch
from torch.nn import functional as F

from components import inverse_frequencies, rotate_half_split, sinusoids


def attend(q, k, v, window=None, trace=None):
    """Causal attention; q, k, v are [heads, length, size]. With a window a query sees that many keys, its own included."""
    length = q.shape[1]
    scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[2])
    hidden = torch.ones(length, length, dtype=torch.bool).triu(1)
    if window:
        hidden |= torch.ones(length, length, dtype=torch.bool).tril(-window)
    pattern = F.softmax(scores.masked_fill(hidden, float("-inf")), dim=-1)
    if trace is not None:
        trace["patterns"].append(pattern)
    return pattern @ v


def split(x, heads):
    return x.view(x.shape[0], heads, -1).transpose(0, 1)


def merge(x):
    return x.transpose(0, 1).reshape(x.shape[1], -1)


def read_out(h, w, c, norm, trace):
    """Logits; with a trace also those of the residual stream after every layer (the logit lens)."""
    head = w["model.embed_tokens.weight" if c["tie_word_embeddings"] else "lm_head.weight"].T
    if trace is not None:
        trace["lens"] = [norm(r, "model.norm") @ head for r in trace["residuals"]]
    return norm(h, "model.norm") @ head


def article(w, c, tokens, trace=None):
    d, eps = c["hidden_size"], c["layer_norm_eps"]
    activation = {"relu": F.relu, "gelu": F.gelu}[c["hidden_act"]]

    def norm(x, name):
        return F.layer_norm(x, (d,), w[name + ".weight"], w[name + ".bias"], eps)

    h = w["model.embed_tokens.weight"][tokens] + sinusoids(range(len(tokens)), d)
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        q, k, v = (split(h @ w[f"{p}self_attn.{n}_proj.weight"].T, c["num_attention_heads"]) for n in "qkv")
        mixed = merge(attend(q, k, v, trace=trace)) @ w[p + "self_attn.o_proj.weight"].T
        h = norm(h + mixed, p + "post_attention_layernorm")
        inner = activation(h @ w[p + "mlp.up_proj.weight"].T + w[p + "mlp.up_proj.bias"])
        out = inner @ w[p + "mlp.down_proj.weight"].T + w[p + "mlp.down_proj.bias"]
        h = norm(h + out, p + "post_feedforward_layernorm")
        if trace is not None:
            trace["residuals"].append(h)
    return read_out(h, w, c, norm, trace)


def gpt2(w, c, tokens):
    d, eps = c["n_embd"], c["layer_norm_epsilon"]

    def norm(x, name):
        return F.layer_norm(x, (d,), w[name + ".weight"], w[name + ".bias"], eps)

    def conv1d(x, name):                     # Conv1D keeps [in, out]
        return x @ w[name + ".weight"] + w[name + ".bias"]

    h = w["wte.weight"][tokens] + w["wpe.weight"][: len(tokens)]
    for i in range(c["n_layer"]):
        p = f"h.{i}."
        q, k, v = (split(x, c["n_head"]) for x in conv1d(norm(h, p + "ln_1"), p + "attn.c_attn").split(d, dim=1))
        h = h + conv1d(merge(attend(q, k, v)), p + "attn.c_proj")
        inner = conv1d(norm(h, p + "ln_2"), p + "mlp.c_fc")
        inner = 0.5 * inner * (1 + torch.tanh(math.sqrt(2 / math.pi) * (inner + 0.044715 * inner ** 3)))
        h = h + conv1d(inner, p + "mlp.c_proj")
    return norm(h, "ln_f") @ w["wte.weight"].T


def gpt_neox(w, c, tokens):
    d, eps, heads = c["hidden_size"], c["layer_norm_eps"], c["num_attention_heads"]
    size = d // heads
    turned = int(size * c["rotary_pct"])     # the first features of a head are rotated, the others stay
    frequencies, _ = inverse_frequencies({"rope_type": "default"}, turned, c["rotary_emb_base"])
    angles = torch.arange(len(tokens), dtype=torch.float64)[:, None] * frequencies

    def linear(x, name):
        return x @ w[name + ".weight"].T + w[name + ".bias"]

    def norm(x, name):
        return F.layer_norm(x, (d,), w[name + ".weight"], w[name + ".bias"], eps)

    def rotate(x):
        return torch.cat((rotate_half_split(x[..., :turned], angles.cos(), angles.sin()), x[..., turned:]), dim=-1)

    h = w["gpt_neox.embed_in.weight"][tokens]
    for i in range(c["num_hidden_layers"]):
        p = f"gpt_neox.layers.{i}."
        # [length, heads, 3 * size]: q, k and v of one head stand together
        qkv = linear(norm(h, p + "input_layernorm"), p + "attention.query_key_value").view(len(tokens), heads, 3 * size)
        q, k, v = (x.transpose(0, 1) for x in qkv.split(size, dim=-1))
        attended = linear(merge(attend(rotate(q), rotate(k), v)), p + "attention.dense")
        if not c["use_parallel_residual"]:
            h = h + attended
        inner = F.gelu(linear(norm(h, p + "post_attention_layernorm"), p + "mlp.dense_h_to_4h"))
        h = h + linear(inner, p + "mlp.dense_4h_to_h") + (attended if c["use_parallel_residual"] else 0)
    return norm(h, "gpt_neox.final_layer_norm") @ w["embed_out.weight"].T


def phi3(w, c, tokens):
    """Llama's layer with fused matrices, LongRoPE; the text is longer than the trained length or not."""
    heads, kv_heads = c["num_attention_heads"], c["num_key_value_heads"]
    size = c["hidden_size"] // heads
    trained, longest = c["original_max_position_embeddings"], c["max_position_embeddings"]
    turned = int(size * c["partial_rotary_factor"])
    plain, _ = inverse_frequencies({"rope_type": "default"}, turned, c["rope_theta"])
    factors = c["rope_scaling"]["short_factor" if len(tokens) <= trained else "long_factor"]
    angles = torch.arange(len(tokens), dtype=torch.float64)[:, None] * plain / torch.tensor(factors, dtype=torch.float64)
    stretch = math.sqrt(1 + math.log(longest / trained) / math.log(trained))
    cos, sin = angles.cos() * stretch, angles.sin() * stretch

    def norm(x, name):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + c["rms_norm_eps"]) * w[name + ".weight"]

    def rotate(x):
        return torch.cat((rotate_half_split(x[..., :turned], cos, sin), x[..., turned:]), dim=-1)

    h = w["model.embed_tokens.weight"][tokens]
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        fused = norm(h, p + "input_layernorm") @ w[p + "self_attn.qkv_proj.weight"].T
        q, k, v = fused.split((heads * size, kv_heads * size, kv_heads * size), dim=1)
        q, k, v = rotate(split(q, heads)), rotate(split(k, kv_heads)), split(v, kv_heads)
        k, v = (x.repeat_interleave(heads // kv_heads, dim=0) for x in (k, v))
        h = h + merge(attend(q, k, v, c["sliding_window"])) @ w[p + "self_attn.o_proj.weight"].T
        gate, up = (norm(h, p + "post_attention_layernorm") @ w[p + "mlp.gate_up_proj.weight"].T).chunk(2, dim=1)
        h = h + (F.silu(gate) * up) @ w[p + "mlp.down_proj.weight"].T
    return norm(h, "model.norm") @ w["lm_head.weight"].T


def llama(w, c, tokens, trace=None):
    size = c.get("head_dim") or c["hidden_size"] // c["num_attention_heads"]
    heads, kv_heads = c["num_attention_heads"], c["num_key_value_heads"]
    scaling = c.get("rope_scaling") or {"rope_type": "default"}
    frequencies, _ = inverse_frequencies(scaling, size, c["rope_theta"])
    angles = torch.arange(len(tokens), dtype=torch.float64)[:, None] * frequencies

    def norm(x, name):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + c["rms_norm_eps"]) * w[name + ".weight"]

    h = w["model.embed_tokens.weight"][tokens]
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        x = norm(h, p + "input_layernorm")
        q = split(x @ w[p + "self_attn.q_proj.weight"].T, heads)
        k = split(x @ w[p + "self_attn.k_proj.weight"].T, kv_heads)
        v = split(x @ w[p + "self_attn.v_proj.weight"].T, kv_heads)
        q, k = rotate_half_split(q, angles.cos(), angles.sin()), rotate_half_split(k, angles.cos(), angles.sin())
        k, v = (x.repeat_interleave(heads // kv_heads, dim=0) for x in (k, v))
        h = h + merge(attend(q, k, v, c.get("sliding_window"), trace)) @ w[p + "self_attn.o_proj.weight"].T
        x = norm(h, p + "post_attention_layernorm")
        gate = F.silu(x @ w[p + "mlp.gate_proj.weight"].T) * (x @ w[p + "mlp.up_proj.weight"].T)
        h = h + gate @ w[p + "mlp.down_proj.weight"].T
        if trace is not None:
            trace["residuals"].append(h)
    return read_out(h, w, c, norm, trace)
