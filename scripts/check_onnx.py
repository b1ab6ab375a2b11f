"""Checks an exported encoder with the ONNX checker and against features computed before the export.

Two implementations compute the features: ONNX Runtime, and ONNX's own reference, which implements the
operators of each operator set (`afterimage export --opset`).

    python scripts/check_onnx.py encoder.onnx features.safetensors [--tolerance 1e-5]

features.safetensors holds `input` (the encoder's input, float32) and `features` (the expected output). The
exit status is 1 when the model is not valid or the largest |difference| / largest |feature| is above the
tolerance.
"""

import argparse
import sys

import numpy as np
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator
from safetensors.numpy import load_file


def run(path: str, x: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run([session.get_outputs()[0].name], {session.get_inputs()[0].name: x})[0]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("features")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    args = parser.parse_args()

    try:
        onnx.checker.check_model(args.model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as problem:
        print(f"{args.model}: refused by the ONNX checker: {problem}")
        return 1
    model = onnx.load(args.model)
    opsets = ", ".join(f"{o.domain or 'ai.onnx'} {o.version}" for o in model.opset_import)
    print(f"checker (full): passed; {len(model.graph.node)} nodes; IR {model.ir_version}; opsets {opsets}")

    expected = load_file(args.features)
    x = {model.graph.input[0].name: expected["input"]}
    found = {
        f"onnxruntime {onnxruntime.__version__}": run(args.model, expected["input"]),
        f"reference of onnx {onnx.__version__}": ReferenceEvaluator(model).run(None, x)[0],
    }
    return max(judge(name, got, expected["features"], args.tolerance) for name, got in found.items())


def judge(name: str, got: np.ndarray, expected: np.ndarray, tolerance: float) -> int:
    if got.shape != expected.shape:
        print(f"{name}: expected shape {expected.shape}, got {got.shape}")
        return 1
    error = float(np.abs(got - expected).max() / np.abs(expected).max())
    print(f"{name}: relative error {error:.2e}, tolerance {tolerance:g}")
    return 0 if error <= tolerance else 1


if __name__ == "__main__":
    sys.exit(main())
