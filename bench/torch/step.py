"""PyTorch as a peer of the benchmark, by the protocol in bench/protocol.ts. See bench/README.md."""

import importlib.util
import json
import math
import sys
import time

for package in ("torch", "numpy"):
    if importlib.util.find_spec(package) is None:
        print(json.dumps({"error": f"{sys.executable} has no {package}"}), flush=True)
        sys.exit(0)

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

VARIANT = sys.argv[1] if len(sys.argv) > 1 else "eager"


# Workload: the same numbers as in bench/workload.ts.


def mix(values):
    x = values.astype(np.uint32)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def hashed(name, count):
    """`count` numbers in [0, 1) that depend only on the name and the index."""
    start = 0x811C9DC5
    for code in name.encode("ascii"):
        start = ((start ^ code) * 0x01000193) & 0xFFFFFFFF
    seed = int(mix(np.array([start]))[0])
    index = (np.arange(count, dtype=np.uint64) + seed) & 0xFFFFFFFF
    return mix(index).astype(np.float64) / 2**32


def uniform(name, shape, deviation):
    values = (hashed(name, math.prod(shape)) - 0.5) * (math.sqrt(12) * deviation)
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def initial_value(name, shape):
    if len(shape) == 1:
        return torch.zeros(shape) if name.endswith("bias") else torch.ones(shape)
    if name in ("cls_token", "pos_embed"):
        return uniform(name, shape, 0.02)
    return uniform(name, shape, 1 / math.sqrt(math.prod(shape[1:])))


# Networks, with torchvision's (ResNet) and timm's (ViT) names of parameters.


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return F.relu(self.bn2(self.conv2(y)) + shortcut, inplace=True)


class ResNet18(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        inputs = 64
        for stage, outputs in enumerate((64, 128, 256, 512), start=1):
            stride = 1 if stage == 1 else 2
            blocks = BasicBlock(inputs, outputs, stride), BasicBlock(outputs, outputs, 1)
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
            inputs = outputs
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean(dim=(2, 3)))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        qkv = self.qkv(x).reshape(batch, tokens, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        y = F.scaled_dot_product_attention(query, key, value)
        return self.proj(y.transpose(1, 2).reshape(batch, tokens, width))


class Mlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class TransformerBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = Mlp(width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    def __init__(self, patch, width, depth, heads, image_size, classes):
        super().__init__()
        self.patch_embed = nn.Module()
        self.patch_embed.proj = nn.Conv2d(3, width, patch, patch)
        self.cls_token = nn.Parameter(torch.empty(1, 1, width))
        self.pos_embed = nn.Parameter(torch.empty(1, (image_size // patch) ** 2 + 1, width))
        self.blocks = nn.Sequential(*(TransformerBlock(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        tokens = self.patch_embed.proj(x).flatten(2).transpose(1, 2)
        tokens = torch.cat((self.cls_token.expand(len(x), -1, -1), tokens), dim=1) + self.pos_embed
        return self.head(self.norm(self.blocks(tokens))[:, 0])


def network(spec):
    shape = spec["network"]
    if shape["kind"] == "resnet18-cifar":
        return ResNet18(spec["classes"])
    size = (shape[key] for key in ("patch", "width", "depth", "heads"))
    return Vit(*size, spec["imageSize"], spec["classes"])


# Steps.


class Training:
    def __init__(self, spec):
        if VARIANT == "channels-last" and spec["network"]["kind"] == "vit":
            raise ValueError("no convolutions but the patches: the same as torch")
        model = network(spec)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.copy_(initial_value(name, tuple(parameter.shape)))
        self.parameters = sum(parameter.numel() for parameter in model.parameters())
        batch, size = spec["batch"], spec["imageSize"]
        self.pictures = uniform("pictures", (batch, 3, size, size), 1)
        self.labels = torch.from_numpy((hashed("labels", batch) * spec["classes"]).astype(np.int64))
        if VARIANT == "channels-last":
            model = model.to(memory_format=torch.channels_last)
            self.pictures = self.pictures.to(memory_format=torch.channels_last)
        self.model = torch.compile(model) if VARIANT == "compile" else model
        self.optimizer = torch.optim.SGD(model.parameters(), spec["learningRate"], spec["momentum"])

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.model(self.pictures), self.labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()


def timed_steps(training, count):
    times, losses = [], []
    for _ in range(count):
        start = time.perf_counter()
        losses.append(training.step())
        times.append((time.perf_counter() - start) * 1000)
    return {"ms": times, "loss": losses}


def peak_bytes():
    try:
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def description():
    wanted = ("Kernel Library", "MKL-DNN", "OneDNN", "LAPACK", "BLAS", "CPU capability")
    lines = (line.strip(" -") for line in torch.__config__.show().splitlines())
    build = [line for line in lines if any(word in line for word in wanted) and "Build settings" not in line]
    return {"ready": True, "engine": f"PyTorch {torch.__version__} {VARIANT}", "build": build}


def serve():
    torch.set_flush_denormal(True)
    print(json.dumps(description()), flush=True)
    training = None
    for line in sys.stdin:
        request = json.loads(line)
        command = request["cmd"]
        try:
            if command == "quit":
                return
            if command == "prepare":
                torch.set_num_threads(request["threads"])
                training = Training(request["case"])
                reply = {"parameters": training.parameters, "threads": torch.get_num_threads()}
            elif command == "step":
                reply = timed_steps(training, request["count"])
            elif command == "memory":
                reply = {"peakBytes": peak_bytes()}
            else:
                reply = {"error": f"unknown command {command}"}
        except Exception as error:  # a failed peer is a row in the table, not the end of the run
            reply = {"error": str(error) or type(error).__name__}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    serve()
