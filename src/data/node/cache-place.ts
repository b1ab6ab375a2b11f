import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * The folder that packed caches are kept in: the option, else `AFTERIMAGE_CACHE`, else `afterimage` in the
 * user's cache folder (`XDG_CACHE_HOME` where it is an absolute path, as its specification asks, else
 * `~/.cache`).
 */
export function cacheRoot(option?: string, env: Record<string, string | undefined> = process.env): string {
  if (option) return option;
  if (env.AFTERIMAGE_CACHE) return env.AFTERIMAGE_CACHE;
  const shared = env.XDG_CACHE_HOME;
  return join(shared && isAbsolute(shared) ? shared : join(homedir(), ".cache"), "afterimage");
}
