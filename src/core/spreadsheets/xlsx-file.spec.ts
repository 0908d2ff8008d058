import { buffer } from 'node:stream/consumers';
import { expect, it } from '@jest/globals';
import readXlsx from 'read-excel-file/node';
import { within } from '../../../test/support/eventually.js';
import { LocalDay, LocalTime, type Cell } from './cell.js';
import { createXlsx } from './xlsx-file.js';

type Batches = readonly (readonly (readonly Cell[])[])[];

async function* inBatches(batches: Batches): AsyncGenerator<readonly (readonly Cell[])[], void> {
  for (const batch of batches) yield await Promise.resolve(batch);
}

/** Reads the sheets with another library. */
async function open(batches: Batches, maxRows?: number) {
  const file = await buffer(createXlsx({ name: 'list', header: ['a', 'b'], batches: inBatches(batches) }, maxRows));
  return readXlsx(file, { trim: false });
}

it('has typed numbers, booleans, days and times, and empty cells', async () => {
  const [sheet] = await open([
    [
      [-5, 0.25],
      [true, null],
      [new LocalDay('2026-11-23'), new LocalTime(Date.UTC(2026, 10, 23, 9, 30, 15))],
    ],
  ]);
  expect(sheet?.data).toEqual([
    ['a', 'b'],
    [-5, 0.25],
    [true, null],
    [new Date('2026-11-23T00:00:00Z'), new Date('2026-11-23T09:30:15Z')],
  ]);
});

it.each(['=1+1', '+491701234567', '-3', '@SUM(A1)', '\tcmd', '＝1', '<b>&"', '00412', 'a\nb', 'منى', '_x0041_'])(
  'has %j as the same text (X-01)',
  async (text) => {
    const [sheet] = await open([[[text, 'b']]]);
    expect(sheet?.data[1]).toEqual([text, 'b']);
  },
);

it('has days before March 1900 as texts, because spreadsheets count them wrongly', async () => {
  const [sheet] = await open([[[new LocalDay('1899-05-06'), new LocalDay('1900-03-01')]]]);
  expect(sheet?.data[1]).toEqual(['1899-05-06', new Date('1900-03-01T00:00:00Z')]);
});

it('continues on further sheets, each with the header', async () => {
  const rows = (from: number, count: number) => Array.from({ length: count }, (_, index) => [from + index, 'x']);
  const sheets = await open([rows(1, 4), rows(5, 1), rows(6, 1)], 4);
  expect(sheets.map(({ sheet, data }) => [sheet, data.map(([first]) => first)])).toEqual([
    ['list', ['a', 1, 2, 3]],
    ['list-2', ['a', 4, 5, 6]],
  ]);
});

it('has one sheet with the header if there are no rows', async () => {
  expect(await open([])).toEqual([{ sheet: 'list', data: [['a', 'b']] }]);
});

it('fails if a batch cannot be read', async () => {
  async function* failing(): AsyncGenerator<readonly (readonly Cell[])[], void> {
    yield await Promise.resolve([[1, 2]]);
    throw new Error('the database is down');
  }
  const file = createXlsx({ name: 'list', header: ['a', 'b'], batches: failing() });
  await expect(buffer(file)).rejects.toThrow('the database is down');
});

it('closes the batches if it is not read to the end', async () => {
  let started = false;
  let close: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (close = resolve));
  async function* endless(): AsyncGenerator<readonly (readonly Cell[])[], void> {
    try {
      for (let number = 1; ; number += 1) {
        started = true;
        yield await Promise.resolve([[number, `${Math.sqrt(number)}`]]);
      }
    } finally {
      close();
    }
  }
  const file = createXlsx({ name: 'list', header: ['a', 'b'], batches: endless() });
  file.on('data', () => started && file.destroy());
  await within('the end of the batches', closed);
});
