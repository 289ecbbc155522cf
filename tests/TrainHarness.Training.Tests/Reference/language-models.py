"""Writes language-models.csv: what networks of language modelling give under weights in closed form, by PyTorch's own layers (Debian 12: python3-torch 1.13).

    python3 language-models.py > language-models.csv

Weights: of the k-th parameter in the order of names, counted from 0, element i is base + 0.2 sin(0.7 i + k + 1), base 1 for weights of normalisations, else 0.
Vocabulary 37, context 6, width 64 (LLaMA's inner width 192), 4 heads. All in float64.
"""
import torch
from torch import nn

V, T, W, F, H = 37, 6, 64, 256, 4
UNITS = torch.tensor([[5, 9, 14, 22, 2, 0], [31, 7, 2, 0, 36, 1], [12, 12, 36, 4, 2, 30]])
WANTED = torch.tensor([[9, 14, 22, 2, 0, 8], [7, 2, 0, 36, 1, 5], [12, 36, 4, 2, 30, 33]])
LATER = torch.ones(T, T).triu(1).bool()


class Weights:
    """The parameters that networks here take, by the names that they have there."""

    def __init__(self, shapes):
        self.of = {}
        for k, name in enumerate(sorted(shapes)):
            count = 1
            for size in shapes[name]:
                count *= size
            base = 1.0 if "norm" in name and name.endswith("weight") else 0.0
            value = base + 0.2 * torch.sin(0.7 * torch.arange(count, dtype=torch.float64) + k + 1)
            self.of[name] = value.view(*shapes[name]).requires_grad_()

    def __getitem__(self, name):
        return self.of[name]

    def get(self, name):
        return self.of.get(name)


def lin(prefix, inputs, outputs, bias=True):
    return {f"{prefix}.weight": (outputs, inputs)} | ({f"{prefix}.bias": (outputs,)} if bias else {})


def norm(prefix, bias=True):
    return {f"{prefix}.weight": (W,)} | ({f"{prefix}.bias": (W,)} if bias else {})


def embed(ids, w, name):
    return nn.functional.embedding(ids, w[f"{name}.weight"])


def lstm():
    shapes = {"embedding.weight": (V, W)} | lin("output", W, V)
    shapes |= {"layers.weight_ih_l0": (4 * W, W), "layers.weight_hh_l0": (4 * W, W), "layers.bias_ih_l0": (4 * W,), "layers.bias_hh_l0": (4 * W,)}
    w = Weights(shapes)
    layer = nn.LSTM(W, W, 1, batch_first=True).double()
    for name, parameter in layer.named_parameters():
        with torch.no_grad():
            parameter.copy_(w[f"layers.{name}"])
        w.of[f"layers.{name}"] = parameter
    states, _ = layer(embed(UNITS, w, "embedding"))
    return w, nn.functional.linear(states, w["output.weight"], w["output.bias"])


def through(layer, w, names):
    """PyTorch's encoder layer with weights of ours by its names; nothing where ours has no bias."""
    def value(ours, like):
        return torch.zeros_like(like) if ours is None else ours

    own = dict(layer.named_parameters())
    given = {}
    for theirs, ours in names.items():
        if isinstance(ours, list):
            parts = [w.get(name) for name in ours]
            given[theirs] = value(None if parts[0] is None else torch.cat(parts), own[theirs])
        else:
            given[theirs] = value(w.get(ours), own[theirs])
    return lambda x: torch.nn.utils.stateless.functional_call(layer, given, (x,), {"src_mask": LATER})


def encoder_names(prefix, attention, linears, norms):
    names = {}
    for part, stacked in (("weight", "in_proj_weight"), ("bias", "in_proj_bias")):
        names[f"self_attn.{stacked}"] = [f"{prefix}.{attention}.{q}.{part}" for q in ("query", "key", "value")]
        names[f"self_attn.out_proj.{part}"] = f"{prefix}.{attention}.output.{part}"
        for n in (1, 2):
            names[f"linear{n}.{part}"] = f"{prefix}.{linears[n - 1]}.{part}"
            names[f"norm{n}.{part}"] = f"{prefix}.{norms[n - 1]}.{part}"
    return names


def attention_shapes(prefix, bias=True):
    return {k: v for part in ("query", "key", "value", "output") for k, v in lin(f"{prefix}.{part}", W, W, bias).items()}


def decoder():
    shapes = {"embedding.weight": (V, W)}
    for l in range(2):
        shapes |= attention_shapes(f"layers.{l}.self_attention") | norm(f"layers.{l}.norm1") | norm(f"layers.{l}.norm2")
        shapes |= lin(f"layers.{l}.feed_forward.fc1", W, F) | lin(f"layers.{l}.feed_forward.fc2", F, W)
    w = Weights(shapes)
    place, column = torch.arange(T, dtype=torch.float64)[:, None], torch.arange(W, dtype=torch.float64)[None]
    angle = place / 10000 ** ((column - column % 2) / W)
    x = embed(UNITS, w, "embedding") * W ** 0.5 + torch.where(column % 2 == 0, angle.sin(), angle.cos())
    for l in range(2):
        layer = nn.TransformerEncoderLayer(W, H, F, dropout=0, batch_first=True).double()
        x = through(layer, w, encoder_names(f"layers.{l}", "self_attention", ("feed_forward.fc1", "feed_forward.fc2"), ("norm1", "norm2")))(x)
    return w, x @ w["embedding.weight"].T


def gpt(count, plain):
    bias = not plain
    shapes = {"words.weight": (V, W), "positions.weight": (T, W)} | norm("norm", bias)
    for l in range(count):
        shapes |= attention_shapes(f"blocks.{l}.attention", bias) | norm(f"blocks.{l}.norm1", bias) | norm(f"blocks.{l}.norm2", bias)
        shapes |= lin(f"blocks.{l}.fc1", W, F, bias) | lin(f"blocks.{l}.fc2", F, W, bias)
    w = Weights(shapes)
    gelu = nn.GELU() if plain else nn.GELU(approximate="tanh")
    x = embed(UNITS, w, "words") + w["positions.weight"][None]
    for l in range(count):
        layer = nn.TransformerEncoderLayer(W, H, F, dropout=0, activation=gelu, batch_first=True, norm_first=True).double()
        x = through(layer, w, encoder_names(f"blocks.{l}", "attention", ("fc1", "fc2"), ("norm1", "norm2")))(x)
    x = nn.functional.layer_norm(x, (W,), w["norm.weight"], w.get("norm.bias"))
    return w, x @ w["words.weight"].T


def llama():
    D = 192
    shapes = {"words.weight": (V, W), "output.weight": (V, W), "norm.weight": (W,)}
    for l in range(2):
        p = f"blocks.{l}"
        shapes |= {f"{p}.attention_norm.weight": (W,), f"{p}.feed_forward_norm.weight": (W,)}
        for part in ("query", "key", "value", "output"):
            shapes |= lin(f"{p}.{part}", W, W, False)
        shapes |= lin(f"{p}.gate", W, D, False) | lin(f"{p}.up", W, D, False) | lin(f"{p}.down", D, W, False)
    w = Weights(shapes)
    rms = lambda x, name: x / (x.pow(2).mean(-1, keepdim=True) + 1e-6).sqrt() * w[f"{name}.weight"]
    d = W // H
    # Meta's form: points of the complex plane, turned by a factor of length one.
    turns = torch.polar(torch.ones(T, d // 2, dtype=torch.float64), torch.outer(torch.arange(T, dtype=torch.float64), 10000.0 ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)))

    def turned(x):
        z = torch.complex(x[..., : d // 2], x[..., d // 2 :]) * turns
        return torch.cat([z.real, z.imag], -1)

    x = embed(UNITS, w, "words")
    for l in range(2):
        p = f"blocks.{l}"
        n = rms(x, f"{p}.attention_norm")
        q, k, v = ((n @ w[f"{p}.{part}.weight"].T).view(3, T, H, d).transpose(1, 2) for part in ("query", "key", "value"))
        scores = torch.einsum("nhtd,nhsd->nhts", turned(q), turned(k)) / d ** 0.5
        attended = torch.einsum("nhts,nhsd->nhtd", scores.masked_fill(LATER, float("-inf")).softmax(-1), v)
        x = x + attended.transpose(1, 2).reshape(3, T, W) @ w[f"{p}.output.weight"].T
        n = rms(x, f"{p}.feed_forward_norm")
        x = x + (nn.functional.silu(n @ w[f"{p}.gate.weight"].T) * (n @ w[f"{p}.up.weight"].T)) @ w[f"{p}.down.weight"].T
    return w, rms(x, "norm") @ w["output.weight"].T


print("# Written by language-models.py, which says how: PyTorch " + torch.__version__.split("+")[0])
print("network,first,middle,sum,absolute,loss,gradient")
for name, build in (
    ("lstm_1x64", lstm), ("decoder_2x64", decoder), ("gpt2_2x64", lambda: gpt(2, False)), ("nanogpt_2x64", lambda: gpt(2, True)), ("llama_2x64", llama),
):
    weights, logits = build()
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), WANTED.flatten())
    loss.backward()
    gradient = sum(p.grad.square().sum() for p in weights.of.values()).sqrt()
    numbers = [logits[0, 0, 0], logits[1, 2, 7], logits.sum(), logits.abs().sum(), loss, gradient]
    print(name + "," + ",".join(f"{number.item():.12g}" for number in numbers))
