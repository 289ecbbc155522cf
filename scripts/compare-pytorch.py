"""The Python side of scripts/compare-pytorch: the same network, weights and batch in PyTorch (1.13 or later).

Standard input: one line of JSON that describes the work, the parameters in float32 and in the order of that line, the images, the labels
(int64); then one number of steps for each line. Standard output: a line of JSON that says what computes, how far its first step is from
double precision, and the first losses, then for each number of steps the seconds that they took. Parameters find their places by name, and
none may be left over. COMPARE_COMPILE=1 in the environment has the network compiled (torch.compile, PyTorch 2.0 or later).
"""
import copy
import json
import math
import os
import platform
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

CHECK_RATE = 0.001


def unit(inputs, outputs, kernel, activation, stride=1, groups=1):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([activation(inplace=True)] if activation else []))


class Residual(nn.Module):
    """Two 3x3 convolutions, or a bottleneck of three, beside a shortcut."""

    def __init__(self, inputs, width, stride, bottleneck):
        super().__init__()
        outputs = width * (4 if bottleneck else 1)
        if bottleneck:
            shapes = [(inputs, width, 1, 1), (width, width, 3, stride), (width, outputs, 1, 1)]
        else:
            shapes = [(inputs, width, 3, stride), (width, width, 3, 1)]
        for number, (before, after, kernel, step) in enumerate(shapes, 1):
            setattr(self, f"conv{number}", nn.Conv2d(before, after, kernel, step, kernel // 2, bias=False))
            setattr(self, f"bn{number}", nn.BatchNorm2d(after))
        self.relu = nn.ReLU(inplace=True)
        self.downsample = unit(inputs, outputs, 1, None, stride) if stride != 1 or inputs != outputs else None
        self.deep = bottleneck

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        if self.deep:
            y = self.bn3(self.conv3(self.relu(y)))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


class ResNet(nn.Module):
    def __init__(self, classes, blocks, bottleneck, width=64):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inputs = width
        for stage, count in enumerate(blocks):
            layer = []
            for index in range(count):
                layer.append(Residual(inputs, width << stage, 2 if stage and not index else 1, bottleneck))
                inputs = (width << stage) * (4 if bottleneck else 1)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layer))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


class LinearBottleneck(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        width = inputs * expansion
        widen = [unit(inputs, width, 1, nn.ReLU6)] if expansion != 1 else []
        narrow = [nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.conv = nn.Sequential(*widen, unit(width, width, 3, nn.ReLU6, stride, groups=width), *narrow)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.conv(x)
        if self.shortcut:
            y += x
        return y


class MobileNetV2(nn.Module):
    STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]

    def __init__(self, classes):
        super().__init__()
        layers, inputs = [unit(3, 32, 3, nn.ReLU6, 2)], 32
        for expansion, outputs, repeats, stride in self.STAGES:
            for index in range(repeats):
                layers.append(LinearBottleneck(inputs, outputs, 1 if index else stride, expansion))
                inputs = outputs
        self.features = nn.Sequential(*layers, unit(inputs, 1280, 1, nn.ReLU6))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def forward(self, x):
        return self.classifier(self.features(x).mean([2, 3]))


class AlexNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        relu, pool = lambda: nn.ReLU(inplace=True), lambda: nn.MaxPool2d(3, 2)
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), relu(), pool(), nn.Conv2d(64, 192, 5, 1, 2), relu(), pool(), nn.Conv2d(192, 384, 3, 1, 1), relu(),
            nn.Conv2d(384, 256, 3, 1, 1), relu(), nn.Conv2d(256, 256, 3, 1, 1), relu(), pool())
        self.avgpool = nn.AdaptiveAvgPool2d(6)
        self.classifier = nn.Sequential(
            nn.Dropout(0.5), nn.Linear(9216, 4096), relu(), nn.Dropout(0.5), nn.Linear(4096, 4096), relu(), nn.Linear(4096, classes))

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


class SqueezeExcitation(nn.Module):
    def __init__(self, channels, squeezed):
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)
        self.activation = nn.SiLU(inplace=True)

    def forward(self, x):
        return torch.sigmoid(self.fc2(self.activation(self.fc1(self.avgpool(x))))) * x


class DropPath(nn.Module):
    def __init__(self, probability):
        super().__init__()
        self.probability = probability

    def forward(self, x):
        if not self.training or self.probability == 0:
            return x
        kept = torch.empty([x.shape[0], 1, 1, 1], dtype=x.dtype, device=x.device).bernoulli_(1 - self.probability)
        return x * kept.div_(1 - self.probability)


class InvertedBottleneck(nn.Module):
    def __init__(self, expansion, kernel, stride, inputs, outputs, drop):
        super().__init__()
        width = inputs * expansion
        widen = [unit(inputs, width, 1, nn.SiLU)] if expansion != 1 else []
        self.block = nn.Sequential(
            *widen, unit(width, width, kernel, nn.SiLU, stride, groups=width),
            SqueezeExcitation(width, inputs // 4), unit(width, outputs, 1, None))
        self.stochastic_depth = DropPath(drop)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x):
        return self.stochastic_depth(self.block(x)) + x if self.shortcut else self.block(x)


class EfficientNetB0(nn.Module):
    STAGES = [
        (1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)]

    def __init__(self, classes):
        super().__init__()
        layers, inputs, block, blocks = [unit(3, 32, 3, nn.SiLU, 2)], 32, 0, sum(stage[-1] for stage in self.STAGES)
        for expansion, kernel, stride, outputs, repeats in self.STAGES:
            stage = []
            for index in range(repeats):
                stage.append(InvertedBottleneck(expansion, kernel, 1 if index else stride, inputs, outputs, 0.2 * block / blocks))
                inputs, block = outputs, block + 1
            layers.append(nn.Sequential(*stage))
        self.features = nn.Sequential(*layers, unit(inputs, 1280, 1, nn.SiLU))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


class SelfAttention(nn.Module):
    def __init__(self, heads, width):
        super().__init__()
        self.heads = heads
        self.in_proj = nn.Linear(width, 3 * width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.in_proj(x).view(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        if hasattr(F, "scaled_dot_product_attention"):
            y = F.scaled_dot_product_attention(q, k, v)
        else:
            y = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(width // self.heads), -1) @ v
        return self.out_proj(y.transpose(1, 2).reshape(batch, tokens, width))


class TransformerLayer(nn.Module):
    def __init__(self, heads, width, hidden):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, eps=1e-6)
        self.self_attention = SelfAttention(heads, width)
        self.ln_2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Identity(), nn.Linear(hidden, width))

    def forward(self, x):
        x = x + self.self_attention(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Encoder(nn.Module):
    def __init__(self, tokens, layers, heads, width, hidden):
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, tokens, width))
        self.layers = nn.Sequential()
        for index in range(layers):
            self.layers.add_module(f"encoder_layer_{index}", TransformerLayer(heads, width, hidden))
        self.ln = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x):
        return self.ln(self.layers(x + self.pos_embedding))


class VisionTransformerB16(nn.Module):
    def __init__(self, classes, side):
        super().__init__()
        self.conv_proj = nn.Conv2d(3, 768, 16, 16)
        self.class_token = nn.Parameter(torch.empty(1, 1, 768))
        self.encoder = Encoder((side // 16) ** 2 + 1, 12, 12, 768, 3072)
        self.heads = nn.Sequential()
        self.heads.add_module("head", nn.Linear(768, classes))

    def forward(self, x):
        x = self.conv_proj(x).flatten(2).transpose(1, 2)
        return self.heads(self.encoder(torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], 1))[:, 0])


NETWORKS = {
    "resnet18": lambda work: ResNet(work["classes"], [2, 2, 2, 2], False, work["width"] or 64),
    "resnet50": lambda work: ResNet(work["classes"], [3, 4, 6, 3], True),
    "mobilenet_v2": lambda work: MobileNetV2(work["classes"]),
    "alexnet": lambda work: AlexNet(work["classes"]),
    "efficientnet_b0": lambda work: EfficientNetB0(work["classes"]),
    "vit_b_16": lambda work: VisionTransformerB16(work["classes"], work["imageSize"]),
}


def read(shape, kind=torch.float32):
    count = math.prod(shape)
    data = sys.stdin.buffer.read(count * (8 if kind == torch.int64 else 4))
    return torch.frombuffer(bytearray(data), dtype=kind, count=count).reshape(shape)


def load(network, described):
    parameters = dict(network.named_parameters())
    if set(parameters) != {entry["name"] for entry in described}:
        sys.exit(f"not the same parameters: {sorted(set(parameters) ^ {entry['name'] for entry in described})}")
    with torch.no_grad():
        for entry in described:
            if list(parameters[entry["name"]].shape) != entry["shape"]:
                sys.exit(f"{entry['name']}: {list(parameters[entry['name']].shape)} here, {entry['shape']} there")
            parameters[entry["name"]].copy_(read(entry["shape"]))


def sgd(parameters, device):
    """The fastest form that this version has: fused, else over lists on a GPU."""
    for form in [{"fused": True}] + ([{"foreach": True}] if device.type == "cuda" else []) + [{}]:
        try:
            return torch.optim.SGD(parameters, CHECK_RATE, momentum=0.9, weight_decay=1e-4, **form), next(iter(form), "plain")
        except (TypeError, RuntimeError):
            continue


def libraries():
    """Which libraries for BLAS, OpenMP and memory are loaded, where the system tells."""
    try:
        with open("/proc/self/maps") as maps:
            names = {line.rstrip().rsplit("/", 1)[-1] for line in maps if "/" in line}
    except OSError:
        return []
    words = ("blas", "mkl_", "blis", "gomp", "iomp", "libomp", "malloc")
    return sorted(name for name in names if any(word in name.lower() for word in words))


def first_step_errors(compute, network, twin, images, labels, mixed):
    """Loss and gradients before any update, beside those of a twin in double precision, which no kernel of oneDNN has."""
    for module in twin.modules():
        if isinstance(module, (nn.Dropout, DropPath)):
            module.eval()
    exact = F.cross_entropy(twin(images.double()), labels)
    exact.backward()
    with torch.autocast(images.device.type, torch.bfloat16, enabled=mixed):
        loss = F.cross_entropy(compute(images).float(), labels)
    loss.backward()
    difference = length = largest = 0.0
    for parameter, reference in zip(network.parameters(), twin.parameters()):
        if parameter.grad is None or reference.grad is None:
            continue
        apart = parameter.grad.double() - reference.grad
        difference += apart.square().sum().item()
        length += reference.grad.square().sum().item()
        # A gradient of nothing but rounding, such as of a bias before a normalisation, has no size to be compared with.
        if reference.grad.norm().item() > 1e-10:
            largest = max(largest, (apart.abs().max() / reference.grad.abs().max()).item())
        parameter.grad = None
    error = abs(loss.item() - exact.item()) / abs(exact.item())
    return {"loss": error, "gradients": math.sqrt(difference / length), "largestGradient": largest}


def main():
    work = json.loads(sys.stdin.buffer.readline())
    torch.set_num_threads(work["threads"])
    device = torch.device(work["device"])
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = work["precision"] == "tf32"
    torch.backends.cudnn.benchmark = True
    network = NETWORKS[work["architecture"]](work)
    load(network, work["parameters"])
    images = read([work["batch"], 3, work["imageSize"], work["imageSize"]]).to(device)
    labels = read([work["batch"]], torch.int64).to(device)
    network.to(device).train()
    if work["memoryFormat"] == "channelsLast":
        network.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    optimizer, form = sgd(network.parameters(), device)
    twin = copy.deepcopy(network).double()
    compute = torch.compile(network) if os.environ.get("COMPARE_COMPILE") == "1" else network
    mixed = work["precision"] == "bf16"

    def step():
        with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
            loss = F.cross_entropy(compute(images).float(), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.detach()

    def wait():
        if device.type == "cuda":
            torch.cuda.synchronize()

    # Dropout draws differently in every program: it is off while losses are compared, and on while steps are timed.
    dropouts = [module for module in network.modules() if isinstance(module, (nn.Dropout, DropPath))]
    for module in dropouts:
        module.eval()
    errors = first_step_errors(compute, network, twin, images, labels, mixed)
    del twin
    losses = [step().item() for _ in range(work["checkedSteps"])]
    for module in dropouts:
        module.train()
    # Steps that are timed do not move the weights, or the same batch for ever would drive them to where arithmetic is slow.
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    for _ in range(2):
        step()
    wait()
    print(json.dumps({
        "runtime": f"Python {platform.python_version()}",
        "libtorch": torch.__version__,
        "configuration": torch.__config__.show(),
        "libraries": libraries(),
        "threads": torch.get_num_threads(),
        "optimizer": form,
        "deviceName": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "losses": losses,
        "errors": errors,
    }), flush=True)
    for line in sys.stdin.buffer:
        start = time.perf_counter()
        for _ in range(int(line)):
            step()
        wait()
        print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)


main()
