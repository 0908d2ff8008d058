import { expect, it } from '@jest/globals';
import readXlsx from 'read-excel-file/node';
import { unzip } from '../../../test/support/zip.js';
import { LocalDay } from './cell.js';
import { createWorkbook, type WorkbookSheet } from './workbook.js';

const SHEETS: WorkbookSheet[] = [
  {
    name: 'Figures',
    header: ['Figure', 'Now', 'Before'],
    rows: [
      ['Day', new LocalDay('2026-11-23'), null],
      ['=1+1', 2, 1.5],
      ['Visits', -3, 4],
    ],
    charts: [
      { title: 'A & B', firstRow: 2, lastRow: 3, series: [1, 2].map((column) => ({ name: `<${column}>`, column })) },
      { title: 'C', firstRow: 2, lastRow: 2, series: [{ name: 'now', column: 1 }] },
    ],
  },
  { name: 'الأطباء', header: ['الطبيب'], rows: [['منى']] },
];

const toArrayBuffer = (file: Buffer): ArrayBuffer => new Uint8Array(file).buffer;

it('has several sheets with typed cells, which another library reads', async () => {
  const sheets = await readXlsx(await createWorkbook(SHEETS));
  expect(sheets).toEqual([
    {
      sheet: 'Figures',
      data: [
        ['Figure', 'Now', 'Before'],
        ['Day', new Date('2026-11-23T00:00:00Z'), null],
        ['=1+1', 2, 1.5],
        ['Visits', -3, 4],
      ],
    },
    { sheet: 'الأطباء', data: [['الطبيب'], ['منى']] },
  ]);
});

it('has charts with the values of their sheet, and names all parts', async () => {
  const parts = await unzip(toArrayBuffer(await createWorkbook(SHEETS)));
  const read = (path: string): string => parts.get(path)?.toString() ?? '';
  expect(read('xl/worksheets/sheet1.xml')).toContain('<drawing r:id="rId1"/>');
  expect(read('xl/worksheets/sheet2.xml')).not.toContain('drawing');
  const chart = read('xl/charts/chart1-1.xml');
  expect(chart.match(/<c:f>[^<]*/g)).toEqual([
    "<c:f>'Figures'!$A$3:$A$4",
    "<c:f>'Figures'!$B$3:$B$4",
    "<c:f>'Figures'!$A$3:$A$4",
    "<c:f>'Figures'!$C$3:$C$4",
  ]);
  expect(chart).toContain('<a:t>A &amp; B</a:t>');
  expect(chart).toContain('<c:v>&lt;1&gt;</c:v>');
  const named = read('[Content_Types].xml').match(/PartName="[^"]*/g) ?? [];
  expect(named.map((name) => name.slice('PartName="/'.length)).sort()).toEqual(
    [...parts.keys()].filter((path) => !path.includes('rels') && !path.startsWith('[')).sort(),
  );
  const related = read('xl/drawings/_rels/drawing1.xml.rels').match(/Target="[^"]*/g);
  expect(related).toEqual(['Target="../charts/chart1-1.xml', 'Target="../charts/chart1-2.xml']);
});

it('runs from right to left if asked for', async () => {
  const parts = await unzip(toArrayBuffer(await createWorkbook(SHEETS, { isRightToLeft: true })));
  expect(parts.get('xl/worksheets/sheet1.xml')?.toString()).toContain('rightToLeft="1"');
  expect(parts.get('xl/charts/chart1-1.xml')?.toString()).toContain('<c:orientation val="maxMin"/>');
});
