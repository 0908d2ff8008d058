import { describe, expect, it } from '@jest/globals';
import { isJson } from './json-body.js';

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
