/**
 * In the place of mnemonist's cache in every bundle (lib/bundling.ts), 5 KB less. The SDK's
 * DynamoDB client keeps endpoints in it where endpoint discovery is on, and here it never is; if it
 * were, there would be one endpoint per table.
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
