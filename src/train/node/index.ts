/** The folder of a run on Node's file system. */
export { type Checkpoint, checkpointNames, readCheckpoint } from "./checkpoint.ts";
export {
  type LoadedRun,
  loadRun,
  type RunPaths,
  readRunConfig,
  runPaths,
  writeRunConfig,
} from "./run-folder.ts";
export { writeFileWhole } from "./write-file.ts";
