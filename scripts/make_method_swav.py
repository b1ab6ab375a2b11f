"""SwAV on a narrow ResNet with two sizes of crops: three steps, in two forms.

In one form, each global crop has a queue, used once it is full, and prototypes learn from the first step. In
the other, prototypes are frozen in the first epoch. The loss is lightly's SwaVLoss, which also takes the
queue's scores. Prototypes are normalised before every step, as in the authors' `main_swav.py`, and once more
at the end.

Given a folder with facebookresearch/swav (commit 06b1b7c), the script runs the same steps in its `train`,
with its own ResNet, head, prototypes, Sinkhorn–Knopp and queue. It then compares loss, gradients, network,
prototypes and the rows written into the queues after each step:

    python scripts/make_method_swav.py [swav]
"""

import sys
from types import SimpleNamespace

import torch
from lightly.loss import SwaVLoss
from torch import nn
from torch.nn.functional import normalize

from authors_code import authors_module, give, gradients, hold, in_order, one_process, parameters, stand_in
from method_reference import (
    BATCH, DECAY, RATE, STEPS, STEPS_PER_EPOCH, NarrowResNet, fill_at, memory, mlp, run, sgd, view,
)  # fmt: skip

PROTOTYPES, OUT, WIDTH, QUEUE, LOCALS = 20, 16, 32, 12, 2
FULL = -(-QUEUE // BATCH)  # the first step that uses the queue
TEMPERATURE, EPSILON, ITERATIONS = 0.1, 0.05, 3


def swav(theme: str, frozen_epochs: int, queued: bool) -> None:
    backbone = fill_at("backbone", NarrowResNet())
    head = fill_at("head", mlp([64, WIDTH, OUT], last_norm=False))
    prototypes = fill_at("prototypes", nn.Linear(OUT, PROTOTYPES, bias=False))
    queues = [memory(f"queue_{i}", QUEUE, OUT) for i in (1, 2)]
    criterion = SwaVLoss(temperature=TEMPERATURE, sinkhorn_epsilon=EPSILON, sinkhorn_iterations=ITERATIONS)
    written = 0
    modules = {"backbone": backbone, "head": head, "prototypes": prototypes}
    theirs = authors_check(modules, frozen_epochs, queued) if len(sys.argv) > 1 else None
    value = before_step = None

    @torch.no_grad()
    def to_length_one() -> None:
        prototypes.weight.copy_(normalize(prototypes.weight, dim=1))

    def loss(step: int):
        nonlocal written, value, before_step
        to_length_one()
        features = torch.cat([backbone(view("global", step, 2)), backbone(view("local", step, LOCALS, 8))])
        embedding = normalize(head(features), dim=1)
        scores = prototypes(embedding).split(BATCH)
        earlier = [prototypes(queue).detach() for queue in queues] if queued and step >= FULL else None
        before_step = torch.stack(queues)
        value = criterion(scores[:2], scores[2:], earlier)[0]
        for row in range(BATCH):
            for crop, queue in enumerate(queues):
                queue[(written + row) % QUEUE] = embedding[crop * BATCH + row].detach()
        written += BATCH
        return value

    def before(step: int) -> None:
        if step < frozen_epochs * STEPS_PER_EPOCH:
            prototypes.weight.grad = None

    def after(step: int) -> None:
        if theirs:
            newest = torch.arange(written - BATCH, written) % QUEUE
            theirs(step, value, before_step, [queue[newest] for queue in queues])
        to_length_one()

    run(
        theme,
        modules,
        loss,
        after=after,
        before=before,
        states=lambda: {f"memory.queue_{i}": queue for i, queue in zip((1, 2), queues)} if queued else {},
        decay_all=True,
    )


def authors_check(modules: dict, frozen_epochs: int, queued: bool):
    """Returns a check of one step against the authors' loop, made before prototypes are normalised again.

    In float64, they differ only by the order of sums.
    """
    one_process()
    stand_in("apex.parallel.LARC", LARC=None)
    stand_in("pandas")
    main = authors_module(sys.argv[1], "main_swav")
    # Rank 1, because rank 0 writes a log.
    main.args = SimpleNamespace(
        crops_for_assign=[0, 1], nmb_crops=[2, LOCALS], temperature=TEMPERATURE, epsilon=EPSILON, sinkhorn_iterations=ITERATIONS,
        freeze_prototypes_niters=frozen_epochs * STEPS_PER_EPOCH, use_fp16=False, world_size=1, rank=1,
    )  # fmt: skip

    class Block(main.resnet_models.BasicBlock):
        """Allows blocks as narrow as ours, which the authors' block refuses."""

        def __init__(self, inputs, planes, stride=1, downsample=None, *_, **__):
            super().__init__(inputs, planes, stride, downsample)

    network = main.resnet_models.ResNet(Block, [2, 2, 2, 2], width_per_group=8, normalize=True, hidden_mlp=WIDTH, output_dim=OUT,
                                        nmb_prototypes=PROTOTYPES)  # fmt: skip
    network.padding, network.maxpool = nn.Identity(), nn.Identity()
    network.conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False)
    network.projection_head[0].bias = None  # has no effect before a norm
    own = in_order(network, parameters(modules))
    networks = parameters({"": give(network, own)})
    optimizer = sgd([{"params": network.parameters(), "weight_decay": DECAY}])
    model = nn.parallel.DistributedDataParallel(network)
    queue = torch.zeros(2, QUEUE, OUT, dtype=torch.float64) if queued else None

    def check(step: int, value, earlier: torch.Tensor, newest: list):
        """Runs an epoch of one step: the epoch's number is the step's.

        Their queue starts with zeros, and is used once its last row is written. Ours, as it was before the
        step, then replaces it: with a length that is no multiple of the batch, theirs keeps other rows of a
        batch.
        """
        nonlocal queue
        if queued and queue[:, -1].any():
            queue.copy_(earlier)
        crops = [*view("global", step, 2).split(BATCH), *view("local", step, LOCALS, 8).split(BATCH)]
        (_, other), queue = main.train([crops], model, optimizer, step, [RATE] * STEPS, queue)
        written = {f"queue of crop {crop}": queue[crop, :BATCH] for crop in range(2)} if queued else {}
        hold(
            networks | gradients(networks) | {"loss": other} | written,
            own | gradients(own) | {"loss": value} | dict(zip(written, newest)),
        )

    return check


swav("swav-queue", frozen_epochs=0, queued=True)
swav("swav-frozen", frozen_epochs=1, queued=False)
