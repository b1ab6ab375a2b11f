/** Running compiled programs on ONNX Runtime. */
export { type Dialect, dialectOf, PLAIN } from "./dialect.ts";
export { ortEnv } from "./ort-env.ts";
export { requireProvider } from "./providers.ts";
export {
  createSession,
  type Feeds,
  type Results,
  runOnce,
  type Session,
  type SessionOptions,
  type SupportedProvider,
  supportedProviders,
} from "./session.ts";
