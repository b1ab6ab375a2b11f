import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * The folder of packed caches: the option, otherwise `AFTERIMAGE_CACHE`, otherwise `afterimage` in the user's
 * cache folder (`XDG_CACHE_HOME` if it is an absolute path, as its specification requires, otherwise
 * `~/.cache`).
 */
export function cacheRoot(option?: string, env: Record<string, string | undefined> = process.env): string {
  if (option) return option;
  if (env.AFTERIMAGE_CACHE) return env.AFTERIMAGE_CACHE;
  const shared = env.XDG_CACHE_HOME;
  return join(shared && isAbsolute(shared) ? shared : join(homedir(), ".cache"), "afterimage");
}
