/**
 * The SDK's own cache of endpoints, on the cache that the bundles have in the place of
 * mnemonist's.
 */
import LruCache from "../../../lambda/platform/lru-cache";

test("holds what it is given, whatever capacity it is told, and shows it by both names", () => {
  const cache = new LruCache<string, readonly string[]>(1_000);
  expect([cache.has("a"), cache.get("a"), cache.peek("a")]).toEqual([false, undefined, undefined]);
  cache.set("a", ["endpoint"]);
  expect([cache.has("a"), cache.get("a"), cache.peek("a")]).toEqual([
    true,
    ["endpoint"],
    ["endpoint"],
  ]);
  cache.clear();
  expect(cache.has("a")).toBe(false);
});
