import { describe, expect, it } from '@jest/globals';
import { matchesTag, opaqueTag, opaqueTags } from './entity-tag.js';

describe('opaqueTag', () => {
  it.each(['"3"', 'W/"3"', 'w/"3"', ' "3" ', '"3-gzip"', '"3;gzip"', '"3--gzip"', 'W/"3-br"', '"3-zstd"'])(
    'reads 3 from %s',
    (text) => expect(opaqueTag(text)).toBe('3'),
  );

  it.each(['3', '', '"3', '"3", "4"', '"a b"', "'3'"])('is null for %j', (text) => expect(opaqueTag(text)).toBeNull());
});

describe('opaqueTags', () => {
  it.each([
    ['"3"', ['3']],
    ['"a,b", W/"3-gzip",', ['a,b', '3']],
    [', "3"', ['3']],
    ['', []],
  ])('reads the list %j', (header, tags) => expect(opaqueTags(header)).toEqual(tags));

  it.each(['3', '"3', '"3", x', "'3'"])('is null for %j', (header) => expect(opaqueTags(header)).toBeNull());
});

describe('matchesTag', () => {
  it.each(['"3"', 'W/"3"', '"3-gzip"', '"1", W/"3"', '*', '"2","3--gzip"'])('finds "3" in %s', (header) =>
    expect(matchesTag(header, '"3"')).toBe(true),
  );

  it.each([undefined, '', '3', '"13"', '"3', 'W/"33"'])('does not find "3" in %j', (header) =>
    expect(matchesTag(header, '"3"')).toBe(false),
  );
});
