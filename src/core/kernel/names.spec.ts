import { describe, expect, it } from '@jest/globals';
import { cleanName, hasControlCharacter, hasUrl, hasVisibleCharacter, hasWebAddress, withoutLinks } from './names.js';

const NAMES = [
  'Mona',
  'J.R. Smith',
  'St.John',
  'Dr.Ahmed',
  'O’Neill-van der Berg',
  'Anne-Marie Jr.',
  'علي حسن',
  'د.محمد',
  'أ.د.محمد',
  'डॉ.शर्मा',
  'नमस्ते',
  'می\u200cخواهم',
  'क्\u200dष',
  '葛\u{e0100}城',
  'X Æ A-12',
  '-',
];

describe('a name', () => {
  it.each(NAMES)('may be %p', (name) => {
    expect(cleanName(name)).toBe(name);
    expect(hasVisibleCharacter(name)).toBe(true);
    expect(hasControlCharacter(name)).toBe(false);
    expect(hasWebAddress(name)).toBe(false);
  });

  it.each(['\u200b', '\u202e', '\u200d\u200c', '\u2800', '\u3164', '\ufe0f', ' \u00a0 ', '\u0301', '\u00ad\u2060'])(
    'must have a visible character, unlike %j',
    (name) => {
      expect(hasVisibleCharacter(cleanName(name))).toBe(false);
    },
  );

  it('is cleaned of direction marks and zero-width spaces', () => {
    expect(cleanName('\u202aMona\u202c')).toBe('Mona');
    expect(cleanName('\u200bMo\u202ena\ufeff ')).toBe('Mona');
  });

  it.each(['a\nb', 'a\rb', 'a\tb', 'a\u0000b', 'a\u0085b', 'a\u2028b', 'a\u2029b'])(
    'must not contain a control character, such as %j',
    (name) => {
      expect(hasControlCharacter(name)).toBe(true);
    },
  );

  it.each([
    'https://evil.example/login',
    'Locked: http://evil.example',
    'HTTPS://EVIL.EXAMPLE',
    'ht\u200btps://evil.example',
    'www.evil.example',
    'evil.example/login',
    'go to bit.ly/x',
    'ftp://evil',
    'javascript:alert(1)',
    'mailto:a@b.example',
    'evil.example?x=1',
    'ｈｔｔｐｓ：//evil',
  ])('must not contain a URL, such as %p', (name) => {
    expect(hasUrl(name)).toBe(true);
    expect(hasWebAddress(name)).toBe(true);
  });

  it.each([
    'evil.example',
    'Call evil.com now',
    'EVIL.COM',
    'Evil．com',
    'evil。com',
    'evil｡com',
    'evil\u200d.com',
    'evil.c\u200com',
    'हिन्दी.com',
    'उदाहरण.भारत',
    'مثال.مصر',
    't.example',
    '192.0.2.1',
    'mona@example.org',
  ])('must not contain a web address, such as %j', (name) => {
    expect(hasWebAddress(name)).toBe(true);
  });

  it('is written in e-mails without anything that mail programs turn into a link', () => {
    expect(withoutLinks('Locked: https://evil.example/login')).toBe('Locked: https: //evil. example/login');
    expect(withoutLinks('हिन्दी.भारत and مثال.شبكة')).toBe('हिन्दी. भारत and مثال. شبكة');
    expect(withoutLinks('evil\u200d.com evil.\u200dcom evil。com')).toBe('evil\u200d. com evil. \u200dcom evil。 com');
    expect(withoutLinks('mona@example.org')).toBe('mona @ example. org');
    for (const name of ['Mona', 'J.R. Smith', 'علي']) expect(withoutLinks(name)).toBe(name);
  });
});
