"""Writes translators.csv: what networks of translation give under weights in closed form, by PyTorch's own layers (Debian 12: python3-torch 1.13).

    python3 translators.py > translators.csv

Weights: of the k-th parameter in the order of names, counted from 0, element i is base + 0.2 sin(0.7 i + k + 1), base 1 for weights of normalisations, else 0;
rows of embeddings for padding are 0. Vocabulary 37, width 64. All in float64.
"""
import torch
from torch import nn

V, W = 37, 64
SOURCE = torch.tensor([[5, 9, 14, 22, 2], [31, 7, 2, 0, 0], [12, 12, 36, 4, 2]])
TARGET = torch.tensor([[1, 8, 20, 33], [1, 17, 6, 4], [1, 30, 11, 0]])
WANTED = torch.tensor([[8, 20, 33, 2], [17, 6, 4, 2], [30, 11, 2, 0]])


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
            value = value.view(*shapes[name])
            if "embedding" in name:
                value[0] = 0
            self.of[name] = value.requires_grad_()

    def __getitem__(self, name):
        return self.of[name]

    def load(self, layer, prefix):
        """A layer of PyTorch with these weights; its gradients are theirs."""
        for name, parameter in layer.named_parameters():
            with torch.no_grad():
                parameter.copy_(self[f"{prefix}.{name}"])
            self.of[f"{prefix}.{name}"] = parameter
        return layer


def linear(x, w, name, bias=True):
    return nn.functional.linear(x, w[f"{name}.weight"], w[f"{name}.bias"] if bias else None)


def embed(ids, w, name):
    return nn.functional.embedding(ids, w[f"{name}.weight"])


def lstm_shapes(prefix, inputs, layers, suffixes=("",)):
    shapes = {}
    for layer in range(layers):
        for s in suffixes:
            i = inputs if layer == 0 else W * len(suffixes)
            shapes |= {f"{prefix}.weight_ih_l{layer}{s}": (4 * W, i), f"{prefix}.weight_hh_l{layer}{s}": (4 * W, W),
                       f"{prefix}.bias_ih_l{layer}{s}": (4 * W,), f"{prefix}.bias_hh_l{layer}{s}": (4 * W,)}
    return shapes


def seq2seq():
    w = Weights({"source_embedding.weight": (V, W), "target_embedding.weight": (V, W), "output.weight": (V, W), "output.bias": (V,)}
                | lstm_shapes("encoder", W, 2) | lstm_shapes("decoder", W, 2))
    encoder = w.load(nn.LSTM(W, W, 2, batch_first=True).double(), "encoder")
    decoder = w.load(nn.LSTM(W, W, 2, batch_first=True).double(), "decoder")
    _, state = encoder(embed(SOURCE.flip(1), w, "source_embedding"))
    states, _ = decoder(embed(TARGET, w, "target_embedding"), state)
    return w, linear(states, w, "output")


def rnnsearch():
    shapes = {"source_embedding.weight": (V, W), "target_embedding.weight": (V, W), "start.weight": (W, W), "start.bias": (W,),
              "attention.key.weight": (W, 2 * W), "attention.query.weight": (W, W), "attention.query.bias": (W,), "attention.score.weight": (1, W),
              "decoder.weight_ih": (3 * W, 3 * W), "decoder.weight_hh": (3 * W, W), "decoder.bias_ih": (3 * W,), "decoder.bias_hh": (3 * W,),
              "readout.weight": (2 * W, 4 * W), "readout.bias": (2 * W,), "output.weight": (V, W), "output.bias": (V,)}
    for s in ("", "_reverse"):
        shapes |= {f"encoder.weight_ih_l0{s}": (3 * W, W), f"encoder.weight_hh_l0{s}": (3 * W, W), f"encoder.bias_ih_l0{s}": (3 * W,), f"encoder.bias_hh_l0{s}": (3 * W,)}
    w = Weights(shapes)
    encoder = w.load(nn.GRU(W, W, batch_first=True, bidirectional=True).double(), "encoder")
    cell = w.load(nn.GRUCell(3 * W, W).double(), "decoder")
    read, _ = encoder(embed(SOURCE, w, "source_embedding"))
    state = torch.tanh(linear(read[:, 0, W:], w, "start"))
    keys = linear(read, w, "attention.key", bias=False)
    words, logits = embed(TARGET, w, "target_embedding"), []
    for t in range(TARGET.shape[1]):
        scores = linear(torch.tanh(keys + linear(state, w, "attention.query")[:, None]), w, "attention.score", bias=False)[..., 0]
        weights = scores.masked_fill(SOURCE == 0, float("-inf")).softmax(-1)
        context = torch.einsum("ns,nsd->nd", weights, read)
        state = cell(torch.cat([words[:, t], context], -1), state)
        pairs = linear(torch.cat([state, words[:, t], context], -1), w, "readout").view(-1, W, 2)
        logits.append(linear(pairs.max(-1).values, w, "output"))
    return w, torch.stack(logits, 1)


def transformer():
    F, H, L = 128, 4, 2
    norm = lambda p: {f"{p}.weight": (W,), f"{p}.bias": (W,)}
    lin = lambda p, i, o: {f"{p}.weight": (o, i), f"{p}.bias": (o,)}
    attention = lambda p: {k: v for part in ("query", "key", "value", "output") for k, v in lin(f"{p}.{part}", W, W).items()}
    shapes = {"embedding.weight": (V, W)}
    for l in range(L):
        for side, attentions, norms in (("encoder", ["self_attention"], 2), ("decoder", ["self_attention", "source_attention"], 3)):
            p = f"{side}.{l}"
            for a in attentions:
                shapes |= attention(f"{p}.{a}")
            for n in range(norms):
                shapes |= norm(f"{p}.norm{n + 1}")
            shapes |= lin(f"{p}.feed_forward.fc1", W, F) | lin(f"{p}.feed_forward.fc2", F, W)
    w = Weights(shapes)

    def of(layer, p, attentions, norms):
        names = {f"linear{n}.{part}": w[f"{p}.feed_forward.fc{n}.{part}"] for n in (1, 2) for part in ("weight", "bias")}
        names |= {f"norm{n}.{part}": w[f"{p}.norm{n}.{part}"] for n in range(1, norms + 1) for part in ("weight", "bias")}
        for here, there in attentions.items():
            for part, stacked in (("weight", "in_proj_weight"), ("bias", "in_proj_bias")):
                names[f"{here}.{stacked}"] = torch.cat([w[f"{p}.{there}.{q}.{part}"] for q in ("query", "key", "value")])
                names[f"{here}.out_proj.{part}"] = w[f"{p}.{there}.output.{part}"]
        return lambda *inputs, **masks: torch.nn.utils.stateless.functional_call(layer, names, inputs, masks)

    def positions(length):
        place, column = torch.arange(length, dtype=torch.float64)[:, None], torch.arange(W, dtype=torch.float64)[None]
        angle = place / 10000 ** ((column - column % 2) / W)
        return torch.where(column % 2 == 0, angle.sin(), angle.cos())

    read = embed(SOURCE, w, "embedding") * W ** 0.5 + positions(SOURCE.shape[1])
    hidden = SOURCE == 0
    for l in range(L):
        layer = of(nn.TransformerEncoderLayer(W, H, F, dropout=0, batch_first=True).double(), f"encoder.{l}", {"self_attn": "self_attention"}, 2)
        read = layer(read, src_key_padding_mask=hidden)
    written = embed(TARGET, w, "embedding") * W ** 0.5 + positions(TARGET.shape[1])
    later = torch.ones(TARGET.shape[1], TARGET.shape[1]).triu(1).bool()
    for l in range(L):
        layer = of(nn.TransformerDecoderLayer(W, H, F, dropout=0, batch_first=True).double(), f"decoder.{l}",
                   {"self_attn": "self_attention", "multihead_attn": "source_attention"}, 3)
        written = layer(written, read, tgt_mask=later, memory_key_padding_mask=hidden)
    return w, written @ w["embedding.weight"].T


def luong():
    w = Weights({"source_embedding.weight": (V, W), "target_embedding.weight": (V, W), "general.weight": (W, W), "attentional.weight": (W, 2 * W),
                 "output.weight": (V, W), "output.bias": (V,)} | lstm_shapes("encoder", W, 2) | lstm_shapes("decoder", 2 * W, 2))
    encoder = w.load(nn.LSTM(W, W, 2, batch_first=True).double(), "encoder")
    decoder = w.load(nn.LSTM(2 * W, W, 2, batch_first=True).double(), "decoder")
    backwards = SOURCE.flip(1)
    read, state = encoder(embed(backwards, w, "source_embedding"))
    fed, logits = torch.zeros(3, W, dtype=torch.float64), []
    for t in range(TARGET.shape[1]):
        h, state = decoder(torch.cat([embed(TARGET[:, t], w, "target_embedding"), fed], -1)[:, None], state)
        h = h[:, 0]
        scores = torch.einsum("nd,nsd->ns", linear(h, w, "general", bias=False), read).masked_fill(backwards == 0, float("-inf"))
        context = torch.einsum("ns,nsd->nd", scores.softmax(-1), read)
        fed = torch.tanh(linear(torch.cat([context, h], -1), w, "attentional", bias=False))
        logits.append(linear(fed, w, "output"))
    return w, torch.stack(logits, 1)


def gnmt():
    L = 4
    shapes = {"source_embedding.weight": (V, W), "target_embedding.weight": (V, W), "output.weight": (V, W), "output.bias": (V,),
              "attention.key.weight": (W, W), "attention.query.weight": (W, W), "attention.query.bias": (W,), "attention.score.weight": (1, W)}
    shapes |= lstm_shapes("both_directions", W, 1, ("", "_reverse")) | lstm_shapes("asking", W, 1)
    for l in range(L - 1):
        shapes |= lstm_shapes(f"encoder.{l}", 2 * W if l == 0 else W, 1) | lstm_shapes(f"decoder.{l}", 2 * W, 1)
    w = Weights(shapes)
    lstm = lambda name, inputs, **more: w.load(nn.LSTM(inputs, W, batch_first=True, **more).double(), name)
    read, _ = lstm("both_directions", W, bidirectional=True)(embed(SOURCE, w, "source_embedding"))
    for l in range(L - 1):
        above, _ = lstm(f"encoder.{l}", 2 * W if l == 0 else W)(read)
        read = above if l == 0 else above + read
    written, _ = lstm("asking", W)(embed(TARGET, w, "target_embedding"))
    keys = linear(read, w, "attention.key", bias=False)
    scores = linear(torch.tanh(keys[:, None] + linear(written, w, "attention.query")[:, :, None]), w, "attention.score", bias=False)[..., 0]
    weights = scores.masked_fill((SOURCE == 0)[:, None], float("-inf")).softmax(-1)
    context = torch.einsum("nts,nsd->ntd", weights, read)
    for l in range(L - 1):
        above, _ = lstm(f"decoder.{l}", 2 * W)(torch.cat([written, context], -1))
        written = above if l == 0 else above + written
    return w, linear(written, w, "output")


def conv_s2s(sizes=((W, 3), (W, 3)), outputs=W):
    """Convolutions of these widths behind the gate and kernels, in the encoder and in the decoder; a residual is projected where widths differ."""
    L, inputs = len(sizes), [sizes[0][0]] + [width for width, _ in sizes[:-1]]
    first, last = sizes[0][0], sizes[-1][0]
    normalised = lambda p, *shape: {f"{p}.weight_v": shape, f"{p}.weight_g": (shape[0],) + (1,) * (len(shape) - 1), f"{p}.bias": (shape[0],)}
    shapes = {"source_embedding.weight": (V, W), "target_embedding.weight": (V, W), "source_positions.weight": (256, W), "target_positions.weight": (256, W)}
    for name, *shape in (("source_in", first, W), ("source_out", W, last), ("target_in", first, W), ("target_out", outputs, last), ("output", V, outputs)):
        shapes |= normalised(name, *shape)
    for l, (width, kernel) in enumerate(sizes):
        shapes |= normalised(f"encoder.{l}", 2 * width, inputs[l], kernel) | normalised(f"decoder.{l}.convolution", 2 * width, inputs[l], kernel)
        shapes |= normalised(f"decoder.{l}.query", W, width) | normalised(f"decoder.{l}.output", width, W)
        if inputs[l] != width:
            shapes |= normalised(f"encoder_residuals.{l}", width, inputs[l], 1) | normalised(f"decoder_residuals.{l}", width, inputs[l])
    w = Weights(shapes)
    line = lambda name, i, o: w.load(nn.utils.weight_norm(nn.Linear(i, o).double()), name)
    convolution = lambda name, i, o, kernel, padding: w.load(nn.utils.weight_norm(nn.Conv1d(i, o, kernel, padding=padding).double()), name)
    half = 0.5 ** 0.5
    glu = nn.functional.glu

    words = embed(SOURCE, w, "source_embedding") + w["source_positions.weight"][: SOURCE.shape[1]]
    there = (SOURCE != 0)[..., None]
    x = line("source_in", W, first)(words)
    for l, (width, kernel) in enumerate(sizes):
        seen = convolution(f"encoder.{l}", inputs[l], 2 * width, kernel, kernel // 2)((x * there).transpose(1, 2))
        if inputs[l] != width:
            x = convolution(f"encoder_residuals.{l}", inputs[l], width, 1, 0)(x.transpose(1, 2)).transpose(1, 2)
        x = (glu(seen, 1).transpose(1, 2) + x) * half
    keys = line("source_out", last, W)(x)
    # The encoder learns at a rate that does not grow with the layers that ask it (fairseq: 1 / 2 of the number of attentions).
    keys = keys / (2 * L) + keys.detach() * (1 - 1 / (2 * L))
    values = (keys + words) * half

    words = embed(TARGET, w, "target_embedding") + w["target_positions.weight"][: TARGET.shape[1]]
    x = line("target_in", W, first)(words)
    for l, (width, kernel) in enumerate(sizes):
        before = nn.functional.pad(x, (0, 0, kernel - 1, 0)).transpose(1, 2)
        h = glu(convolution(f"decoder.{l}.convolution", inputs[l], 2 * width, kernel, 0)(before), 1).transpose(1, 2)
        asking = (line(f"decoder.{l}.query", width, W)(h) + words) * half
        scores = torch.einsum("ntd,nsd->nts", asking, keys).masked_fill((SOURCE == 0)[:, None], float("-inf"))
        context = torch.einsum("nts,nsd->ntd", scores.softmax(-1), values) * there.sum(1, keepdim=True) ** 0.5
        if inputs[l] != width:
            x = line(f"decoder_residuals.{l}", inputs[l], width)(x)
        x = ((line(f"decoder.{l}.output", W, width)(context) + h) * half + x) * half
    return w, line("output", outputs, V)(line("target_out", last, outputs)(x))


print("# Written by translators.py, which says how: PyTorch " + torch.__version__.split("+")[0])
print("network,first,middle,sum,absolute,loss,gradient")
for name, build in (("seq2seq_2x64", seq2seq), ("rnnsearch_64", rnnsearch), ("luong_2x64", luong), ("gnmt_4x64", gnmt), ("conv_s2s_2x64", conv_s2s),
                    ("conv_s2s_widening", lambda: conv_s2s(((64, 3), (96, 3), (128, 1)), 48)), ("transformer_2x64", transformer)):
    weights, logits = build()
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), WANTED.flatten(), ignore_index=0)
    loss.backward()
    gradient = sum(p.grad.square().sum() for p in weights.of.values()).sqrt()
    numbers = [logits[0, 0, 0], logits[1, 2, 7], logits.sum(), logits.abs().sum(), loss, gradient]
    print(name + "," + ",".join(f"{number.item():.12g}" for number in numbers))
