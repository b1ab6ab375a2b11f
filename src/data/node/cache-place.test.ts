import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheRoot } from "./cache-place.ts";

const usual = join(homedir(), ".cache", "afterimage");

test.each([
  ["the option", "/opt", { AFTERIMAGE_CACHE: "/env", XDG_CACHE_HOME: "/xdg" }, "/opt"],
  ["AFTERIMAGE_CACHE", undefined, { AFTERIMAGE_CACHE: "/env", XDG_CACHE_HOME: "/xdg" }, "/env"],
  ["XDG_CACHE_HOME", undefined, { XDG_CACHE_HOME: "/xdg" }, join("/xdg", "afterimage")],
  ["~/.cache, where XDG_CACHE_HOME is relative", undefined, { XDG_CACHE_HOME: "xdg" }, usual],
  ["~/.cache, where nothing is set", undefined, {}, usual],
  ["~/.cache, where all are empty", "", { AFTERIMAGE_CACHE: "", XDG_CACHE_HOME: "" }, usual],
])("caches are kept under %s", (_, option, env, place) => {
  expect(cacheRoot(option, env)).toBe(place);
});
