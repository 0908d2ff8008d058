import { LocalDay, type Cell } from './cell.js';
import { looksLikeFormula } from './formulas.js';

/** The first character of a CSV file: spreadsheets then read it as UTF-8. */
export const BYTE_ORDER_MARK = '\uFEFF';

/** A complete CSV file. */
export const toCsv = (rows: readonly (readonly Cell[])[]): string => BYTE_ORDER_MARK + toCsvRows(rows);

/**
 * Rows of a CSV file (RFC 4180) that spreadsheets open safely: texts that they would run as formulas begin with an apostrophe. Numbers
 * have no such prefix, also negative ones.
 */
export const toCsvRows = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => `${row.map(toCsvCell).join(',')}\r\n`).join('');

function toCsvCell(cell: Cell): string {
  if (cell === null) return '';
  if (cell instanceof LocalDay) return cell.day;
  if (typeof cell !== 'string') return String(cell);
  if (looksLikeFormula(cell)) return quoted(`'${cell}`);
  return /[",\r\n]/.test(cell) ? quoted(cell) : cell;
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
