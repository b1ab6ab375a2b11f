/** What graphs need of ONNX's schema. Written by scripts/make_onnx_operators.py, onnx 1.23.2. */

/** Element types by ONNX's numbers (`TensorProto.DataType`). */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;

/** Kinds of attributes by ONNX's numbers (`AttributeProto.AttributeType`). */
export const ATTRIBUTE_KINDS = { int: 2, float: 1, string: 3, ints: 7, floats: 6 } as const;

/** The version of the file format that came with each operator set. */
export const IR_VERSIONS = { "17": 8, "18": 8, "19": 9, "20": 9, "21": 10 } as const;

/**
 * The operators: the first operator set that has them, if it is not 17; the kind of each attribute; and the
 * last operator set of those attributes that 21 does not have.
 */
export const ONNX_OPERATORS = {
  Abs: { attributes: {} },
  Add: { attributes: {} },
  And: { attributes: {} },
  ArgMax: { attributes: { axis: "int", keepdims: "int", select_last_index: "int" } },
  AveragePool: {
    attributes: {
      auto_pad: "string",
      ceil_mode: "int",
      count_include_pad: "int",
      dilations: "ints",
      kernel_shape: "ints",
      pads: "ints",
      strides: "ints",
    },
  },
  Cast: { attributes: { saturate: "int", to: "int" } },
  Clip: { attributes: {} },
  Concat: { attributes: { axis: "int" } },
  Conv: {
    attributes: {
      auto_pad: "string",
      dilations: "ints",
      group: "int",
      kernel_shape: "ints",
      pads: "ints",
      strides: "ints",
    },
  },
  ConvTranspose: {
    attributes: {
      auto_pad: "string",
      dilations: "ints",
      group: "int",
      kernel_shape: "ints",
      output_padding: "ints",
      output_shape: "ints",
      pads: "ints",
      strides: "ints",
    },
  },
  Cos: { attributes: {} },
  Div: { attributes: {} },
  Equal: { attributes: {} },
  Erf: { attributes: {} },
  Exp: { attributes: {} },
  Expand: { attributes: {} },
  Floor: { attributes: {} },
  Gather: { attributes: { axis: "int" } },
  GatherElements: { attributes: { axis: "int" } },
  Gelu: { since: 20, attributes: { approximate: "string" } },
  Gemm: { attributes: { alpha: "float", beta: "float", transA: "int", transB: "int" } },
  Greater: { attributes: {} },
  GreaterOrEqual: { attributes: {} },
  HardSigmoid: { attributes: { alpha: "float", beta: "float" } },
  Identity: { attributes: {} },
  LayerNormalization: { attributes: { axis: "int", epsilon: "float", stash_type: "int" } },
  Less: { attributes: {} },
  LessOrEqual: { attributes: {} },
  Log: { attributes: {} },
  LogSoftmax: { attributes: { axis: "int" } },
  MatMul: { attributes: {} },
  Max: { attributes: {} },
  MaxPool: {
    attributes: {
      auto_pad: "string",
      ceil_mode: "int",
      dilations: "ints",
      kernel_shape: "ints",
      pads: "ints",
      storage_order: "int",
      strides: "ints",
    },
  },
  Min: { attributes: {} },
  Mul: { attributes: {} },
  Neg: { attributes: {} },
  NonZero: { attributes: {} },
  Not: { attributes: {} },
  OneHot: { attributes: { axis: "int" } },
  Or: { attributes: {} },
  Pad: { attributes: { mode: "string" } },
  Pow: { attributes: {} },
  Reciprocal: { attributes: {} },
  ReduceMax: {
    attributes: { axes: "ints", keepdims: "int", noop_with_empty_axes: "int" },
    until: { axes: 17 },
  },
  ReduceMean: {
    attributes: { axes: "ints", keepdims: "int", noop_with_empty_axes: "int" },
    until: { axes: 17 },
  },
  ReduceMin: {
    attributes: { axes: "ints", keepdims: "int", noop_with_empty_axes: "int" },
    until: { axes: 17 },
  },
  ReduceSum: { attributes: { keepdims: "int", noop_with_empty_axes: "int" } },
  Relu: { attributes: {} },
  Reshape: { attributes: { allowzero: "int" } },
  Resize: {
    attributes: {
      antialias: "int",
      axes: "ints",
      coordinate_transformation_mode: "string",
      cubic_coeff_a: "float",
      exclude_outside: "int",
      extrapolation_value: "float",
      keep_aspect_ratio_policy: "string",
      mode: "string",
      nearest_mode: "string",
    },
  },
  ScatterElements: { attributes: { axis: "int", reduction: "string" } },
  ScatterND: { attributes: { reduction: "string" } },
  Sigmoid: { attributes: {} },
  Sign: { attributes: {} },
  Sin: { attributes: {} },
  Slice: { attributes: {} },
  Softmax: { attributes: { axis: "int" } },
  Softplus: { attributes: {} },
  Split: { attributes: { axis: "int", num_outputs: "int" } },
  Sqrt: { attributes: {} },
  Sub: { attributes: {} },
  Tanh: { attributes: {} },
  TopK: { attributes: { axis: "int", largest: "int", sorted: "int" } },
  Transpose: { attributes: { perm: "ints" } },
  Where: { attributes: {} },
} as const;
