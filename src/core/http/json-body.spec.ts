import { describe, expect, it } from '@jest/globals';
import { isJson } from './json-body.js';
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
});

describe('isJson', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json; charset=utf8',
    'application/json; charset="UTF-8"',
    'application/json ; charset = us-ascii',
    'application/json;',
    'application/json; odata=verbose; charset=UTF8',
  ])('accepts %j', (type) => expect(isJson(type)).toBe(true));

  it.each([
    '',
    'text/json',
    'application/jsonp',
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/vnd.api+json',
    'application/json; charset=utf-16',
    'application/json; charset=iso-8859-1',
    'application/json; charset=',
    'application/json, application/json',
  ])('refuses %j', (type) => expect(isJson(type)).toBe(false));
});
