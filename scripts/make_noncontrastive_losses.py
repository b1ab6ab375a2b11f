"""Losses without negatives: values and gradients by the authors' formulas.

Compared with lightly: NegativeCosineSimilarity, SwaVLoss, BarlowTwinsLoss, VICRegLoss, KoLeoLoss, DINOLoss,
IBOTPatchLoss, patchify, unpatchify and normalize_mean_var. lightly lacks BYOL's sum, DINOv2's teacher, SimMIM
and I-JEPA; their formulas follow the files named here.
"""

import json

import torch
import torch.nn.functional as F
from lightly.loss import (
    BarlowTwinsLoss,
    DINOLoss,
    IBOTPatchLoss,
    KoLeoLoss,
    NegativeCosineSimilarity,
    SwaVLoss,
    VICRegLoss,
)
from lightly.loss.swav_loss import sinkhorn as lightly_sinkhorn
from lightly.models.utils import normalize_mean_var
from lightly.models.utils import patchify as lightly_patchify
from lightly.models.utils import unpatchify as lightly_unpatchify

from afterimage_fixtures import tensor, write

torch.set_default_dtype(torch.float64)

same = torch.testing.assert_close


def differentiate(case, loss, **leaves):
    loss.backward()
    return {f"{case}/loss": loss} | {f"{case}/grad/{name}": x.grad for name, x in leaves.items()}


def cosine_cases(rows=5, width=7):
    names = ("p1", "p2", "z1", "z2")

    def leaves():
        return [tensor(f"cosine.{name}", (rows, width)).requires_grad_(name[0] == "p") for name in names]

    p1, p2, z1, z2 = leaves()
    # main_simsiam.py
    cosine = torch.nn.CosineSimilarity(dim=1)
    simsiam = -(cosine(p1, z2).mean() + cosine(p2, z1).mean()) * 0.5
    their = NegativeCosineSimilarity()
    same(simsiam, (their(p1, z2) + their(p2, z1)) / 2)
    arrays = differentiate("cosine/simsiam", simsiam, p1=p1, p2=p2)

    p1, p2, z1, z2 = leaves()

    def regression(p, z):  # helpers.py of BYOL, regression_loss
        return (F.normalize(p, dim=-1) - F.normalize(z, dim=-1)).square().sum(-1)

    byol = (regression(p1, z2) + regression(p2, z1)).mean()
    same(byol, 4 + 4 * simsiam)
    return arrays | differentiate("cosine/byol", byol, p1=p1, p2=p2)


def cosine_similarity_cases():
    """`F.cosine_similarity` of rows, and along a middle axis with broadcasting; loss = sum(cosine * R)."""
    arrays = {}
    for name, a_shape, b_shape, dim in (("rows", (5, 7), (5, 7), 1), ("middle", (3, 4, 5), (1, 4, 5), 1)):
        case = f"cosine_similarity/{name}"
        a, b = (tensor(f"{case}.{key}", shape).requires_grad_() for key, shape in (("a", a_shape), ("b", b_shape)))
        cosine = F.cosine_similarity(a, b, dim=dim)
        loss = (cosine * tensor(f"{case}.R", tuple(cosine.shape))).sum()
        arrays |= {f"{case}/cosine": cosine} | differentiate(case, loss, a=a, b=b)
    return arrays


def negative_cosine_case(rows=5, width=7):
    """Without stop-gradient: both sides get a gradient."""
    case = "negative_cosine"
    p, z = (tensor(f"{case}.{name}", (rows, width)).requires_grad_() for name in "pz")
    loss = -torch.nn.CosineSimilarity(dim=1)(p, z).mean()
    same(loss, NegativeCosineSimilarity()(p, z))
    return differentiate(case, loss, p=p, z=z)


def sinkhorn(scores, epsilon, iterations=3):
    """main_swav.py, distributed_sinkhorn on one device; DINOv2's sinkhorn_knopp_teacher is the same."""
    q = torch.exp(scores / epsilon).T
    prototypes, rows = q.shape
    q = q / q.sum()
    for _ in range(iterations):
        q = q / q.sum(1, keepdim=True) / prototypes
        q = q / q.sum(0, keepdim=True) / rows
    return (q * rows).T


SINKHORN = {  # rows, prototypes, scale of the scores, epsilon, iterations
    "cosines": (12, 5, 1, 0.05, 3),
    "few_rows": (3, 8, 1, 0.05, 3),
    "once": (12, 5, 1, 0.05, 1),
    "large": (10, 6, 10, 0.04, 3),
}


def sinkhorn_cases():
    arrays = {}
    for name, (rows, prototypes, scale, epsilon, iterations) in SINKHORN.items():
        scores = tensor(f"sinkhorn/{name}.scores", (rows, prototypes), scale)
        arrays[f"sinkhorn/{name}"] = sinkhorn(scores, epsilon, iterations)
        same(arrays[f"sinkhorn/{name}"], lightly_sinkhorn(scores, iterations, epsilon))
    return arrays


def swav_case(name, images, views, prototypes, queue=0, temperature=0.1, epsilon=0.05):
    """main_swav.py, for two assigned crops, each with its own queue."""
    case = f"swav/{name}"
    scores = tensor(f"{case}.scores", (views * images, prototypes)).requires_grad_()
    earlier = tensor(f"{case}.queue", (2, queue, prototypes)) if queue else None
    crops, loss = scores.chunk(views), 0
    for i in range(2):
        rows = crops[i].detach() if earlier is None else torch.cat((earlier[i], crops[i].detach()))
        q = sinkhorn(rows, epsilon)[-images:]
        others = [crop for v, crop in enumerate(crops) if v != i]
        terms = [-(q * F.log_softmax(crop / temperature, dim=1)).sum(1).mean() for crop in others]
        loss = loss + sum(terms) / (views - 1)
    loss = loss / 2
    their = SwaVLoss(temperature, 3, epsilon)
    queues = None if earlier is None else list(earlier)
    same(loss, their(list(crops[:2]), list(crops[2:]), queues).squeeze())
    return differentiate(case, loss, scores=scores)


def off_diagonal(m):
    return m[~torch.eye(len(m), dtype=torch.bool)]


def barlow_case(rows, width, redundancy_weight):
    """main.py of Barlow Twins."""
    case = f"barlow_twins/{rows}x{width}_l{redundancy_weight}"
    a, b = (tensor(f"{case}.{view}", (rows, width)).requires_grad_() for view in ("first", "second"))
    bn = torch.nn.BatchNorm1d(width, affine=False)
    c = bn(a).T @ bn(b) / rows
    on, off = (torch.diagonal(c) - 1).square().sum(), off_diagonal(c).square().sum()
    loss = on + redundancy_weight * off
    same(loss, BarlowTwinsLoss(redundancy_weight)(a, b))
    parts = {f"{case}/on_diagonal": on, f"{case}/off_diagonal": off}
    return parts | differentiate(case, loss, first=a, second=b)


def vicreg_case(name, rows, width, scale, weights):
    """main_vicreg.py."""
    case = f"vicreg/{name}"
    x, y = (tensor(f"{case}.{view}", (rows, width), scale).requires_grad_() for view in ("first", "second"))
    invariance = F.mse_loss(x, y)
    stds = [torch.sqrt(view.var(dim=0) + 0.0001) for view in (x, y)]
    variance = sum(F.relu(1 - std).mean() / 2 for std in stds)
    centred = [view - view.mean(dim=0) for view in (x, y)]
    covariance = sum(off_diagonal(z.T @ z / (rows - 1)).square().sum() / width for z in centred)
    loss = weights[0] * invariance + weights[1] * variance + weights[2] * covariance
    same(loss, VICRegLoss(*weights)(x, y))
    parts = {"invariance": invariance, "variance": variance, "covariance": covariance}
    return {f"{case}/{part}": value for part, value in parts.items()} | differentiate(case, loss, first=x, second=y)


def koleo_case(rows, width):
    """loss/koleo_loss.py of DINOv2."""
    case = f"koleo/{rows}x{width}"
    x = tensor(f"{case}.input", (rows, width)).requires_grad_()
    z = F.normalize(x, eps=1e-8, p=2, dim=-1)
    dots = z @ z.T
    nearest = dots.detach().clone().fill_diagonal_(-1).argmax(1)
    distances = torch.nn.PairwiseDistance(2, eps=1e-8)(z, z[nearest])
    loss = -torch.log(distances + 1e-8).mean()
    same(loss, KoLeoLoss()(x))
    return differentiate(case, loss, input=x)


def patch_entropy(student, targets, mask, temperature=0.1):
    """main_ibot.py, loss2, for all global crops at once: student and targets [n, N, K], mask [n, N]."""
    terms = -(targets * F.log_softmax(student / temperature, dim=-1)).sum(-1)
    return ((terms * mask).sum(-1) / mask.sum(-1).clamp(min=1)).mean()


def class_entropy(student, targets, temperature=0.1):
    """main_ibot.py, loss1, and main_dino.py: the mean over pairs of different crops."""
    views = [F.log_softmax(crop / temperature, dim=-1) for crop in student]
    terms = [-(q * p).sum(-1).mean() for i, q in enumerate(targets) for v, p in enumerate(views) if v != i]
    return sum(terms) / len(terms)


def distributions(name, shape):
    """Softmax of the tensor of this name at 0.2, rounded to float32 like those that the tests read."""
    return F.softmax(tensor(name, shape) / 0.2, dim=-1).float().double()


def cross_crop_case(name, images, views, targets, outputs=6, temperature=0.3):
    """Every target with every crop but its own, by PyTorch's cross-entropy with probabilities as targets."""
    case = f"cross_crop_entropy/{name}"
    student = tensor(f"{case}.student", (views * images, outputs)).requires_grad_()
    wanted = distributions(f"{case}.targets", (targets, images, outputs))
    crops = student.chunk(views)
    pairs = [(crop, q) for i, q in enumerate(wanted) for v, crop in enumerate(crops) if v != i]
    loss = torch.stack([F.cross_entropy(crop / temperature, q) for crop, q in pairs]).mean()
    same(loss, class_entropy(crops, wanted, temperature))
    return {f"{case}/targets": wanted} | differentiate(case, loss, student=student)


def masked_cross_entropy_case(pictures=4, patches=6, outputs=5, temperature=0.2):
    """The mean over pictures of the mean over their masked patches; 0 for a picture without any."""
    case = "masked_cross_entropy"
    student = tensor(f"{case}.student", (pictures, patches, outputs)).requires_grad_()
    wanted = distributions(f"{case}.targets", (pictures, patches, outputs))
    mask = patch_mask(case, pictures, patches)
    terms = [
        F.cross_entropy(logits[hidden] / temperature, q[hidden]) if hidden.any() else torch.zeros(())
        for logits, q, hidden in zip(student, wanted, mask.bool(), strict=True)
    ]
    loss = torch.stack(terms).mean()
    same(loss, patch_entropy(student, wanted, mask, temperature))
    return {f"{case}/targets": wanted, f"{case}/mask": mask} | differentiate(case, loss, student=student)


def patch_mask(case, pictures, patches):
    """A mask of about a third of the patches, and none of the second picture's."""
    mask = (tensor(f"{case}.mask", (pictures, patches)) > 0.3).double()
    mask[1] = 0
    return mask


IBOT = {"class": 0.04, "patch": 0.06, "lambda1": 0.8, "lambda2": 1.3, "momentum": 0.9}


def ibot_case(images=3, views=4, patches=6, class_outputs=8, patch_outputs=5):
    """main_ibot.py, iBOTLoss: two global crops, the others local."""
    case, pictures = "ibot", 2 * images
    student_class = tensor(f"{case}.student_class", (views * images, class_outputs)).requires_grad_()
    student_patches = tensor(f"{case}.student_patches", (pictures, patches, patch_outputs)).requires_grad_()
    teacher_class = tensor(f"{case}.teacher_class", (pictures, class_outputs))
    teacher_patches = tensor(f"{case}.teacher_patches", (pictures, patches, patch_outputs))
    class_centre = tensor(f"{case}.class_centre", (class_outputs,), 0.2)
    patch_centre = tensor(f"{case}.patch_centre", (patch_outputs,), 0.2)
    mask = patch_mask(case, pictures, patches)

    class_targets = F.softmax((teacher_class - class_centre) / IBOT["class"], dim=-1)
    patch_targets = F.softmax((teacher_patches - patch_centre) / IBOT["patch"], dim=-1)
    class_loss = class_entropy(student_class.chunk(views), class_targets.chunk(2))
    patch_loss = patch_entropy(student_patches, patch_targets, mask)
    loss = IBOT["lambda1"] * class_loss + IBOT["lambda2"] * patch_loss
    m = IBOT["momentum"]
    next_class = m * class_centre + (1 - m) * teacher_class.mean(0)
    next_patch = m * patch_centre + (1 - m) * teacher_patches.mean(1).mean(0)

    theirs = DINOLoss(class_outputs, student_temp=0.1, center_momentum=m)
    theirs.center.copy_(class_centre.reshape(1, 1, -1))
    value = theirs(list(teacher_class.chunk(2)), list(student_class.chunk(views)), teacher_temp=IBOT["class"])
    same(class_loss, value, rtol=1e-6, atol=0)  # lightly rounds the temperature to float32
    same(next_class, theirs.center.flatten())
    theirs = IBOTPatchLoss(patch_outputs, IBOT["patch"], 0.1)
    theirs.center.value.copy_(patch_centre.reshape(1, -1))
    masked = mask.bool()
    value = theirs(teacher_patches[masked], student_patches[masked], masked.reshape(pictures, 2, -1))
    same(patch_loss, value, rtol=1e-6, atol=0)
    parts = {"class": class_loss, "patch": patch_loss, "mask": mask}
    parts |= {"next/class_centre": next_class, "next/patch_centre": next_patch}
    leaves = {"student_class": student_class, "student_patches": student_patches}
    return {f"{case}/{part}": value for part, value in parts.items()} | differentiate(case, loss, **leaves)


def dinov2_class_case(images=3, views=5, outputs=7, teacher_temperature=0.05):
    """loss/dino_clstoken_loss.py, weighted as in train/ssl_meta_arch.py: two global crops, others local."""
    case, locals_ = "dinov2/class", views - 2
    student = tensor(f"{case}.student", (views * images, outputs)).requires_grad_()
    teacher = tensor(f"{case}.teacher", (2 * images, outputs))
    swapped = torch.cat(teacher.chunk(2)[::-1])
    targets = sinkhorn(swapped, teacher_temperature)
    pairs = 2 + 2 * locals_

    def loss_of(students, targets):
        return sum(-(t * F.log_softmax(s / 0.1, dim=-1)).sum(-1).mean() for s in students for t in targets)

    crops = student.chunk(views)
    on_globals = loss_of([torch.cat(crops[:2])], [targets]) * 2 / pairs
    loss = on_globals + loss_of(crops[2:], targets.chunk(2)) / pairs
    same(loss, class_entropy(crops, sinkhorn(teacher, teacher_temperature).chunk(2)))
    return differentiate(case, loss, student=student)


def dinov2_patch_case(pictures=4, patches=6, outputs=5, teacher_temperature=0.05):
    """loss/ibot_patch_loss.py, forward_masked; forward gives the same."""
    case = "dinov2/patch"
    student = tensor(f"{case}.student", (pictures, patches, outputs)).requires_grad_()
    teacher = tensor(f"{case}.teacher", (pictures, patches, outputs))
    mask = patch_mask(case, pictures, patches)
    masked = mask.bool()
    weights = (1 / mask.sum(-1, keepdim=True).clamp(min=1)).expand_as(mask)[masked]
    targets = sinkhorn(teacher[masked], teacher_temperature)
    terms = (targets * F.log_softmax(student[masked] / 0.1, dim=-1)).sum(-1)
    loss = -(terms * weights).sum() / pictures
    everywhere = torch.zeros_like(teacher)
    everywhere[masked] = targets
    same(loss, patch_entropy(student, everywhere, mask))
    return {f"{case}/mask": mask} | differentiate(case, loss, student=student)


def patchify(pictures, p):
    """models_mae.py."""
    n, c, h, w = pictures.shape
    x = pictures.reshape(n, c, h // p, p, w // p, p)
    return torch.einsum("nchpwq->nhwpqc", x).reshape(n, h * w // p**2, p**2 * c)


def mae_cases(size=8, p=4):
    """models_mae.py, forward_loss."""
    pictures = tensor("mae.pictures", (3, 3, size, size))
    patches = patchify(pictures, p)
    same(patches, lightly_patchify(pictures, p))
    same(pictures, lightly_unpatchify(patches, p))
    mask = patch_mask("mae", *patches.shape[:2])
    arrays = {"mae/mask": mask, "mae/patches": patches}
    for name, normalize in (("mae/pixels", False), ("mae/normalized", True)):
        prediction = tensor(f"{name}.prediction", tuple(patches.shape)).requires_grad_()
        target = patches
        if normalize:
            mean, var = target.mean(dim=-1, keepdim=True), target.var(dim=-1, keepdim=True)
            target = (target - mean) / (var + 1.0e-6) ** 0.5
            same(target, normalize_mean_var(patches))
        loss = (((prediction - target) ** 2).mean(dim=-1) * mask).sum() / mask.sum()
        masked = mask.bool()
        same(loss, F.mse_loss(prediction[masked], target[masked]))
        arrays |= differentiate(name, loss, prediction=prediction)
    return arrays


def simmim_case(pictures=2, size=8, p=2):
    """models/simmim.py."""
    x = tensor("simmim.pictures", (pictures, 3, size, size))
    prediction = tensor("simmim.prediction", tuple(x.shape)).requires_grad_()
    grid = (tensor("simmim.mask", (pictures, size // p, size // p)) > -0.2).double()
    mask = grid.repeat_interleave(p, 1).repeat_interleave(p, 2).unsqueeze(1)
    loss = (F.l1_loss(x, prediction, reduction="none") * mask).sum() / (mask.sum() + 1e-5) / 3
    return {"simmim/mask": grid} | differentiate("simmim", loss, prediction=prediction)


def smooth_l1_cases(shape=(2, 5, 8)):
    arrays = {}
    for beta in (1, 0.3):
        case = f"smooth_l1/b{beta}"
        prediction, target = (tensor(f"{case}.{name}", shape, 2).requires_grad_() for name in ("prediction", "target"))
        loss = F.smooth_l1_loss(prediction, target, beta=beta)
        arrays |= differentiate(case, loss, prediction=prediction, target=target)
    # src/train.py of I-JEPA
    prediction = tensor("ijepa.prediction", shape, 2).requires_grad_()
    target = F.layer_norm(tensor("ijepa.features", shape), (shape[-1],))
    return arrays | differentiate("ijepa", F.smooth_l1_loss(prediction, target), prediction=prediction)


VICREG = {"paper": (25.0, 25.0, 1.0), "other": (10.0, 5.0, 2.0)}

arrays = cosine_cases() | sinkhorn_cases()
arrays |= swav_case("two_crops", images=6, views=2, prototypes=4)
arrays |= swav_case("multi_crop", images=4, views=5, prototypes=6)
arrays |= swav_case("queue", images=3, views=4, prototypes=7, queue=9)
arrays |= barlow_case(8, 6, 0.0051) | barlow_case(5, 9, 0.1)
arrays |= vicreg_case("paper", 8, 6, 1.8, VICREG["paper"]) | vicreg_case("other", 5, 9, 0.7, VICREG["other"])
arrays |= cosine_similarity_cases() | negative_cosine_case()
arrays |= cross_crop_case("multi_crop", images=3, views=5, targets=2)
arrays |= cross_crop_case("all_targets", images=4, views=3, targets=3)
arrays |= masked_cross_entropy_case()
arrays |= koleo_case(7, 5) | koleo_case(12, 16)
arrays |= ibot_case() | dinov2_class_case() | dinov2_patch_case()
arrays |= mae_cases() | simmim_case() | smooth_l1_cases()
write(
    "noncontrastive-losses",
    arrays,
    sinkhorn=json.dumps(SINKHORN),
    ibot=json.dumps(IBOT),
    vicreg=json.dumps(VICREG),
)
