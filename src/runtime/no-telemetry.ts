/**
 * Keeps ONNX Runtime from reporting. Since 1.30 its builds for Node record the sessions they run in a
 * database in the user's cache folder, with an id for the device, and send it to its maker. The variable must
 * be set before the runtime is loaded, so this module is imported first. A value that is already set is not
 * changed.
 */
const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
if (process !== undefined) process.env.ORT_DISABLE_TELEMETRY ??= "1";
