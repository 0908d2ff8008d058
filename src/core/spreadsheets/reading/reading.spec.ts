import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import iconv from 'iconv-lite';
import { ZipFile } from 'yazl';
import { LocalDay, LocalTime, type Cell } from '../cell.js';
import { createXlsx } from '../xlsx-file.js';
import { detectTableFormat, readTable } from './read-table.js';
import { CellError, type ReadCell } from './table.js';

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-tables-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function store(content: Buffer | string): Promise<string> {
  const path = join(folder, `${(files += 1)}`);
  await writeFile(path, content);
  return path;
}

async function readRows(content: Buffer | string): Promise<[number, ...ReadCell[]][]> {
  const path = await store(content);
  const rows: [number, ...ReadCell[]][] = [];
  for await (const { number, cells } of readTable(path, await detectTableFormat(path))) rows.push([number, ...cells]);
  return rows;
}

const readError = (content: Buffer | string): Promise<string> =>
  readRows(content).then(
    () => 'no error',
    (error: { code?: string; details?: { error: string }[] }) => `${error.code}: ${JSON.stringify(error.details)}`,
  );

describe('csv', () => {
  it.each([
    ['UTF-8', 'utf8', ''],
    ['UTF-8 with a byte order mark', 'utf8', '\uFEFF'],
    ['UTF-16, little-endian', 'utf16le', '\uFEFF'],
    ['UTF-16, big-endian', 'utf16be', '\uFEFF'],
    ['UTF-16 without a mark', 'utf16le', ''],
    ['Windows-1256', 'windows-1256', ''],
  ])('in %s has Arabic letters', async (_, encoding, mark) => {
    const text = `${mark}الاسم,الهاتف\r\nمنى حسن,0100\r\nعلي كريم,0111\r\n`;
    expect(await readRows(iconv.encode(text, encoding, { addBOM: false }))).toEqual([
      [1, 'الاسم', 'الهاتف'],
      [2, 'منى حسن', '0100'],
      [3, 'علي كريم', '0111'],
    ]);
  });

  it('in Windows-1252 has European letters', async () => {
    const text = 'Prénom;Nom\r\nJosé;Muñoz\r\nZoë;Müller\r\nÀgnès;Größe\r\n';
    expect((await readRows(iconv.encode(text, 'windows-1252')))[3]).toEqual([4, 'Àgnès', 'Größe']);
  });

  it.each([',', ';', '\t', '|'])('finds the separator %j', async (separator) => {
    const text = `name${separator}notes\nMona${separator}"a,b;c|d\te"\nAli${separator}x, y; z\n`;
    const quoted = text.replace('x, y; z', '"x, y; z"');
    expect(await readRows(quoted)).toEqual([
      [1, 'name', 'notes'],
      [2, 'Mona', 'a,b;c|d\te'],
      [3, 'Ali', 'x, y; z'],
    ]);
  });

  it('takes the separator that the first line names', async () => {
    expect(await readRows('sep=;\r\na;b,c\r\n1;2,5\r\n')).toEqual([
      [1, 'a', 'b,c'],
      [2, '1', '2,5'],
    ]);
  });

  it('counts lines of quoted texts and empty rows as a spreadsheet does', async () => {
    expect(await readRows('a,b\n"line 1\nline 2",2\n\n,\n3,4\n')).toEqual([
      [1, 'a', 'b'],
      [2, 'line 1\nline 2', '2'],
      [5, '3', '4'],
    ]);
  });

  it('may end its header with CRLF and its rows with LF', async () => {
    expect(await readRows('a,b\r\nMona,x\nAli,"y\r\nz"\nZoe,1\n')).toEqual([
      [1, 'a', 'b'],
      [2, 'Mona', 'x'],
      [3, 'Ali', 'y\r\nz'],
      [4, 'Zoe', '1'],
    ]);
  });

  it('has one column without a separator', async () => {
    expect(await readRows('name\nMona')).toEqual([
      [1, 'name'],
      [2, 'Mona'],
    ]);
  });

  it('refuses an open quote, a row without end and a binary file', async () => {
    expect(await readError('a,b\n1,"2\n3,4\n')).toMatch(/VALIDATION_ERROR.*quotation mark/);
    expect(await readError(`a,b\n"${'x'.repeat(1_100_000)}`)).toMatch(/VALIDATION_ERROR/);
    expect(await readError(Buffer.concat([Buffer.from('abc\0\x01def\0\0\0xyz'), Buffer.alloc(300)]))).toMatch(
      /VALIDATION_ERROR.*not a table/,
    );
  });
});

type Parts = Record<string, string | Buffer>;

const toZip = async (parts: Parts): Promise<Buffer> => {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(parts)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return buffer(zip.outputStream);
};

const REL = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A workbook with one sheet, as small as the standard allows. */
const workbook = (sheet: string, parts: Parts = {}): Parts => ({
  '_rels/.rels': `<Relationships><Relationship Id="r1" Type="${REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `<workbook xmlns:r="${REL}"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="r1" Type="${REL}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${REL}/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="r3" Type="${REL}/styles" Target="styles.xml"/></Relationships>`,
  'xl/styles.xml': `<styleSheet><numFmts count="2"><numFmt numFmtId="164" formatCode="[$-409]d\\-mmm\\-yy;@"/><numFmt numFmtId="165" formatCode="0.00&quot; days&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="20"/></cellXfs></styleSheet>`,
  'xl/worksheets/sheet1.xml': sheet,
  ...parts,
});

const toSheet = (rows: string, after = ''): string => `<worksheet><sheetData>${rows}</sheetData>${after}</worksheet>`;

const xlsx = async (sheet: string, parts: Parts = {}): Promise<[number, ...ReadCell[]][]> =>
  readRows(await toZip(workbook(sheet, parts)));

describe('xlsx', () => {
  it('has what the exports write', async () => {
    const rows: Cell[][] = [
      ['منى', -5, 0.25, true, null, '=1+1'],
      ['_x0041_\r\n', 7, new LocalDay('1988-04-02'), new LocalTime(Date.UTC(2026, 10, 23, 9, 30)), null, ' '],
    ];
    async function* batches(): AsyncGenerator<Cell[][], void> {
      yield await Promise.resolve(rows);
    }
    const header = ['a', 'b', 'c', 'd', 'e', 'f'];
    const file = await buffer(createXlsx({ name: 'list', header, batches: batches() }));
    expect(await readRows(file)).toEqual([[1, ...header], ...rows.map((row, index) => [index + 2, ...row])]);
  });

  it('has shared, inline and formatted texts, without phonetic ones', async () => {
    const rows = await xlsx(
      toSheet(
        '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="C3" t="s"><v>1</v></c><c r="D3" t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c></row>',
      ),
      {
        'xl/sharedStrings.xml':
          '<sst><si><t>one &amp; two</t></si><si><r><t>ri</t></r><r><t xml:space="preserve">ch </t></r><rPh sb="0" eb="1"><t>no</t></rPh></si></sst>',
      },
    );
    expect(rows).toEqual([[3, 'one & two', null, 'rich ', 'inline']]);
  });

  it('has dates by the format of their cells, and times', async () => {
    const cell = (address: string, style: number, value: string) =>
      `<c r="${address}" s="${style}"><v>${value}</v></c>`;
    const row = (n: number) =>
      `<row r="${n}">${cell(`A${n}`, 1, '32235')}${cell(`B${n}`, 2, '46349.395833333336')}${cell(`C${n}`, 3, '32235')}${cell(`D${n}`, 4, '0.3958333333')}</row>`;
    const day = new LocalTime(Date.UTC(2026, 10, 23, 9, 30));
    expect(await xlsx(toSheet(row(1)))).toEqual([[1, new LocalDay('1988-04-02'), day, 32235, '09:30']]);
    const old = `<workbook xmlns:r="${REL}"><workbookPr date1904="1"/><sheets><sheet name="s" r:id="r1"/></sheets></workbook>`;
    expect(await xlsx(toSheet(`<row>${cell('A1', 1, '30773')}</row>`), { 'xl/workbook.xml': old })).toEqual([
      [1, new LocalDay('1988-04-02')],
    ]);
  });

  it('counts days as Excel does, with a 29 February 1900', async () => {
    const cells = [1, 59, 60, 61].map((value) => `<c s="1"><v>${value}</v></c>`).join('');
    expect(await xlsx(toSheet(`<row>${cells}</row>`))).toEqual([
      [1, new LocalDay('1900-01-01'), new LocalDay('1900-02-28'), 60, new LocalDay('1900-03-01')],
    ]);
  });

  it('has the stored values of formulas, and errors where there is none', async () => {
    const cells =
      '<c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"x"</f><v>x</v></c><c r="C1"><f>1+1</f></c><c r="D1" t="e"><v>#N/A</v></c><c r="E1" t="b"><v>0</v></c>';
    const [row] = await xlsx(toSheet(`<row r="1">${cells}</row>`));
    expect(row).toEqual([1, 2, 'x', new CellError(''), new CellError('#N/A'), false]);
  });

  it('has the first value in all cells of a merged range', async () => {
    const cell = (address: string, value: number) => `<c r="${address}"><v>${value}</v></c>`;
    const rows = `<row r="1">${cell('A1', 1)}${cell('B1', 2)}</row><row r="2" hidden="1">${cell('B2', 3)}</row><row r="4"><c r="A4"/>${cell('B4', 5)}</row>`;
    const merged = '<mergeCells count="2"><mergeCell ref="A1:A4"/><mergeCell ref="B1:D1"/></mergeCells>';
    expect(await xlsx(toSheet(rows, merged))).toEqual([
      [1, 1, 2, 2, 2],
      [2, 1, 3],
      [4, 1, 5],
    ]);
  });

  it('reads the first sheet that is not hidden', async () => {
    const sheets = `<workbook xmlns:x="${REL}"><sheets><sheet name="h" state="hidden" x:id="r2"/><sheet name="s" x:id="r1"/></sheets></workbook>`;
    const rows = await xlsx(toSheet('<row><c><v>1</v></c></row>'), { 'xl/workbook.xml': sheets });
    expect(rows).toEqual([[1, 1]]);
  });

  it('keeps many texts in a file, which it deletes', async () => {
    const count = 30_000;
    const strings = Array.from({ length: count }, (_, n) => `<si><t>text ${n} ${'é'.repeat(n % 90)}</t></si>`).join('');
    const rows = Array.from({ length: count }, (_, n) => `<row><c t="s"><v>${count - 1 - n}</v></c></row>`).join('');
    const read = await xlsx(toSheet(rows), { 'xl/sharedStrings.xml': `<sst>${strings}</sst>` });
    expect(read).toHaveLength(count);
    expect(read.every(([number, text]) => text === `text ${count - number} ${'é'.repeat((count - number) % 90)}`)).toBe(
      true,
    );
    expect((await readdir(folder)).filter((name) => name.endsWith('.texts'))).toEqual([]);
  });

  it('refuses entities and document types', async () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>`;
    expect(await readError(await toZip(workbook(bomb)))).toMatch(/VALIDATION_ERROR.*document type/);
    expect(await readError(await toZip(workbook(toSheet('<row><c t="str"><v>&b;</v></c></row>'))))).toMatch(
      /VALIDATION_ERROR.*damaged/,
    );
  });

  it('refuses files that are too large when they are unpacked (U-04)', async () => {
    const zeros = await toZip(workbook(toSheet(' '.repeat(20_000_000))));
    expect(await readError(zeros)).toMatch(/VALIDATION_ERROR.*too large/);
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`xl/media/${n}`, '']));
    expect(await readError(await toZip(workbook(toSheet(''), many)))).toMatch(/VALIDATION_ERROR.*1000 files/);
  });

  it('refuses an entry with more bytes than it declares (U-04)', async () => {
    const sheet = Buffer.from(toSheet(`<row><c><v>1</v></c></row>${' '.repeat(100_000)}`));
    const file = await toZip({ ...workbook(''), 'xl/worksheets/sheet1.xml': sheet });
    const declared = Buffer.alloc(4);
    declared.writeUInt32LE(sheet.length);
    const smaller = Buffer.alloc(4);
    smaller.writeUInt32LE(500);
    for (let at = file.indexOf(declared); at >= 0; at = file.indexOf(declared, at)) smaller.copy(file, at);
    expect(deflateRawSync(sheet).length).toBeLessThan(1_000);
    expect(await readError(file)).toMatch(/VALIDATION_ERROR.*damaged/);
  });

  it('refuses damaged and incomplete files with a clear message', async () => {
    const whole = await toZip(workbook(toSheet('<row><c><v>1</v></c></row>')));
    for (const length of [10, 200, whole.length - 30]) {
      expect(await readError(whole.subarray(0, length))).toMatch(/VALIDATION_ERROR.*damaged/);
    }
    expect(await readError(await toZip(workbook('<worksheet><sheetData><row>')))).toMatch(/VALIDATION_ERROR.*damaged/);
    expect(await readError(await toZip({ 'a.txt': 'x' }))).toMatch(/VALIDATION_ERROR.*damaged/);
    expect(await readError(await toZip(workbook(toSheet('<row><c r="ZZ1"><v>1</v></c></row>'))))).toMatch(
      /VALIDATION_ERROR.*200 columns/,
    );
  });

  it('refuses a cell of many short texts before it has read them all', async () => {
    const parts = '<t>abcdefghi</t>'.repeat(4_000);
    // The damage behind the text is not reached.
    const cell = `<row><c t="inlineStr"><is>${parts}</is></c></row><broken`;
    expect(await readError(await toZip(workbook(toSheet(cell))))).toMatch(/VALIDATION_ERROR.*text that is too long/);
    const strings = { 'xl/sharedStrings.xml': `<sst><si>${parts}</si><broken` };
    const shared = toSheet('<row><c t="s"><v>0</v></c></row>');
    expect(await readError(await toZip(workbook(shared, strings)))).toMatch(/VALIDATION_ERROR.*text that is too long/);
  });

  it.each([
    ['comment', '<!--', '-->'],
    ['CDATA section', '<![CDATA[', ']]>'],
  ])('refuses a long %s, also with < in it', async (_, open, close) => {
    const filler = Array.from({ length: 200_000 }, (__, n) => `<b${n % 7_919}`).join('');
    const sheet = toSheet(`<row><c><v>1</v></c></row>${open}${filler}${close}`);
    expect(await readError(await toZip(workbook(sheet)))).toMatch(/VALIDATION_ERROR.*text that is too long/);
  });

  it('names other kinds of files', async () => {
    expect(await readError(Buffer.from('d0cf11e0a1b11ae1', 'hex'))).toMatch(/old Excel file/);
    expect(await readError(await toZip({ 'content.xml': '<a/>' }))).toMatch(/OpenDocument/);
    expect(await readError('%PDF-1.7')).toMatch(/PDF/);
    expect(await readError('<html><table></table></html>')).toMatch(/web page/);
  });
});
