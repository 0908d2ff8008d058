import { describe, expect, it } from '@jest/globals';
import { measureCpuSeconds } from '../../../test/support/cpu-time.js';
import { withRepeatedFields } from './repeated-fields.js';

describe('withRepeatedFields', () => {
  it.each([
    ['{"a":true,"a":false}', { a: [true, false] }],
    ['{"a":{"b":1},"c":[],"a":{"b":2}}', { a: [{ b: 1 }, { b: 2 }], c: [] }],
    ['[{"a":"x","a":"\\"y"}]', [{ a: ['x', '"y'] }]],
    ['{"a":1,"a":1,"b":1e3,"b":-2.5}', { a: 1, b: [1000, -2.5] }],
  ])('returns all values of a repeated field: %s', (text, value) => expect(withRepeatedFields(text)).toEqual(value));

  it('returns undefined if no field is repeated with another value in the same object', () => {
    for (const text of ['{"a":1, "a":1}', '[{"a":1},{"a":2}]', '{"a":{"a":1}}', ' [] ', '"a"'])
      expect(withRepeatedFields(text)).toBeUndefined();
  });

  it('takes less than 3 s of CPU time for one field with 25,000 values', () => {
    const text = `{${Array.from({ length: 25_000 }, (_, n) => `"a":${n}`).join()}}`;
    let value: unknown;
    const seconds = measureCpuSeconds(() => (value = withRepeatedFields(text)));
    expect((value as { a: unknown[] }).a).toHaveLength(25_000);
    expect({ isSlow: seconds > 3 }).toEqual({ isSlow: false });
  });

  it('throws VALIDATION_ERROR for nesting that could overflow the stack', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(() => withRepeatedFields(`{"a":${deep},"a":1}`)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR' }),
    );
  });
});
