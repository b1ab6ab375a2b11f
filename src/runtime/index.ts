/** Running compiled programs on ONNX Runtime. */
export {
  createSession,
  type Feeds,
  type Results,
  runOnce,
  type Session,
  type SessionOptions,
} from "./session.ts";
