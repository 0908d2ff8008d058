import { rm } from 'node:fs/promises';
import { readCsv } from './csv-reader.js';
import type { TableFormat, TableRow } from './table.js';
import { readHead } from './text-encoding.js';
import { unreadable } from './unreadable.js';
import { readXlsx } from './xlsx-reader.js';

/** The first bytes of files that are no tables, or tables of another kind. */
const OTHER_FILES: readonly (readonly [RegExp, string])[] = [
  [
    /^\xd0\xcf\x11\xe0/,
    'is an old Excel file (.xls) or has a password. Save it as .xlsx without a password, or as csv.',
  ],
  [/^%PDF/, 'is a PDF file. Send a csv or xlsx file.'],
  [/^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml)/i, 'is a web page or XML. Save it as .xlsx or csv.'],
  [/^(?:\x1f\x8b|Rar!|7z\xbc\xaf)/, 'is an archive. Send the csv or xlsx file that is in it.'],
  [/^(?:\x89PNG|\xff\xd8\xff|GIF8)/, 'is a picture. Send a csv or xlsx file.'],
];

/** Detects the format by the content; the name of a file says nothing. @throws DomainError VALIDATION_ERROR for other kinds of files */
export async function detectTableFormat(path: string): Promise<TableFormat> {
  const head = (await readHead(path, 512)).toString('latin1');
  if (head.startsWith('PK\x03\x04')) return 'xlsx';
  const other = OTHER_FILES.find(([start]) => start.test(head));
  if (other) throw unreadable(other[1]);
  return 'csv';
}

/**
 * Reads a table row by row, in bounded memory. Ends early if the caller stops.
 * @throws DomainError VALIDATION_ERROR with the field `file`
 */
export async function* readTable(path: string, format: TableFormat): AsyncGenerator<TableRow, void> {
  if (format === 'csv') {
    yield* readCsv(path);
    return;
  }
  const texts = `${path}.texts`;
  await rm(texts, { force: true });
  try {
    yield* readXlsx(path, texts);
  } finally {
    await rm(texts, { force: true });
  }
}
