import { describe, expect, it } from '@jest/globals';
import { decodeExtendedJson } from './extended-json.js';

describe('Extended JSON', () => {
  it.each([
    [{ $oid: '65f000000000000000000001' }, '65f000000000000000000001'],
    [{ $date: '2024-12-02T07:30:00Z' }, '2024-12-02T07:30:00Z'],
    [{ $date: { $numberLong: '1733124600000' } }, '2024-12-02T07:30:00.000Z'],
    [{ $date: { $numberLong: '-1' } }, '1969-12-31T23:59:59.999Z'],
    [{ $numberInt: '42' }, 42],
    [{ $numberLong: '9007199254740993' }, '9007199254740993'],
    [{ $numberDouble: '4.5' }, 4.5],
    [{ $numberDecimal: '350.50' }, 350.5],
    [{ $binary: { base64: 'Ej5FZ+ibEtOkVkJmFBdAAA==', subType: '04' } }, '123e4567-e89b-12d3-a456-426614174000'],
    [{ $binary: { base64: 'aGk=', subType: '00' } }, 'aGk='],
    [{ $undefined: true }, null],
    [
      { $oid: 'a', other: 1 },
      { $oid: 'a', other: 1 },
    ],
    [{ list: [{ $numberInt: '1' }, { nested: { $oid: 'b' } }] }, { list: [1, { nested: 'b' }] }],
    ['text', 'text'],
    [null, null],
  ])('decodes %j', (value, decoded) => {
    expect(decodeExtendedJson(value)).toEqual(decoded);
  });
});
