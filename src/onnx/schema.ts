/**
 * The part of ONNX's wire format that Afterimage writes and reads.
 *
 * Field numbers and types are those of the ONNX specification (IR version 10, `onnx.proto`), names are its
 * names in camel case; the encoding itself is done by `@bufbuild/protobuf` from the descriptor built here.
 */
import { create, createFileRegistry, type DescMessage } from "@bufbuild/protobuf";
import {
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";

type FieldType = "int32" | "int64" | "float" | "double" | "string" | "bytes" | (string & { message?: never });

/** `[name, number, type]`, with `*` after the type for repeated fields and a capital for a message. */
type FieldRow = readonly [name: string, number: number, type: FieldType];

const MESSAGES: Record<string, readonly FieldRow[]> = {
  ModelProto: [
    ["irVersion", 1, "int64"],
    ["producerName", 2, "string"],
    ["producerVersion", 3, "string"],
    ["docString", 6, "string"],
    ["graph", 7, "GraphProto"],
    ["opsetImport", 8, "OperatorSetIdProto*"],
    ["metadataProps", 14, "StringStringEntryProto*"],
  ],
  OperatorSetIdProto: [
    ["domain", 1, "string"],
    ["version", 2, "int64"],
  ],
  StringStringEntryProto: [
    ["key", 1, "string"],
    ["value", 2, "string"],
  ],
  GraphProto: [
    ["node", 1, "NodeProto*"],
    ["name", 2, "string"],
    ["initializer", 5, "TensorProto*"],
    ["input", 11, "ValueInfoProto*"],
    ["output", 12, "ValueInfoProto*"],
    ["valueInfo", 13, "ValueInfoProto*"],
  ],
  NodeProto: [
    ["input", 1, "string*"],
    ["output", 2, "string*"],
    ["name", 3, "string"],
    ["opType", 4, "string"],
    ["attribute", 5, "AttributeProto*"],
    ["domain", 7, "string"],
  ],
  AttributeProto: [
    ["name", 1, "string"],
    ["f", 2, "float"],
    ["i", 3, "int64"],
    ["s", 4, "bytes"],
    ["t", 5, "TensorProto"],
    ["g", 6, "GraphProto"],
    ["floats", 7, "float*"],
    ["ints", 8, "int64*"],
    ["strings", 9, "bytes*"],
    ["type", 20, "int32"],
  ],
  ValueInfoProto: [
    ["name", 1, "string"],
    ["type", 2, "TypeProto"],
  ],
  TypeProto: [["tensorType", 1, "TypeProtoTensor"]],
  TypeProtoTensor: [
    ["elemType", 1, "int32"],
    ["shape", 2, "TensorShapeProto"],
  ],
  TensorShapeProto: [["dim", 1, "Dimension*"]],
  Dimension: [
    ["dimValue", 1, "int64"],
    ["dimParam", 2, "string"],
  ],
  TensorProto: [
    ["dims", 1, "int64*"],
    ["dataType", 2, "int32"],
    ["floatData", 4, "float*"],
    ["int32Data", 5, "int32*"],
    ["int64Data", 7, "int64*"],
    ["name", 8, "string"],
    ["rawData", 9, "bytes"],
    ["doubleData", 10, "double*"],
  ],
};

const SCALARS: Record<string, Type> = {
  int32: Type.INT32,
  int64: Type.INT64,
  float: Type.FLOAT,
  double: Type.DOUBLE,
  string: Type.STRING,
  bytes: Type.BYTES,
};

function fieldDescriptor([name, number, type]: FieldRow): FieldDescriptorProto {
  const repeated = type.endsWith("*");
  const base = repeated ? type.slice(0, -1) : type;
  const scalar = SCALARS[base];
  return create(FieldDescriptorProtoSchema, {
    name,
    number,
    jsonName: name,
    label: repeated ? Label.REPEATED : Label.OPTIONAL,
    type: scalar ?? Type.MESSAGE,
    ...(scalar === undefined ? { typeName: `.onnx.${base}` } : {}),
  });
}

function modelDescriptor(): DescMessage {
  const file = create(FileDescriptorProtoSchema, {
    name: "onnx.proto",
    package: "onnx",
    syntax: "proto2",
    messageType: Object.entries(MESSAGES).map(([name, fields]) => ({
      name,
      field: fields.map(fieldDescriptor),
    })),
  });
  const model = createFileRegistry(file, () => undefined).getMessage("onnx.ModelProto");
  if (model === undefined) throw new Error("the ONNX schema lacks ModelProto");
  return model;
}

/** The descriptor of `onnx.ModelProto`, through which everything else is reached. */
export const ModelProtoSchema: DescMessage = modelDescriptor();
