import { describe, expect, it } from '@jest/globals';
import { decodeText } from './charset.js';
import type { DicomDataset } from './elements.js';
import { parseBirthDate, comparePatient, type PatientMismatch } from './patient.js';

const file = (tags: Record<string, Buffer | string>): DicomDataset =>
  Object.fromEntries(
    Object.entries(tags).map(([tag, value]) => [tag, { vr: 'LO', bytes: Buffer.from(value), items: null }]),
  );
const MONA = { firstName: 'Mona', lastName: 'Hassan', dateOfBirth: '1988-04-02', mrns: ['MRN-0042'] };

describe('the patient of a file', () => {
  it.each<[string, Record<string, string>, PatientMismatch]>([
    ['nothing', {}, 'NOT_CHECKED'],
    ['an empty name', { '00100010': '^^^^' }, 'NOT_CHECKED'],
    ['another script', { '00100010': 'حسن^منى' }, 'NOT_CHECKED'],
    ['the name in the second group', { '00100010': '=HASSAN^MONA' }, 'NONE'],
    ['the name in the third group', { '00100010': '王^小=王^小=Hassan^Mona' }, 'NONE'],
    ['only the prefix that agrees', { '00100010': 'SMITH^JANE^^MONA' }, 'MISMATCH'],
    ['another name', { '00100010': 'SMITH^JANE' }, 'MISMATCH'],
    ['the same id', { '00100020': 'mrn 0042 ' }, 'NONE'],
    ['an id of zeros', { '00100020': '0000' }, 'NOT_CHECKED'],
    ['another id', { '00100020': 'MRN-0043' }, 'MISMATCH'],
    ['the name, and another birth date', { '00100010': 'HASSAN^MONA', '00100030': '19880403' }, 'MISMATCH'],
    ['the name, and no birth date', { '00100010': 'HASSAN^MONA', '00100030': '00000000' }, 'NONE'],
    ['a name in a file whose identity was removed', { '00100010': 'CASE^SEVEN', '00120062': 'YES' }, 'NOT_CHECKED'],
  ])('compared by %s: %s', (_, tags, match) => {
    expect(comparePatient(file(tags), MONA)).toBe(match);
  });

  it.each([
    ['19880402', '1988-04-02'],
    ['1988.04.02', '1988-04-02'],
    ['1988-04-02', '1988-04-02'],
    ['1988/04/02', '1988-04-02'],
    ['٢٠٠١٠٢٠٣', '2001-02-03'],
    ['20000229', '2000-02-29'],
    ['00000000', null],
    ['19880230', null],
    ['19010229', null],
    ['19881301', null],
    ['19000101', null],
    ['99991231', null],
    ['1988', null],
    ['198804', null],
    ['02041988', null],
    ['19880402-19880403', null],
    ['', null],
  ])('birth date %s is read as %s', (text, date) => {
    expect(parseBirthDate(text)).toBe(date);
  });
});

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
