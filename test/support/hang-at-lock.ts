/**
 * When loaded into a process, blocks its event loop for ever when a run is about to lock its folder; the step
 * is loaded by then. A graph that takes long to load or to run blocks it in the same way. Prints a line to
 * standard error.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

fs.linkSync = () => {
  fs.writeSync(2, "hanging\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};
syncBuiltinESMExports();
