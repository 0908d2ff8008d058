import { DomainError, invalid } from '../kernel/domain-error.js';

/** The maximum size of a JSON body. */
export const MAX_BODY_BYTES = 256 * 1024;
/** The maximum time until a JSON body has arrived completely. */
export const MAX_BODY_MILLISECONDS = 30_000;
const MAX_DEPTH = 20;
const MAX_KEYS = 5_000;

/**
 * Names of the members of every object (`constructor`, `__proto__`, `toString` …). They are refused here as unknown fields, because
 * class-transformer would drop them without an error.
 */
export const OBJECT_MEMBER_NAMES: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
]);

/**
 * Refuses deep nesting, very many keys, names of object members and NUL characters, which JSON.parse accepts. Not recursive, so that
 * deep nesting cannot overflow the stack.
 * @throws DomainError VALIDATION_ERROR, PAYLOAD_TOO_LARGE
 */
export function checkJson(body: unknown): void {
  let keys = 0;
  const pending: { value: unknown; field: string; depth: number }[] = [{ value: body, field: '', depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, field, depth } = next;
    if (typeof value === 'string' && value.includes('\0'))
      throw invalid({ field, error: 'must not contain a NUL character' });
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH) throw nestedTooDeeply();
    const isList = Array.isArray(value);
    for (const [key, child] of Object.entries(value)) {
      keys += 1;
      if (keys > MAX_KEYS) throw new DomainError('PAYLOAD_TOO_LARGE', 'The body has too many fields.');
      const path = isList ? `${field}[${key}]` : field ? `${field}.${key}` : key;
      if (OBJECT_MEMBER_NAMES.has(key)) throw unknownField(path);
      pending.push({ value: child, field: path, depth: depth + 1 });
    }
  }
}

export const nestedTooDeeply = (): DomainError =>
  new DomainError('VALIDATION_ERROR', 'The body is nested too deeply.', []);

export const unknownField = (field: string): DomainError => invalid({ field, error: 'is not a field of this request' });
