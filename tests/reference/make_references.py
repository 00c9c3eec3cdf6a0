"""Makes tests/reference/data: tiny models with random weights, their logits, and vectors for single components.

    /usr/bin/python3 tests/reference/make_references.py

Every run writes the same files (with the versions named in README.md).
"""

from pathlib import Path

import torch

import architectures
import components
from files import rounded, short, write_json, write_rows, write_safetensors

DATA = Path(__file__).parent / "data"
TRACED = ("article-tiny", "llama-tiny")     # whose patterns and logit lens are kept, too


class Weights:
    """Draws random tensors by name; sizes are such that no layer is without effect on the logits."""

    def __init__(self, seed):
        self.dice = torch.Generator().manual_seed(seed)
        self.tensors = {}

    def normal(self, name, *shape, std, mean=0.0):
        self.tensors[name] = torch.randn(*shape, generator=self.dice) * std + mean

    def matrix(self, name, *shape):
        self.normal(name, *shape, std=1.5 / shape[1] ** 0.5)

    def norm(self, name, width, bias=True):
        self.normal(name + ".weight", width, std=0.3, mean=1.0)
        if bias:
            self.normal(name + ".bias", width, std=0.2)


def ids(seed, count, vocabulary):
    return [0] + torch.randint(1, vocabulary, (count - 1,), generator=torch.Generator().manual_seed(seed)).tolist()


def store(name, config, tensors, kinds, forward, tokens, shards=1):
    folder = DATA / name
    folder.mkdir(parents=True, exist_ok=True)
    names = list(tensors)
    write_json(folder / "config.json", config, indent=2)
    if shards == 1:
        write_safetensors(folder / "model.safetensors", tensors, kinds)
    else:
        size = {"F32": 4, "F16": 2, "BF16": 2}
        index = {"metadata": {"total_size": sum(tensors[n].numel() * size[kinds[n]] for n in names)}, "weight_map": {}}
        each = -(-len(names) // shards)
        for i in range(shards):
            part, file = names[i * each : (i + 1) * each], f"model-{i + 1:05}-of-{shards:05}.safetensors"
            write_safetensors(folder / file, {n: tensors[n] for n in part}, kinds)
            index["weight_map"].update({n: file for n in part})
        write_json(folder / "model.safetensors.index.json", index, indent=1)
    weights = {n: rounded(value, kinds[n]).double() for n, value in tensors.items()}
    logits = forward(weights, config, torch.tensor(tokens))
    if name in TRACED:
        trace = {"patterns": [], "residuals": []}
        forward(weights, config, torch.tensor(tokens), trace)
        write_rows(folder / "inside.json", {"patterns": [short(x) for x in trace["patterns"]], "lens": [short(x) for x in trace["lens"]]})
    write_rows(folder / "logits.json", {"tokens": tokens, "logits": short(logits)})
    print(f"{name}: logits from {logits.min():.2f} to {logits.max():.2f}, standard deviation {logits.std():.2f}")


def article(name, seed, width, layers, heads, vocabulary, activation, tied, kind):
    config = {"architectures": ["ArticleForCausalLM"], "model_type": "article", "hidden_size": width,
              "num_hidden_layers": layers, "num_attention_heads": heads, "intermediate_size": 4 * width,
              "vocab_size": vocabulary, "max_position_embeddings": 64, "layer_norm_eps": 1e-5, "hidden_act": activation,
              "hidden_dropout_prob": 0.1, "tie_word_embeddings": tied, "bos_token_id": 0, "eos_token_id": 0}
    w = Weights(seed)
    w.normal("model.embed_tokens.weight", vocabulary, width, std=0.5)
    for i in range(layers):
        p = f"model.layers.{i}."
        for projection in "qkvo":
            w.matrix(f"{p}self_attn.{projection}_proj.weight", width, width)
        w.norm(p + "post_attention_layernorm", width)
        w.matrix(p + "mlp.up_proj.weight", 4 * width, width)
        w.normal(p + "mlp.up_proj.bias", 4 * width, std=0.2)
        w.matrix(p + "mlp.down_proj.weight", width, 4 * width)
        w.normal(p + "mlp.down_proj.bias", width, std=0.2)
        w.norm(p + "post_feedforward_layernorm", width)
    w.norm("model.norm", width)
    if not tied:
        w.matrix("lm_head.weight", vocabulary, width)
    kinds = {n: kind if value.dim() == 2 else "F32" for n, value in w.tensors.items()}
    store(name, config, w.tensors, kinds, architectures.article, ids(seed + 1, 20, vocabulary))


def gpt2():
    d, vocabulary, length = 36, 53, 32
    config = {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new", "n_embd": d,
              "n_layer": 3, "n_head": 3, "n_positions": length, "n_ctx": length, "vocab_size": vocabulary,
              "layer_norm_epsilon": 1e-5, "attn_pdrop": 0.1, "embd_pdrop": 0.1, "resid_pdrop": 0.1,
              "bos_token_id": 0, "eos_token_id": 0}
    w = Weights(20)
    w.normal("wte.weight", vocabulary, d, std=0.5)
    w.normal("wpe.weight", length, d, std=0.3)
    for i in range(3):
        p = f"h.{i}."
        w.norm(p + "ln_1", d)
        # OpenAI's file also carries the causal mask; a reader has to pass it over.
        w.tensors[p + "attn.bias"] = torch.ones(length, length).tril().view(1, 1, length, length)
        for projection, rows, columns in (("attn.c_attn", d, 3 * d), ("attn.c_proj", d, d)):
            w.normal(f"{p}{projection}.weight", rows, columns, std=1.5 / rows ** 0.5)
            w.normal(f"{p}{projection}.bias", columns, std=0.2)
        w.norm(p + "ln_2", d)
        for projection, rows, columns in (("mlp.c_fc", d, 4 * d), ("mlp.c_proj", 4 * d, d)):
            w.normal(f"{p}{projection}.weight", rows, columns, std=1.5 / rows ** 0.5)
            w.normal(f"{p}{projection}.bias", columns, std=0.2)
    w.norm("ln_f", d)
    kinds = {n: "F16" if value.dim() == 2 else "F32" for n, value in w.tensors.items()}
    store("gpt2-tiny", config, w.tensors, kinds, architectures.gpt2, ids(21, 20, vocabulary))


def llama(name, seed, size, scaling, kind, count, shards):
    d, inner, vocabulary, heads, kv_heads = 48, 80, 67, 6, 2
    config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": d, "intermediate_size": inner,
              "num_hidden_layers": 3, "num_attention_heads": heads, "num_key_value_heads": kv_heads, "hidden_act": "silu",
              "max_position_embeddings": 256, "vocab_size": vocabulary, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
              "rope_scaling": scaling, "attention_bias": False, "mlp_bias": False, "tie_word_embeddings": False,
              "torch_dtype": {"F32": "float32", "BF16": "bfloat16"}[kind], "bos_token_id": 0, "eos_token_id": 0}
    if size * heads != d:
        config["head_dim"] = size
    w = Weights(seed)
    w.normal("model.embed_tokens.weight", vocabulary, d, std=0.7)
    for i in range(3):
        p = f"model.layers.{i}."
        w.norm(p + "input_layernorm", d, bias=False)
        w.matrix(p + "self_attn.q_proj.weight", heads * size, d)
        w.matrix(p + "self_attn.k_proj.weight", kv_heads * size, d)
        w.matrix(p + "self_attn.v_proj.weight", kv_heads * size, d)
        w.matrix(p + "self_attn.o_proj.weight", d, heads * size)
        w.norm(p + "post_attention_layernorm", d, bias=False)
        w.matrix(p + "mlp.gate_proj.weight", inner, d)
        w.matrix(p + "mlp.up_proj.weight", inner, d)
        w.matrix(p + "mlp.down_proj.weight", d, inner)
    w.norm("model.norm", d, bias=False)
    w.matrix("lm_head.weight", vocabulary, d)
    store(name, config, w.tensors, {n: kind for n in w.tensors}, architectures.llama, ids(seed + 1, count, vocabulary), shards)


def gpt_neox(name, seed, parallel):
    d, inner, vocabulary = 40, 72, 47
    config = {"architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "hidden_size": d, "intermediate_size": inner,
              "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": vocabulary, "max_position_embeddings": 64,
              "layer_norm_eps": 1e-5, "hidden_act": "gelu", "rotary_pct": 0.4, "rotary_emb_base": 10000,
              "use_parallel_residual": parallel, "tie_word_embeddings": False, "bos_token_id": 0, "eos_token_id": 0}
    w = Weights(seed)

    def linear(name, outputs, inputs):
        w.matrix(name + ".weight", outputs, inputs)
        w.normal(name + ".bias", outputs, std=0.2)

    w.normal("gpt_neox.embed_in.weight", vocabulary, d, std=0.7)
    for i in range(2):
        p = f"gpt_neox.layers.{i}."
        w.norm(p + "input_layernorm", d)
        w.norm(p + "post_attention_layernorm", d)
        # Old files also carry a mask and the frequencies; a reader has to pass them over.
        w.tensors[p + "attention.bias"] = torch.ones(8, 8).tril().view(1, 1, 8, 8)
        w.tensors[p + "attention.rotary_emb.inv_freq"] = torch.ones(2)
        linear(p + "attention.query_key_value", 3 * d, d)
        linear(p + "attention.dense", d, d)
        linear(p + "mlp.dense_h_to_4h", inner, d)
        linear(p + "mlp.dense_4h_to_h", d, inner)
    w.norm("gpt_neox.final_layer_norm", d)
    w.matrix("embed_out.weight", vocabulary, d)
    kinds = {n: "F16" if value.dim() == 2 else "F32" for n, value in w.tensors.items()}
    store(name, config, w.tensors, kinds, architectures.gpt_neox, ids(seed + 1, 20, vocabulary))


def mistral():
    d, inner, vocabulary, size = 36, 60, 43, 6
    config = {"architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_size": d, "intermediate_size": inner,
              "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 3, "hidden_act": "silu",
              "max_position_embeddings": 64, "vocab_size": vocabulary, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
              "sliding_window": 7, "tie_word_embeddings": False, "bos_token_id": 0, "eos_token_id": 0}
    w = Weights(60)
    w.normal("model.embed_tokens.weight", vocabulary, d, std=0.7)
    for i in range(2):
        p = f"model.layers.{i}."
        w.norm(p + "input_layernorm", d, bias=False)
        for projection, rows, columns in (("q", 6 * size, d), ("k", 3 * size, d), ("v", 3 * size, d), ("o", d, 6 * size)):
            w.matrix(f"{p}self_attn.{projection}_proj.weight", rows, columns)
        w.norm(p + "post_attention_layernorm", d, bias=False)
        w.matrix(p + "mlp.gate_proj.weight", inner, d)
        w.matrix(p + "mlp.up_proj.weight", inner, d)
        w.matrix(p + "mlp.down_proj.weight", d, inner)
    w.norm("model.norm", d, bias=False)
    w.matrix("lm_head.weight", vocabulary, d)
    kinds = {n: "F16" if value.dim() == 2 else "F32" for n, value in w.tensors.items()}
    store("mistral-tiny", config, w.tensors, kinds, architectures.llama, ids(61, 30, vocabulary))


def phi3(name, seed, trained):
    d, inner, vocabulary, size, heads, kv_heads = 48, 60, 43, 8, 6, 2
    config = {"architectures": ["Phi3ForCausalLM"], "model_type": "phi3", "hidden_size": d, "intermediate_size": inner,
              "num_hidden_layers": 2, "num_attention_heads": heads, "num_key_value_heads": kv_heads, "hidden_act": "silu",
              "max_position_embeddings": 256, "original_max_position_embeddings": trained, "vocab_size": vocabulary,
              "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "partial_rotary_factor": 0.75, "sliding_window": 11,
              "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.25, 1.5], "long_factor": [1.0, 3.5, 8.25]},
              "tie_word_embeddings": False, "bos_token_id": 0, "eos_token_id": 0}
    w = Weights(seed)
    w.normal("model.embed_tokens.weight", vocabulary, d, std=0.7)
    for i in range(2):
        p = f"model.layers.{i}."
        w.norm(p + "input_layernorm", d, bias=False)
        w.matrix(p + "self_attn.qkv_proj.weight", (heads + 2 * kv_heads) * size, d)
        w.matrix(p + "self_attn.o_proj.weight", d, heads * size)
        w.norm(p + "post_attention_layernorm", d, bias=False)
        w.matrix(p + "mlp.gate_up_proj.weight", 2 * inner, d)
        w.matrix(p + "mlp.down_proj.weight", d, inner)
    w.norm("model.norm", d, bias=False)
    w.matrix("lm_head.weight", vocabulary, d)
    kinds = {n: "F16" if value.dim() == 2 else "F32" for n, value in w.tensors.items()}
    store(name, config, w.tensors, kinds, architectures.phi3, ids(seed + 1, 40, vocabulary))


if __name__ == "__main__":
    torch.set_num_threads(1)
    article("article-tiny", 1, width=24, layers=3, heads=2, vocabulary=61, activation="relu", tied=False, kind="F32")
    # Matrices of this one and of gpt2-tiny are float16, for the size: as float32 they would take 1.4 MB.
    article("article-28x4", 10, width=112, layers=2, heads=28, vocabulary=40, activation="gelu", tied=True, kind="F16")
    gpt2()
    llama("llama-tiny", 30, size=8, scaling=None, kind="F32", count=20, shards=1)
    llama("llama-tiny-llama3", 40, size=16, kind="BF16", count=48, shards=2,
          scaling={"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                   "original_max_position_embeddings": 32})
    gpt_neox("gptneox-tiny", 50, parallel=True)
    mistral()
    phi3("phi3-tiny", 70, trained=16)
    write_rows(DATA / "components.json", components.make())
