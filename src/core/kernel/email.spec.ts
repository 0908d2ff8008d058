import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalEmail } from './email.js';

const MONA = 'mona@example.org';

describe('the canonical form of an e-mail address', () => {
  it.each([
    ['a zero-width space in front', '\u200bmona@example.org'],
    ['isolates around it', '\u2068mona@example.org\u2069'],
    ['an embedding around it', '\u202amona@example.org\u202c'],
    ['marks and joiners inside', 'mo\u200dna\u200e@exam\u00adple.org'],
    ['a byte order mark', '\ufeffmona@example.org'],
    ['a Hangul filler', 'mona\u3164@example.org'],
    ['a variation selector', 'mona\ufe0f@example.org'],
    ['a tag character', 'mona\u{e0041}@example.org'],
    ['blanks around it', '\u00a0 mona@example.org\u3000\n'],
    ['capitals', 'MONA@Example.ORG'],
    ['full-width letters', 'ｍｏｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ'],
    ['an ideographic full stop in the domain', 'mona@example。org'],
    ['quotes that it does not need', '"mona"@example.org'],
    ['quoted characters that need no quotes', '"m\\ona"@example.org'],
  ])('is the same with %s', (_, typed) => {
    expect(canonicalEmail(typed)).toBe(MONA);
  });

  it.each([
    ['münchen.example', 'xn--mnchen-3ya.example'],
    ['MÜNCHEN.example', 'xn--mnchen-3ya.example'],
    ['mu\u0308nchen.example', 'xn--mnchen-3ya.example'],
    ['xn--mnchen-3ya.example', 'xn--mnchen-3ya.example'],
    ['XN--MNCHEN-3YA.example', 'xn--mnchen-3ya.example'],
    ['मेल.example', 'xn--r2bi6d.example'],
    ['مثال.example', 'xn--mgbh0fb.example'],
  ])('has the domain %s in ASCII', (domain, ascii) => {
    expect(canonicalEmail(`mona@${domain}`)).toBe(`mona@${ascii}`);
  });

  it('distinguishes letters that look alike, and does not change invalid host names', () => {
    expect(canonicalEmail('m\u043ena@example.org')).not.toBe(MONA);
    for (const odd of ['mona@ex%61mple.org', 'mona@127.1', 'mona@exa mple.org', 'mona', 'mona@xn--invalid-zzzz']) {
      expect(canonicalEmail(odd)).toBe(odd);
    }
  });

  it('keeps necessary quotes', () => {
    for (const quoted of ['"mo na"@example.org', '"mo..na"@example.org', '"m\\"ona"@example.org', '""@example.org']) {
      expect(canonicalEmail(quoted)).toBe(quoted);
    }
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.domain(), (local, domain) => {
        const once = canonicalEmail(`${local}@${domain}`);
        expect(canonicalEmail(once)).toBe(once);
        const quoted = canonicalEmail(`"${local}"@${domain}`);
        expect(canonicalEmail(quoted)).toBe(quoted);
      }),
    );
  });
});
