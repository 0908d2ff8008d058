import { describe, expect, it } from '@jest/globals';
import { decodeText } from './charset.js';

describe('a text in a character set', () => {
  it.each<[string, Buffer, string[], string]>([
    ['ISO_IR 100', Buffer.from('M\xfcller', 'latin1'), ['ISO_IR 100'], 'Müller'],
    ['UTF-8', Buffer.from('السيد^محمد'), ['ISO_IR 192'], 'السيد^محمد'],
    ['UTF-8 that declares Latin-1', Buffer.from('Müller'), ['ISO_IR 100'], 'Müller'],
    ['UTF-8 that declares Thai', Buffer.from('สมชาย'), ['ISO_IR 166'], 'สมชาย'],
    ['Thai', Buffer.from('cac1aad2c2', 'hex'), ['ISO_IR 166'], 'สมชาย'],
    ['UTF-8 that declares nothing', Buffer.from('Müller'), [], 'Müller'],
    ['ISO_IR 127 (PS3.5 I.1)', Buffer.from('e2c8c7e6ea5ee4e6d2c7d1', 'hex'), ['ISO_IR 127'], 'قباني^لنزار'],
    ['ISO_IR 144', Buffer.from('\xb8\xd2\xd0\xdd\xde\xd2', 'latin1'), ['ISO_IR 144'], 'Иванов'],
    ['GB18030', Buffer.from('cdf55ed0a1b6ab', 'hex'), ['GB18030'], '王^小东'],
    [
      'Korean with escapes (PS3.5 I.2)',
      Buffer.from(
        'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf',
        'latin1',
      ),
      ['', 'ISO 2022 IR 149'],
      'Hong^Gildong=洪^吉洞=홍^길동',
    ],
    [
      'Japanese with escapes (PS3.5 H.3.1)',
      Buffer.from('Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B', 'latin1'),
      ['', 'ISO 2022 IR 87'],
      'Yamada^Tarou=山田^太郎=やまだ^たろう',
    ],
    [
      'half-width Japanese (PS3.5 H.3.2)',
      Buffer.from('\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J', 'latin1'),
      ['ISO 2022 IR 13', 'ISO 2022 IR 87'],
      'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎',
    ],
    ['Latin-1 that declares nothing', Buffer.from('M\xfcller', 'latin1'), [], 'M\uFFFDller'],
  ])('%s', (_, bytes, declared, text) => {
    expect(decodeText(bytes, declared)).toBe(text);
  });
});
