"""Compares the Python code in docs/encoder.md with the features that `afterimage embed` writes.

    afterimage pretrain pictures --out run
    afterimage embed run pictures --out features.npy
    python scripts/check_preprocessing.py run/encoder.onnx pictures features.npy [--tolerance 1e-5]

Pictures that are larger than the canvas, or not RGB, are skipped: that code lacks their first steps. The exit
status is 1 when no picture is compared or the largest |difference| / largest |feature| is above the
tolerance.
"""

import argparse
import json
import pathlib
import re
import sys

import numpy as np
import onnxruntime
from PIL import Image

PAGE = pathlib.Path(__file__).parent.parent / "docs" / "encoder.md"


def code_of_page() -> dict:
    """The first block of code on the page, as a module."""
    names: dict = {}
    exec(re.search(r"```python\n(.*?)```", PAGE.read_text(), re.S).group(1), names)
    return names


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("pictures")
    parser.add_argument("features")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    args = parser.parse_args()

    pixel_values = code_of_page()["pixel_values"]
    session = onnxruntime.InferenceSession(args.model, providers=["CPUExecutionProvider"])
    about = session.get_modelmeta().custom_metadata_map
    mean, std = ([float(value) for value in about[key].split(",")] for key in ("image_mean", "image_std"))
    features = np.load(args.features)
    names = json.loads(pathlib.Path(args.features).with_suffix(".names.json").read_text())["names"]
    worst, compared = 0.0, 0
    for name, expected in zip(names, features, strict=True):
        picture = Image.open(pathlib.Path(args.pictures) / name)
        if max(picture.size) > int(about["canvas"]) or picture.mode != "RGB":
            continue
        x = pixel_values(np.asarray(picture), int(about["image_size"]), mean, std)
        (got,) = session.run(["features"], {"pixel_values": x})
        worst = max(worst, float(np.abs(got[0] - expected).max() / np.abs(features).max()))
        compared += 1
    print(f"{compared} of {len(names)} pictures compared; largest difference {worst:.1e}")
    return 0 if compared > 0 and worst <= args.tolerance else 1


if __name__ == "__main__":
    sys.exit(main())
