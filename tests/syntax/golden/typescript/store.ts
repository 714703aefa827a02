import type { Item, Price as Cost } from './item';
import fs = require('fs');
export * from './other';

/** Anything with an id. */
export interface Entity<K = string> extends Base, Comparable<K> {
  readonly id: K;
  name?: string;
  rename(to: string): void;
  (call: number): string;
  new (id: K): Entity<K>;
  [key: string]: unknown;
}

export type Handler<T> = (item: T, at: number) => Promise<void>;
type Shape = { kind: 'circle'; radius: number } | { kind: 'square' };

export enum Level { Low = 1, High = Low << 1 }
declare const enum Mode { Fast = 'fast' }

declare module 'legacy' {
  export function open(path: string): number;
}
namespace util.inner {
  export const version = '1';
  export function help(): void {}
}

declare function external(x: number): void;
declare let globalFlag: boolean;

export abstract class Store<T extends Entity> extends Cache<T> implements Handler<T>, util.Closable {
  static shared?: Store<Item>;
  private readonly items = new Map<string, T>();
  protected level: Level = Level.Low;
  declare brand: unique symbol;

  constructor(private readonly path: string, public limit = 10) {
    super();
  }

  abstract load(): Promise<T[]>;

  get(id: string): T | undefined;
  @logged({ deep: true })
  get(id: string, fallback?: T): T | undefined {
    const found = this.items.get(id) ?? fallback;
    return found as T;
  }
  get size(): number { return this.items.size; }
  private onChange = (item: T): void => { this.items.set(String(item.id), item); };
}

@sealed
class Local<const U> {}

function isItem(x: unknown): x is Item { return typeof x === 'object'; }
export function pick<T, K extends keyof T>(source: T, ...keys: K[]): Pick<T, K>;
export const make = <T,>(cost: Cost): T => fs.read<T>(cost);
let handler: Handler<Item> | undefined, count: number = 0;
for (const [key, value] of Object.entries(globalThis)) external(count + Number(key === value));
export default Store;
