"""Writes src/onnx/operators.ts: the parts of ONNX's schema for the operators in our graphs.

    python scripts/make_onnx_operators.py       # needs only the package onnx

The operators are those in `USED`; a new operator is one more name. Schemas are those of opsets OLDEST to
NEWEST, as in src/onnx/opsets.ts.
"""

import json
import pathlib

import onnx
from onnx import defs, helper

OLDEST, NEWEST = 17, 21
KINDS = {
    "INT": "int",
    "FLOAT": "float",
    "STRING": "string",
    "INTS": "ints",
    "FLOATS": "floats",
}
USED = """
Abs Add And ArgMax AveragePool Cast Clip Concat Conv ConvTranspose Cos Div Equal Erf Exp Expand Floor Gather
GatherElements Gelu Gemm Greater GreaterOrEqual HardSigmoid Identity LayerNormalization Less LessOrEqual Log
LogSoftmax MatMul Max MaxPool Min Mul Neg NonZero Not OneHot Or Pad Pow Reciprocal ReduceMax ReduceMean ReduceMin
ReduceSum Relu Reshape Resize ScatterElements ScatterND Sigmoid Sign Sin Slice Softmax Softplus Split Sqrt Sub Tanh
TopK Transpose Where
""".split()


def schema_at(name: str, opset: int):
    try:
        return defs.get_schema(name, opset, "")
    except defs.SchemaError:
        return None


def describe(name: str) -> dict:
    """An operator's first opset if not the oldest, attributes' kinds, and the last opset of removed ones."""
    schemas = {opset: schema_at(name, opset) for opset in range(OLDEST, NEWEST + 1)}
    known = {opset: schema for opset, schema in schemas.items() if schema is not None}
    first = min(known)
    kinds, last = {}, {}
    for opset, schema in known.items():
        for attribute in schema.attributes.values():
            kind = KINDS.get(attribute.type.name)
            if kind is not None:
                kinds[attribute.name] = kind
                last[attribute.name] = opset
    until = {attribute: opset for attribute, opset in last.items() if opset < NEWEST}
    return {
        **({"since": first} if first > OLDEST else {}),
        "attributes": dict(sorted(kinds.items())),
        **({"until": until} if until else {}),
    }


def ir_versions() -> dict[int, int]:
    """The oldest version of the file format for each opset."""
    found = {}
    for _, ir, opset, *_ in helper.VERSION_TABLE:
        found.setdefault(opset, ir)
    return {opset: found[opset] for opset in range(OLDEST, NEWEST + 1)}


def main() -> None:
    proto = onnx.AttributeProto.AttributeType
    kinds = {ours: proto.Value(theirs) for theirs, ours in KINDS.items()}
    types = {"float32": "FLOAT", "uint8": "UINT8", "int32": "INT32", "int64": "INT64", "bool": "BOOL"}
    elements = {ours: onnx.TensorProto.DataType.Value(theirs) for ours, theirs in types.items()}
    operators = {name: describe(name) for name in sorted(USED)}
    text = f"""/** What graphs need of ONNX's schema. Written by scripts/make_onnx_operators.py, onnx {onnx.__version__}. */

/** Element types by ONNX's numbers (`TensorProto.DataType`). */
export const ELEMENT_TYPES = {json.dumps(elements)} as const;

/** Kinds of attributes by ONNX's numbers (`AttributeProto.AttributeType`). */
export const ATTRIBUTE_KINDS = {json.dumps(kinds)} as const;

/** The version of the file format that came with each operator set. */
export const IR_VERSIONS = {json.dumps(ir_versions())} as const;

/**
 * The operators: the first operator set that has them, if it is not {OLDEST}; the kind of each attribute; and the
 * last operator set of those attributes that {NEWEST} does not have.
 */
export const ONNX_OPERATORS = {json.dumps(operators)} as const;
"""
    pathlib.Path(__file__).parent.parent.joinpath("src/onnx/operators.ts").write_text(text)


main()
