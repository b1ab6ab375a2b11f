"""SimCLR's views by torchvision on PIL pictures, in N processes. Prints views per second."""

import multiprocessing
import sys
import time

import numpy as np
import torch
from PIL import Image
from torchvision import transforms

SECONDS = 4


def views(canvas, size, seed):
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    strength = 0.5 if size <= 64 else 1
    jitter = transforms.ColorJitter(0.8 * strength, 0.8 * strength, 0.8 * strength, 0.2 * strength)
    kernel = 2 * (size // 10 // 2) + 1
    augment = transforms.Compose([
        transforms.RandomResizedCrop(size, interpolation=transforms.InterpolationMode.BICUBIC),
        transforms.RandomHorizontalFlip(),
        transforms.RandomApply([jitter], 0.8),
        transforms.RandomGrayscale(0.2),
        transforms.RandomApply([transforms.GaussianBlur(max(3, kernel), (0.1, 2))], 0.5),
        transforms.ToTensor(),
        transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ])
    noise = np.random.default_rng(seed).integers(0, 256, (canvas, canvas, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    for _ in range(20):
        augment(picture)
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:
        augment(picture)
        count += 1
    return count / (time.perf_counter() - start)


if __name__ == "__main__":
    canvas, size, processes = (int(word) for word in sys.argv[1:4])
    with multiprocessing.Pool(processes) as pool:
        print(sum(pool.starmap(views, [(canvas, size, seed) for seed in range(processes)])))
