"""NT-Xent, the DINO loss with its centre, and the DINO head: values and gradients, compared with lightly.

Also PyTorch's cross-entropies and mean squared error, which losses and heads are built on, and the
distillation of SimCLR v2.
"""

import json

import torch
import torch.nn.functional as F
from lightly.loss import DINOLoss, NTXentLoss
from lightly.models.modules import DINOProjectionHead
from timm.loss import BinaryCrossEntropy

from afterimage_fixtures import probe_gradients, tensor, weight, write

torch.set_default_dtype(torch.float64)

TEACHER_TEMPERATURES = {"multi_crop": 0.04, "multi_crop_warm": 0.07, "two_views": 0.04}


def nt_xent(z, temperature):
    """SimCLR, equation 1. z [2N, D]: the first views of all pictures, then the second. Mean over the 2N rows.

    (objective.py in google-research/simclr adds the means of the two halves: twice this value.)
    """
    z = F.normalize(z, dim=1)
    similarity = z @ z.T / temperature
    similarity.fill_diagonal_(-torch.inf)
    positive = torch.arange(len(z)).roll(len(z) // 2)
    return F.cross_entropy(similarity, positive)


def dino_loss(student, teacher, centre, student_temperature, teacher_temperature):
    """main_dino.py, DINOLoss. student [V * N, K] and teacher [2 * N, K], view by view, global views first."""
    targets = F.softmax((teacher - centre) / teacher_temperature, dim=1).chunk(2)
    views = F.log_softmax(student / student_temperature, dim=1).chunk(2 * len(student) // len(teacher))
    terms = [-(q * p).sum(1).mean() for i, q in enumerate(targets) for v, p in enumerate(views) if v != i]
    return sum(terms) / len(terms)


def nt_xent_case(pairs, width, temperature):
    case = f"nt_xent/{pairs}x{width}_t{temperature}"
    z = tensor(f"{case}.input", (2 * pairs, width)).requires_grad_()
    loss = nt_xent(z, temperature)
    loss.backward()
    torch.testing.assert_close(loss, NTXentLoss(temperature)(*z.chunk(2)))
    return {f"{case}/loss": loss, f"{case}/grad/input": z.grad}


def cross_entropy_case(rows=7, classes=5):
    """Every class is a label; the accuracy is neither 0 nor 1."""
    case = "cross_entropy"
    logits = tensor(f"{case}.logits", (rows, classes), 3).requires_grad_()
    labels = torch.arange(rows) * 3 % classes
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    accuracy = (logits.argmax(1) == labels).double().mean()
    assert 0 < accuracy < 1
    return {
        f"{case}/labels": labels,
        f"{case}/loss": loss,
        f"{case}/accuracy": accuracy,
        f"{case}/grad/logits": logits.grad,
    }


def soft_cross_entropy_case(name, targets_shape, temperature, shape=(3, 4, 6)):
    """PyTorch's cross-entropy with probabilities as targets, which need not add up to one."""
    case = f"soft_cross_entropy/{name}_t{temperature}"
    logits = tensor(f"{case}.logits", shape, 2).requires_grad_()
    targets = (tensor(f"{case}.targets", targets_shape) + 1.2).float().double()
    rows, wanted = ((x / t).reshape(-1, shape[-1]) for x, t in ((logits, temperature), (targets.expand(shape), 1)))
    loss = F.cross_entropy(rows, wanted)
    loss.backward()
    return {f"{case}/loss": loss, f"{case}/grad/logits": logits.grad}


#: The options of crossEntropy and binaryCrossEntropy: label smoothing, and weights of classes or of positives.
LABEL_OPTIONS = {"plain": (0, False), "smooth": (0.1, False), "weighted": (0, True), "both": (0.3, True)}
CLASS_WEIGHTS = torch.tensor([0.5, 2, 1.5, 1, 3])
POSITIVE_WEIGHTS = torch.tensor([2, 0.5, 1, 4])


def label_cross_entropy_case(kind, name, rows=7, classes=5):
    """`F.cross_entropy` of class labels, or of soft targets, whose rows are softmaxes."""
    case, (smoothing, weighted) = f"label_cross_entropy/{kind}_{name}", LABEL_OPTIONS[name]
    logits = tensor(f"{case}.logits", (rows, classes), 3).requires_grad_()
    labels = torch.arange(rows) * 3 % classes
    targets = labels if kind == "labels" else tensor(f"{case}.targets", (rows, classes), 2).softmax(1).float().double()
    loss = F.cross_entropy(logits, targets, weight=CLASS_WEIGHTS if weighted else None, label_smoothing=smoothing)
    loss.backward()
    return {f"{case}/targets": targets, f"{case}/loss": loss, f"{case}/grad/logits": logits.grad}


def binary_cross_entropy_case(name, rows=6, labels=4):
    """timm's loss, which smooths the targets towards a half. Half of the targets are 0 or 1, the others soft."""
    case, (smoothing, weighted) = f"binary_cross_entropy/{name}", LABEL_OPTIONS[name]
    logits = tensor(f"{case}.logits", (rows, labels), 5).requires_grad_()
    soft = (tensor(f"{case}.targets", (rows, labels)) + 1) / 2
    targets = torch.cat([soft[: rows // 2].round(), soft[rows // 2 :]]).float().double()
    weights = POSITIVE_WEIGHTS if weighted else None
    loss = BinaryCrossEntropy(smoothing, pos_weight=weights, smooth_dense=True)(logits, targets)
    loss.backward()
    return {f"{case}/targets": targets, f"{case}/loss": loss, f"{case}/grad/logits": logits.grad}


def squared_error_case(shape=(5, 3)):
    case = "squared_error"
    prediction, target = (tensor(f"{case}.{name}", shape, 2).requires_grad_() for name in ("prediction", "target"))
    loss = F.mse_loss(prediction, target)
    loss.backward()
    return {f"{case}/loss": loss, f"{case}/grad/prediction": prediction.grad, f"{case}/grad/target": target.grad}


def distillation_case(temperature, shape=(6, 5)):
    """SimCLR v2, equation 2, as cross-entropy; and as the divergence plus the entropy of the teacher's outputs."""
    case = f"distillation/t{temperature}"
    student = tensor(f"{case}.student", shape, 3).requires_grad_()
    targets = (tensor(f"{case}.teacher", shape, 3) / temperature).softmax(1)
    loss = F.cross_entropy(student / temperature, targets)
    loss.backward()
    entropy = torch.distributions.Categorical(targets).entropy().mean()
    divergence = F.kl_div((student / temperature).log_softmax(1), targets, reduction="batchmean")
    torch.testing.assert_close(loss, divergence + entropy)
    return {f"{case}/loss": loss, f"{case}/grad/student": student.grad}


def dino_case(name, images, views, outputs, momentum=0.9):
    case, teacher_temperature = f"dino/{name}", TEACHER_TEMPERATURES[name]
    student = tensor(f"{case}.student", (views * images, outputs)).requires_grad_()
    teacher = tensor(f"{case}.teacher", (2 * images, outputs))
    centre = tensor(f"{case}.centre", (1, outputs), 0.2)
    loss = dino_loss(student, teacher, centre, 0.1, teacher_temperature)
    loss.backward()
    following = momentum * centre + (1 - momentum) * teacher.mean(0, keepdim=True)

    other = DINOLoss(outputs, student_temp=0.1, center_momentum=momentum)
    other.center.copy_(centre.unsqueeze(0))
    value = other(list(teacher.chunk(2)), list(student.chunk(views)), teacher_temp=teacher_temperature)
    torch.testing.assert_close(loss, value, rtol=1e-6, atol=0)  # lightly rounds the temperature to float32
    torch.testing.assert_close(following, other.center[0])
    return {f"{case}/loss": loss, f"{case}/grad/student": student.grad, f"{case}/next/centre": following}


class DinoHead(torch.nn.Module):
    """vision_transformer.py, DINOHead: three-layer MLP with GELU, L2 norm, weight-normalised last layer."""

    def __init__(self, width, hidden, bottleneck, outputs):
        super().__init__()
        self.mlp = torch.nn.Sequential(
            torch.nn.Linear(width, hidden), torch.nn.GELU(),
            torch.nn.Linear(hidden, hidden), torch.nn.GELU(),
            torch.nn.Linear(hidden, bottleneck),
        )  # fmt: skip
        self.last_layer = torch.nn.Module()
        self.last_layer.weight_g = torch.nn.Parameter(torch.ones(outputs, 1))
        self.last_layer.weight_v = torch.nn.Parameter(torch.empty(outputs, bottleneck))

    def forward(self, x):
        v, g = self.last_layer.weight_v, self.last_layer.weight_g
        return F.normalize(self.mlp(x), dim=-1) @ (g * v / v.norm(dim=1, keepdim=True)).T


def head_shapes(*sizes):
    return {name: list(p.shape) for name, p in DinoHead(*sizes).named_parameters()}


def head_case(sizes=(24, 40, 16, 48), batch=6):
    """Weights are the hash of `dino_head.<name>`; g is 1, and its gradient matters only if g is learned."""
    head = DinoHead(*sizes)
    other = DINOProjectionHead(sizes[0], sizes[1], sizes[2], sizes[3])
    with torch.no_grad():
        for name, p in head.named_parameters():
            if not name.endswith("weight_g"):
                p.copy_(weight(f"dino_head.{name}", tuple(p.shape)))
        for own, their in zip(head.mlp[::2], [m for m in other.layers if isinstance(m, torch.nn.Linear)], strict=True):
            their.load_state_dict(own.state_dict())
        other.last_layer.weight_g.fill_(1)
        other.last_layer.weight_v.copy_(head.last_layer.weight_v)
    x = tensor("dino_head.input", (batch, sizes[0])).requires_grad_()
    out = head(x)
    torch.testing.assert_close(out, other(x))
    (out * tensor("dino_head.R", tuple(out.shape))).sum().backward()
    return {"dino_head/out": out, "dino_head/grad/input": x.grad} | probe_gradients("dino_head", head)


arrays = head_case()
for temperature in (0.1, 0.5):
    arrays |= nt_xent_case(8, 16, temperature) | nt_xent_case(5, 12, temperature)
arrays |= cross_entropy_case()
for temperature in (0.1, 1):
    arrays |= soft_cross_entropy_case("own", (3, 4, 6), temperature)
    arrays |= soft_cross_entropy_case("shared", (1, 4, 6), temperature)
for name in LABEL_OPTIONS:
    arrays |= label_cross_entropy_case("labels", name) | label_cross_entropy_case("soft", name)
    arrays |= binary_cross_entropy_case(name)
arrays |= squared_error_case()
for temperature in (0.3, 1, 4):
    arrays |= distillation_case(temperature)
arrays |= dino_case("multi_crop", images=4, views=6, outputs=32)
arrays |= dino_case("multi_crop_warm", images=4, views=6, outputs=32)
arrays |= dino_case("two_views", images=3, views=2, outputs=16)
dino = {"student_temperature": 0.1, "teacher_temperature": TEACHER_TEMPERATURES, "centre_momentum": 0.9}
label_options = {
    name: {"smoothing": smoothing} | ({"weights": True} if weighted else {})
    for name, (smoothing, weighted) in LABEL_OPTIONS.items()
}
weights = {"classes": CLASS_WEIGHTS.tolist(), "positives": POSITIVE_WEIGHTS.tolist()}
write(
    "losses",
    arrays,
    dino=json.dumps(dino),
    label_options=json.dumps(label_options),
    label_weights=json.dumps(weights),
    dino_head_shapes=json.dumps(head_shapes(24, 40, 16, 48)),
    dino_head_shapes_vit_tiny=json.dumps(head_shapes(192, 2048, 256, 4096)),
)
