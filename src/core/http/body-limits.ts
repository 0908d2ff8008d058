import { DomainError, invalid } from '../kernel/domain-error.js';

/** The most bytes of a JSON body. */
export const BODY_BYTES = 256 * 1024;
/** Within this all of a JSON body has to be there. */
export const BODY_MILLISECONDS = 30_000;
const MAX_DEPTH = 20;
const MAX_KEYS = 5_000;

/**
 * Names that every object seems to have (`constructor`, `__proto__`, `toString` …). No field is called so, and
 * class-transformer leaves such a field out without a word, where an unknown field is to be named.
 */
export const NAMES_OF_EVERY_OBJECT: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
]);

/**
 * Refuses what JSON.parse lets through: deep nesting, very many keys, names of every object's members, NUL characters.
 * Walks without recursion, so that the depth of the body is not the depth of our stack.
 */
export function checkJson(body: unknown): void {
  let keys = 0;
  const open: { value: unknown; field: string; depth: number }[] = [{ value: body, field: '', depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, field, depth } = next;
    if (typeof value === 'string' && value.includes('\0'))
      throw invalid({ field, error: 'must not hold a NUL character' });
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH) throw new DomainError('VALIDATION_ERROR', 'The body is nested too deeply.', []);
    const isList = Array.isArray(value);
    for (const [key, child] of Object.entries(value)) {
      keys += 1;
      if (keys > MAX_KEYS) throw new DomainError('PAYLOAD_TOO_LARGE', 'The body has too many fields.');
      const path = isList ? `${field}[${key}]` : field ? `${field}.${key}` : key;
      if (NAMES_OF_EVERY_OBJECT.has(key)) throw notAField(path);
      open.push({ value: child, field: path, depth: depth + 1 });
    }
  }
}

export const notAField = (field: string): DomainError => invalid({ field, error: 'is not a field of this request' });
