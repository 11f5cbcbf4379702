/**
 * Replaces mnemonist's LRU cache in the bundles (lib/bundling.ts): 5 KB less. The DynamoDB client
 * caches endpoints in it if endpoint discovery is on, which it is not here; if it were, there would
 * be one endpoint per table.
 */
class LruCache<K, V> extends Map<K, V> {
  readonly capacity: number;

  /** A Map would take the capacity for its entries. */
  constructor(capacity: number) {
    super();
    this.capacity = capacity;
  }

  peek(key: K): V | undefined {
    return this.get(key);
  }
}

export { LruCache as default };
