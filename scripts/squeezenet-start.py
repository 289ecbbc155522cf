#!/usr/bin/env python3
"""Whether SqueezeNet 1.1 learns from torchvision's own start, in Python's PyTorch and without this program.

squeezenet-start.py ARCHIVE [--rates 0.003 0.01] [--seeds 1 2 3] [--epochs 1]

ARCHIVE is a tar with train/CLASS/* and val/CLASS/*, of images whose shorter side is 96 pixels or more. Each trial trains at 96 px as the
recipe sgd-smooth10 does in its first epoch: batches of 32, momentum 0.9, weight decay 1e-4, a rate that rises through the epoch, random
crops and flips. It prints the mean training loss of every 50 steps, top-1 on 1,000 validation images, and how many of the classes still
have an output above 0 for any of these images: the network ends in a ReLU, and a class without one has no gradient and never comes back.

Starts: torchvision (torchvision/models/squeezenet.py: He's uniform start, the last layer from N(0, 0.01), biases of 0) and he (He's
normal start for every layer, biases of the last one 1: this program's "initialisation: he"). Needs torch, numpy and Pillow.
"""
import argparse
import io
import math
import tarfile

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

SIZE, BATCH = 96, 32
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


class Fire(nn.Module):
    def __init__(self, inputs, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeeze, 1)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.expand1x1(x)), F.relu(self.expand3x3(x))], 1)


def squeezenet(classes, start):
    def pool():
        return nn.MaxPool2d(3, 2, ceil_mode=True)

    last = nn.Conv2d(512, classes, 1)
    network = nn.Sequential(
        nn.Conv2d(3, 64, 3, 2), nn.ReLU(), pool(),
        Fire(64, 16, 64), Fire(128, 16, 64), pool(),
        Fire(128, 32, 128), Fire(256, 32, 128), pool(),
        Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256),
        nn.Dropout(0.5), last, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.zeros_(layer.bias)
            if start == "he":
                nn.init.kaiming_normal_(layer.weight)
            elif layer is last:
                nn.init.normal_(layer.weight, 0, 0.01)
            else:
                nn.init.kaiming_uniform_(layer.weight)
    if start == "he":
        nn.init.ones_(last.bias)
    return network


def read(archive):
    """Images as uint8 (N, 96, 96, 3) and their classes, of train and of val."""
    images, labels, classes = {"train": [], "val": []}, {"train": [], "val": []}, {}
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = member.name.split("/")
            if not member.isfile() or len(parts) < 3 or parts[-3] not in images:
                continue
            image = Image.open(io.BytesIO(tar.extractfile(member).read())).convert("RGB")
            scale = SIZE / min(image.size)
            width, height = (max(SIZE, round(side * scale)) for side in image.size)
            left, upper = (width - SIZE) // 2, (height - SIZE) // 2
            image = image.resize((width, height), Image.BILINEAR).crop((left, upper, left + SIZE, upper + SIZE))
            images[parts[-3]].append(np.asarray(image))
            labels[parts[-3]].append(classes.setdefault(parts[-2], len(classes)))
    return {split: (np.stack(images[split]), np.array(labels[split])) for split in images}, len(classes)


def augmented(images, random):
    """Random resized crops (a quarter of the area and more, ratios 3/4 to 4/3) and flips: (N, 3, 96, 96)."""
    batch = torch.empty(len(images), 3, SIZE, SIZE)
    for index, image in enumerate(images):
        area = random.uniform(0.25, 1) * SIZE * SIZE
        ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        width, height = min(SIZE, round(math.sqrt(area * ratio))), min(SIZE, round(math.sqrt(area / ratio)))
        left, upper = random.integers(0, SIZE + 1 - width), random.integers(0, SIZE + 1 - height)
        crop = torch.from_numpy(np.ascontiguousarray(image[upper:upper + height, left:left + width]))
        crop = crop.permute(2, 0, 1)[None].float() / 255
        crop = F.interpolate(crop, (SIZE, SIZE), mode="bilinear", align_corners=False, antialias=True)[0]
        batch[index] = crop.flip(2) if random.random() < 0.5 else crop
    return ((batch - MEAN) / STD).contiguous(memory_format=torch.channels_last)


def train(data, classes, start, rate, seed, epochs):
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    network = squeezenet(classes, start).to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9, weight_decay=1e-4)
    images, labels = data["train"]
    order, in_epoch, losses = random.permutation(len(images)), len(images) // BATCH, []
    for step in range(int(in_epoch * epochs)):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / in_epoch)
        chosen = order[step % in_epoch * BATCH:][:BATCH]
        loss = F.cross_entropy(network(augmented(images[chosen], random)), torch.from_numpy(labels[chosen]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if not math.isfinite(losses[-1]):
            break
    network.eval()
    images, labels = data["val"]
    chosen = np.random.default_rng(0).permutation(len(images))[:1000]
    with torch.no_grad():
        batches = [torch.from_numpy(images[part]).permute(0, 3, 1, 2).float() / 255 for part in np.array_split(chosen, 10)]
        outputs = torch.cat([network((batch - MEAN) / STD) for batch in batches])
    alive = int((outputs.amax(0) > 0).sum())
    top1 = (outputs.argmax(1).numpy() == labels[chosen]).mean()
    means = " ".join(f"{np.mean(losses[first:first + 50]):.3f}" for first in range(0, len(losses), 50))
    print(f"{start} rate {rate} seed {seed}: loss {means}; top-1 {top1:.1%}; {alive} of {classes} classes alive", flush=True)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("archive")
parser.add_argument("--starts", nargs="+", choices=["torchvision", "he"], default=["torchvision", "he"])
parser.add_argument("--rates", nargs="+", type=float, default=[0.003, 0.01, 0.03, 0.1, 0.3])
parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
parser.add_argument("--epochs", type=float, default=1)
given = parser.parse_args()
examples, count = read(given.archive)
print(f"PyTorch {torch.__version__}; {len(examples['train'][0])} training images of {count} classes", flush=True)
for start_name in given.starts:
    for learning_rate in given.rates:
        for run in given.seeds:
            train(examples, count, start_name, learning_rate, run, given.epochs)
