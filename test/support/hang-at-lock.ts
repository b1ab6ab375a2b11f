/**
 * Loaded into a process, holds its event loop for ever where a run, whose step is loaded by then, is about to
 * hold its folder: as a graph does that takes long to be loaded or run. Says so on standard error.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

fs.linkSync = () => {
  fs.writeSync(2, "hanging\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};
syncBuiltinESMExports();
