"""lightly on PyTorch as a peer of `npm run quality`: reads a job from a folder, writes features.

    python quality_peer.py <folder> pace     the time of a step: answer.json
    python quality_peer.py <folder> train    all steps of the job: answer.json, and <part>-features.npy

The folder contains `job.json` and uint8 pictures [N, 3, S, S] in `train.npy`, `test.npy` and `copies.npy`.
The job has the views, the settings, the optimiser and every number that changes from step to step. So the
recipe and the schedules are those of Afterimage, and are written in one place. Views are torchvision's, one
picture at a time, in one worker process of a DataLoader for each thread. A method is a class of a few lines
below.
"""

import copy
import json
import platform
import sys
import time

import lightly
import numpy as np
import timm
import torch
import torchvision
from lightly import loss as losses
from lightly.models import utils
from lightly.models.modules import heads
from lightly.models.modules.masked_vision_transformer_decoder_timm import MaskedVisionTransformerDecoderTIMM
from lightly.models.modules.masked_vision_transformer_timm import MaskedVisionTransformerTIMM
from lightly.models.modules.memory_bank import MemoryBankModule
from lightly.utils.lars import LARS
from timm.models.vision_transformer import VisionTransformer
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision.models.resnet import BasicBlock, ResNet
from torchvision.transforms import v2

WARM_UP, TIMED = 6, 20
PARTS = ("train", "test", "copies")


# Pictures and views.


def transform_of(spec):
    """One of Afterimage's view specifications as torchvision's transforms, from uint8 [3, S, S]."""
    crop = spec["crop"]
    steps = [
        v2.RandomResizedCrop(
            spec["size"],
            scale=crop["scale"],
            ratio=crop["ratio"],
            interpolation=v2.InterpolationMode(crop["interpolation"]),
            antialias=True,
        ),
        v2.RandomHorizontalFlip(spec["flip"]),
        v2.ToDtype(torch.float32, scale=True),
    ]
    if (jitter := spec["jitter"]) is not None:
        parts = [jitter[name] for name in ("brightness", "contrast", "saturation", "hue")]
        steps.append(v2.RandomApply([v2.ColorJitter(*parts)], jitter["probability"]))
    if spec["greyscale"] > 0:
        steps.append(v2.RandomGrayscale(spec["greyscale"]))
    if (blur := spec["blur"]) is not None:
        steps.append(v2.RandomApply([v2.GaussianBlur(blur["kernel"], tuple(blur["sigma"]))], blur["probability"]))
    if (solarize := spec["solarize"]) is not None:
        steps.append(v2.RandomSolarize(solarize["threshold"], solarize["probability"]))
    if (normalize := spec["normalize"]) is not None:
        steps.append(v2.Normalize(normalize["mean"], normalize["std"]))
    return v2.Compose(steps)


class Views(Dataset):
    """All views of a picture, group after group."""

    def __init__(self, pictures, groups):
        self.pictures = torch.from_numpy(pictures)
        self.transforms = [transform_of(spec) for group in groups for spec in group["views"]]

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, index):
        return [transform(self.pictures[index]) for transform in self.transforms]


# Backbones.


class NarrowResNet(ResNet):
    """ResNet-18 with the CIFAR stem and `width` channels in the first stage.

    With `zero_init` each block starts as its shortcut.
    """

    def __init__(self, width, zero_init):
        super().__init__(BasicBlock, [2, 2, 2, 2])
        self.inplanes = width
        self.conv1 = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool = self.fc = nn.Identity()
        for stage, stride in enumerate((1, 2, 2, 2)):
            setattr(self, f"layer{stage + 1}", self._make_layer(BasicBlock, width * 2**stage, 2, stride))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, BasicBlock) and zero_init:
                nn.init.zeros_(module.bn2.weight)
        self.features = 8 * width


def backbone_of(job):
    settings = job["backbone"]
    if job["family"] == "resnet":
        return NarrowResNet(settings["width"], settings.get("zeroInit", False))
    model = VisionTransformer(
        img_size=settings["imageSize"],
        patch_size=settings["patch"],
        embed_dim=settings["width"],
        depth=settings["depth"],
        num_heads=settings["heads"],
        drop_path_rate=settings["dropPath"],
        num_classes=0,
        global_pool="token",
        dynamic_img_size=True,
    )
    model.features = settings["width"]
    return model


# Methods: `loss` gets the views in order and the step's numbers; `encoder` is the network to evaluate.


class Method(nn.Module):
    #: Parameters with a constant learning rate, without warm-up and decay.
    at_peak = ()

    def __init__(self, job, settings):
        super().__init__()
        self.job, self.settings = job, settings
        self.backbone = backbone_of(job)
        self.build(settings, self.backbone.features)

    @property
    def encoder(self):
        return self.backbone

    def follow(self, pairs, numbers):
        """Moves teachers towards the networks they average. Their parameters get no gradient."""
        for learner, teacher in pairs:
            utils.update_momentum(learner, teacher, numbers["teacher_momentum"])

    def before_update(self, numbers):
        """Changes gradients before the update."""


def teacher_of(module):
    copied = copy.deepcopy(module)
    utils.deactivate_requires_grad(copied)
    return copied


def linear_or(layers, linear, head):
    """A linear layer for one layer, because lightly's heads have at least two."""
    return linear() if layers == 1 else head(layers)


class Decoupled(nn.Module):
    """Equation 6 of arXiv 2110.06848.

    lightly's DCLLoss adds two logarithms, one for each view's negatives, in place of one.
    """

    def __init__(self, temperature):
        super().__init__()
        self.temperature = temperature

    def forward(self, first, second):
        rows = F.normalize(torch.cat([first, second]), dim=1)  # [2B, D]
        similarities = rows @ rows.T / self.temperature
        same_picture = torch.eye(len(first), dtype=torch.bool).repeat(2, 2)  # itself, and its other view
        negatives = similarities.masked_fill(same_picture, -torch.inf)
        positives = similarities.roll(len(first), dims=1).diagonal()
        return (negatives.logsumexp(dim=1) - positives).mean()


class SimCLR(Method):
    def build(self, s, width):
        hidden = s["projectionWidth"] or width
        self.head = linear_or(
            s["projectionLayers"],
            lambda: nn.Sequential(
                nn.Linear(width, s["projectionOut"], bias=not s["projectionNorm"]),
                nn.BatchNorm1d(s["projectionOut"]) if s["projectionNorm"] else nn.Identity(),
            ),
            lambda layers: heads.SimCLRProjectionHead(
                width, hidden, s["projectionOut"], layers, batch_norm=s["projectionNorm"]
            ),
        )
        self.criterion = (Decoupled if s["decoupled"] else losses.NTXentLoss)(s["temperature"])

    def loss(self, views, numbers):
        first, second = self.head(self.backbone(torch.cat(views))).chunk(2)
        return self.criterion(first, second)


class MoCoV2(Method):
    def build(self, s, width):
        self.head = linear_or(
            s["projectionLayers"],
            lambda: nn.Linear(width, s["projectionOut"]),
            lambda layers: heads.MoCoProjectionHead(width, width, s["projectionOut"], layers),
        )
        self.teachers = nn.ModuleList([teacher_of(self.backbone), teacher_of(self.head)])
        self.criterion = losses.NTXentLoss(s["temperature"], memory_bank_size=(s["queue"], s["projectionOut"]))

    def loss(self, views, numbers):
        # lightly's order: the teacher moves before it computes keys.
        self.follow([(self.backbone, self.teachers[0]), (self.head, self.teachers[1])], numbers)
        with torch.no_grad():
            shuffled, order = utils.batch_shuffle(views[1])
            keys = utils.batch_unshuffle(self.teachers[1](self.teachers[0](shuffled)), order)
        return self.criterion(self.head(self.backbone(views[0])), keys)


class BYOL(Method):
    def build(self, s, width):
        out = s["projectionOut"]
        self.head = heads.BYOLProjectionHead(width, s["headWidth"], out)
        self.predictor = heads.BYOLPredictionHead(out, s["headWidth"], out)
        self.teachers = nn.ModuleList([teacher_of(self.backbone), teacher_of(self.head)])
        self.criterion = losses.NegativeCosineSimilarity()

    def loss(self, views, numbers):
        self.follow([(self.backbone, self.teachers[0]), (self.head, self.teachers[1])], numbers)
        predicted = [self.predictor(self.head(self.backbone(view))) for view in views]
        with torch.no_grad():
            targets = [self.teachers[1](self.teachers[0](view)) for view in views]
        return self.criterion(predicted[0], targets[1]) + self.criterion(predicted[1], targets[0])


class SimSiam(Method):
    at_peak = ("predictor.",)

    def build(self, s, width):
        out = s["projectionOut"]
        self.head = heads.SimSiamProjectionHead(width, out, out)
        self.predictor = heads.SimSiamPredictionHead(out, s["bottleneck"], out)
        self.criterion = losses.NegativeCosineSimilarity()

    def loss(self, views, numbers):
        first, second = (self.head(self.backbone(view)) for view in views)
        forth = self.criterion(self.predictor(first), second.detach())
        return (forth + self.criterion(self.predictor(second), first.detach())) / 2


class SwAV(Method):
    def build(self, s, width):
        self.head = heads.SwaVProjectionHead(width, s["headWidth"], s["projectionOut"])
        self.prototypes = heads.SwaVPrototypes(s["projectionOut"], s["prototypes"])
        queues = 2 if s["queue"] > 0 else 0
        self.queues = nn.ModuleList([MemoryBankModule((s["queue"], s["projectionOut"])) for _ in range(queues)])
        self.criterion = losses.SwaVLoss(s["temperature"], s["sinkhornIterations"], s["epsilon"])

    def loss(self, views, numbers):
        self.prototypes.normalize()
        projected = [F.normalize(self.head(self.backbone(view)), dim=1) for view in views]
        scores = [self.prototypes(each) for each in projected]
        return self.criterion(scores[:2], scores[2:], self.queued(projected[:2], numbers))

    @torch.no_grad()
    def queued(self, projected, numbers):
        """Scores of earlier embeddings, once there are enough of them."""
        if "queue_counts" not in numbers:
            return None
        rows = [queue(each.detach(), update=True)[1] for queue, each in zip(self.queues, projected)]
        return [self.prototypes(each.T) for each in rows] if numbers["queue_counts"] else None

    def before_update(self, numbers):
        if not numbers["prototype_gate"]:
            self.prototypes.zero_grad(set_to_none=True)


def dino_head(s, width):
    """DINO's head with `headLayers` layers before the last one; lightly's always has three."""
    sizes = width, s["headWidth"], s["bottleneck"], s["outputs"]
    head = heads.DINOProjectionHead(*sizes, s["headBatchNorm"], 1, s["normLastLayer"])
    widths = [width] + [s["headWidth"]] * (s["headLayers"] - 1)
    norm = nn.BatchNorm1d if s["headBatchNorm"] else lambda _: None
    inner = [(a, b, norm(b), nn.GELU()) for a, b in zip(widths, widths[1:])]
    head.layers = heads.ProjectionHead([*inner, (widths[-1], s["bottleneck"], None, None)]).layers
    head.layers.apply(head._init_weights)
    return head


class DINO(Method):
    def build(self, s, width):
        self.head, taught = (dino_head(s, width) for _ in range(2))
        taught.load_state_dict(self.head.state_dict())  # a deep copy fails with weight norm
        utils.deactivate_requires_grad(taught)
        self.teachers = nn.ModuleList([teacher_of(self.backbone), taught])
        self.criterion = losses.DINOLoss(
            s["outputs"], student_temp=s["studentTemperature"], center_momentum=s["centreMomentum"]
        )

    @property
    def encoder(self):
        return self.teachers[0]

    def loss(self, views, numbers):
        self.follow([(self.backbone, self.teachers[0]), (self.head, self.teachers[1])], numbers)
        with torch.no_grad():
            taught = [self.teachers[1](self.teachers[0](view)) for view in views[:2]]
        learned = [self.head(self.backbone(view)) for view in views]
        return self.criterion(taught, learned, teacher_temp=numbers["teacher_temperature"])

    def before_update(self, numbers):
        self.head.cancel_last_layer_gradients(1 if numbers["last_layer_gate"] else 0)


class BarlowTwins(Method):
    def build(self, s, width):
        hidden, out = s["projectionWidth"], s["projectionOut"]
        # BarlowTwinsProjectionHead always has two hidden layers.
        widths = [width] + [hidden] * (s["projectionLayers"] - 1)
        inner = [(a, b, nn.BatchNorm1d(b), nn.ReLU()) for a, b in zip(widths, widths[1:])]
        self.head = heads.ProjectionHead([*inner, (widths[-1], out, None, None, False)])
        self.criterion = losses.BarlowTwinsLoss(s["redundancyWeight"])

    def loss(self, views, numbers):
        first, second = (self.head(self.backbone(view)) for view in views)
        return self.criterion(first, second)


class VICReg(Method):
    def build(self, s, width):
        self.head = heads.VICRegProjectionHead(width, s["projectionWidth"], s["projectionOut"], s["projectionLayers"])
        self.criterion = losses.VICRegLoss(s["invarianceWeight"], s["varianceWeight"], s["covarianceWeight"])

    def loss(self, views, numbers):
        first, second = (self.head(self.backbone(view)) for view in views)
        return self.criterion(first, second)


class MAE(Method):
    def build(self, s, width):
        self.masked = MaskedVisionTransformerTIMM(self.backbone)
        self.patch = self.job["backbone"]["patch"]
        patches = self.masked.sequence_length - 1
        narrow = s["decoderWidth"] or width * 2 // 3
        self.into = nn.Linear(width, narrow)
        self.decoder = MaskedVisionTransformerDecoderTIMM(
            patches, narrow, s["decoderDepth"], s["decoderHeads"] or max(1, narrow // 32)
        )
        self.pixels = nn.Linear(narrow, 3 * self.patch**2)

    @property
    def encoder(self):
        return MeanOfPatches(self.backbone) if self.settings["feature"] == "mean" else self.backbone

    def loss(self, views, numbers):
        pictures, length = views[0], self.masked.sequence_length
        keep, hidden = utils.random_token_mask((len(pictures), length), self.settings["maskRatio"])
        seen = self.into(self.masked.encode(pictures, idx_keep=keep))
        tokens = utils.repeat_token(self.decoder.mask_token, (len(pictures), length))
        decoded = self.decoder(utils.set_at_index(tokens, keep, seen))
        predicted = self.pixels(utils.get_at_index(decoded, hidden))
        target = utils.get_at_index(utils.patchify(pictures, self.patch), hidden - 1)  # the class token has no pixels
        return F.mse_loss(predicted, utils.normalize_mean_var(target))


class MeanOfPatches(nn.Module):
    def __init__(self, vit):
        super().__init__()
        self.vit = vit

    def forward(self, pictures):
        return self.vit.forward_features(pictures)[:, 1:].mean(1)


METHODS = {
    "simclr": SimCLR,
    "moco-v2": MoCoV2,
    "byol": BYOL,
    "simsiam": SimSiam,
    "swav": SwAV,
    "dino": DINO,
    "barlow-twins": BarlowTwins,
    "vicreg": VICReg,
    "mae": MAE,
}


class Settings(dict):
    """Settings of a job. A missing one is an error with its name, because a default would change the recipe."""

    def __missing__(self, name):
        raise KeyError(f"the job has no setting {name}; it has {', '.join(sorted(self))}")


# Training.


class Muon(torch.optim.Optimizer):
    """torch.optim.Muon with adjust_lr_fn="match_rms_adamw", also for filters, as matrices [out, in·k·k]."""

    def __init__(self, groups):
        super().__init__(groups, {"lr": 0.0, "weight_decay": 0.01})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                mean.lerp_(p.grad, 0.05)
                ahead = p.grad.lerp(mean, 0.95).flatten(1)
                p.mul_(1 - group["lr"] * group["weight_decay"])
                size = 0.2 * max(ahead.shape) ** 0.5
                p.sub_(self.orthogonal(ahead).view_as(p), alpha=group["lr"] * size)

    @staticmethod
    def orthogonal(matrix):
        x = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
        x = x / x.norm().clamp(min=1e-7)
        for _ in range(5):
            gram = x @ x.T
            x = 3.4445 * x + (-4.775 * gram + 2.0315 * gram @ gram) @ x
        return x if matrix.shape[0] <= matrix.shape[1] else x.T


class Both:
    """Muon for weights of linear layers and for filters, AdamW for everything else."""

    def __init__(self, groups, beta2):
        def of(is_matrix):
            chosen = [g | {"params": [p for p in g["params"] if (p.ndim in (2, 4)) == is_matrix]} for g in groups]
            return [group for group in chosen if group["params"]]

        self.parts = [Muon(of(True)), torch.optim.AdamW(of(False), lr=0.0, betas=(0.9, beta2))]
        self.param_groups = [group for part in self.parts for group in part.param_groups]

    def zero_grad(self, set_to_none=True):
        for part in self.parts:
            part.zero_grad(set_to_none=set_to_none)

    def step(self):
        for part in self.parts:
            part.step()


def optimizer_of(model, training):
    learned = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    free = [p for name, p in learned if not (training["decayAll"] or decays(name, p))]
    held = [p for name, p in learned if training["decayAll"] or decays(name, p)]
    groups = [{"params": held, "decays": True}, {"params": free, "decays": False, "weight_decay": 0.0}]
    peak = [p for name, p in learned if name.startswith(model.at_peak)] if model.at_peak else []
    if peak:
        for group in groups:
            group["params"] = [p for p in group["params"] if not any(p is other for other in peak)]
        groups.append({"params": peak, "decays": True, "peak": True})
    kinds = {
        "sgd": lambda: torch.optim.SGD(groups, lr=0.0, momentum=0.9),
        "lars": lambda: LARS(groups, lr=0.0, momentum=0.9),
        "larc": lambda: LARS(groups, lr=0.0, momentum=0.9),
        "adamw": lambda: torch.optim.AdamW(groups, lr=0.0, betas=(0.9, training["beta2"])),
        "muon": lambda: Both(groups, training["beta2"]),
    }
    return kinds[training["optimizer"]]()


def decays(name, parameter):
    """Whether weight decay applies: not to biases, norms and tokens."""
    return parameter.ndim > 1 and not name.endswith(("cls_token", "pos_embed", "mask_token"))


class Run:
    def __init__(self, folder):
        with open(f"{folder}/job.json") as file:
            self.job = job = json.load(file)
        torch.manual_seed(job["seed"])
        torch.set_num_threads(job["threads"])
        torch.set_flush_denormal(True)
        self.model = METHODS[job["method"]](job, Settings(job["settings"])).train()
        self.optimizer = optimizer_of(self.model, job["training"])
        self.pictures = {part: np.load(f"{folder}/{part}.npy") for part in PARTS}
        self.loader = DataLoader(
            Views(self.pictures["train"], job["views"]),
            batch_size=job["batchSize"],
            shuffle=True,
            drop_last=True,
            num_workers=job["threads"],
            persistent_workers=True,
        )

    def numbers(self, index):
        """The scheduled numbers of a step, or of the last step if it is beyond their end."""
        schedules = self.job["schedules"]
        return {name: values[min(index, len(values) - 1)] for name, values in schedules.items()} | {"index": index}

    def step(self, views, index):
        numbers = self.numbers(index)
        for group in self.optimizer.param_groups:
            group["lr"] = numbers["peak_learning_rate" if group.get("peak") else "learning_rate"]
            if not group["decays"]:
                group["lr"] *= numbers.get("bias_rate", 1)
            if group["decays"]:
                group["weight_decay"] = numbers["weight_decay"]
        loss = self.model.loss(views, numbers)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if (limit := self.job["training"]["clip"]) is not None:
            for parameter in self.model.parameters():
                if parameter.grad is not None:
                    nn.utils.clip_grad_norm_([parameter], limit)
        self.model.before_update(numbers)
        self.optimizer.step()
        return loss.item()

    def pace(self):
        """Seconds of a step, with the wait for its views, after the views that workers prepared in advance
        are used up.
        """
        index, start = 0, 0.0
        while True:
            for views in self.loader:
                if index == WARM_UP:
                    start = time.perf_counter()
                if index == WARM_UP + TIMED:
                    return {"secondsPerStep": (time.perf_counter() - start) / TIMED}
                self.step(views, index)
                index += 1

    def train(self):
        """One step for each learning rate. The last epoch may be incomplete."""
        start, index, means = time.perf_counter(), 0, []
        steps = len(self.job["schedules"]["learning_rate"])
        while index < steps:
            course = []
            for views in self.loader:
                course.append(self.step(views, index))
                index += 1
                if index == steps:
                    break
            means.append(sum(course) / len(course))
        return {"seconds": time.perf_counter() - start, "steps": index, "losses": means}

    @torch.no_grad()
    def features(self, part):
        """[N, D] features of whole pictures in evaluation mode."""
        size, normalize = self.job["imageSize"], self.job["normalize"]
        view = v2.Compose([
            v2.ToDtype(torch.float32, scale=True),
            v2.Resize((size, size), antialias=True),
            v2.Normalize(normalize["mean"], normalize["std"]),
        ])
        encoder = self.model.encoder.eval()
        batches = torch.from_numpy(self.pictures[part]).split(256)
        return torch.cat([encoder(view(batch)) for batch in batches]).numpy()


def versions():
    packages = {"torch": torch, "torchvision": torchvision, "lightly": lightly, "timm": timm}
    return {"python": platform.python_version()} | {name: package.__version__ for name, package in packages.items()}


def main(folder, mode):
    run = Run(folder)
    answer = run.pace() if mode == "pace" else run.train()
    if mode == "train":
        for part in PARTS:
            np.save(f"{folder}/{part}-features.npy", np.ascontiguousarray(run.features(part), dtype=np.float32))
    with open(f"{folder}/answer.json", "w") as file:
        json.dump(answer | {"versions": versions()}, file)


if __name__ == "__main__":
    main(*sys.argv[1:3])
