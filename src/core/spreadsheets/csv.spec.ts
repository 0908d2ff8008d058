import { expect, it } from '@jest/globals';
import { LocalDay, LocalTime } from './cell.js';
import { toCsv } from './csv.js';

it('begins with a byte order mark, and ends every row with CRLF', () => {
  expect(
    toCsv([
      ['Patient', 'Status'],
      ['منى', null],
    ]),
  ).toBe('\uFEFFPatient,Status\r\nمنى,\r\n');
});

it('quotes commas, quotation marks and line breaks', () => {
  expect(toCsv([['a,b', 'say "yes"', 'two\nlines']])).toBe('\uFEFF"a,b","say ""yes""","two\nlines"\r\n');
});

it.each(['=1+1', '+2', '-3', '@SUM(A1)', '\tcmd', '\r=1', ' =1', '=HYPERLINK("https://evil.example")', '＝1', '\0=1'])(
  'does not let a spreadsheet run %j (X-01)',
  (text) => {
    expect(toCsv([[text]])).toBe(`\uFEFF"'${text.replaceAll('"', '""')}"\r\n`);
  },
);

it('has all digits of a telephone number, which a spreadsheet would otherwise read as a number (X-01)', () => {
  expect(toCsv([['+491701234567']])).toBe(`\uFEFF"'+491701234567"\r\n`);
});

it('writes numbers, also negative ones, as they are, and days and times as spreadsheets read them', () => {
  const time = new LocalTime(Date.UTC(2026, 10, 23, 9, 5, 7));
  expect(toCsv([[-5, 0.5, true, new LocalDay('2026-11-23'), time]])).toBe(
    '\uFEFF-5,0.5,true,2026-11-23,2026-11-23 09:05:07\r\n',
  );
});
