import { expect, it } from '@jest/globals';
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

it.each(['=1+1', '+2', '-3', '@SUM(A1)', '\tcmd', '\r=1', ' =1', '=HYPERLINK("https://evil.example")', '＝1'])(
  'does not let a spreadsheet run %j',
  (text) => {
    expect(toCsv([[text]])).toBe(`\uFEFF"'${text.replaceAll('"', '""')}"\r\n`);
  },
);
