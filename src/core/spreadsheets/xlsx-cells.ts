import { dayNumber } from '../kernel/zone.js';
import { LocalDay, MAX_CELL_CHARACTERS, type Cell } from './cell.js';
import { toColumnLetters } from './columns.js';
import { looksLikeFormula } from './formulas.js';
import { STYLE } from './xlsx-parts.js';

const DAY = 86_400_000;
/** The number of days from day 0 of spreadsheets to 1970-01-01. */
const EPOCH = 25_569;
/** 1900-03-01. Spreadsheets count a 29 February 1900, which did not exist, so earlier days are written as texts. */
const FIRST_DAY = 61;

/** Characters that XML cannot contain, and `_x0041_`, which Excel would decode. */
const NOT_IN_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)/g;
const NEEDS_ESCAPE = /[&<>\0-\x1f\ufffe\uffff]|_x/;

/** The XML of a row. @param number counts from 1 */
export const toXlsxRow = (number: number, cells: readonly Cell[]): string =>
  `<row r="${number}">${cells.map((cell, column) => toXlsxCell(`${toColumnLetters(column)}${number}`, cell)).join('')}</row>`;

export const toHeaderRow = (names: readonly string[]): string =>
  `<row r="1">${names.map((name, column) => toText(`${toColumnLetters(column)}1`, name, STYLE.HEADER)).join('')}</row>`;

function toXlsxCell(address: string, cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return toText(address, cell, looksLikeFormula(cell) ? STYLE.LITERAL : 0);
  if (typeof cell === 'number') return Number.isFinite(cell) ? `<c r="${address}"><v>${cell}</v></c>` : '';
  if (typeof cell === 'boolean') return `<c r="${address}" t="b"><v>${cell ? 1 : 0}</v></c>`;
  if (cell instanceof LocalDay) return toDate(address, dayNumber(cell.day) + EPOCH, STYLE.DAY, cell.day);
  return toDate(address, cell.milliseconds / DAY + EPOCH, STYLE.TIME, cell.toString());
}

const toDate = (address: string, serial: number, style: number, text: string): string =>
  serial < FIRST_DAY ? toText(address, text, 0) : `<c r="${address}" s="${style}"><v>${serial}</v></c>`;

/** Always a text, never a formula. Longer texts than a cell can have are cut, with an ellipsis. */
function toText(address: string, text: string, style: number): string {
  const fitting = text.length > MAX_CELL_CHARACTERS ? `${text.slice(0, MAX_CELL_CHARACTERS - 1)}…` : text;
  return `<c r="${address}"${style === 0 ? '' : ` s="${style}"`} t="inlineStr"><is><t xml:space="preserve">${toXml(fitting)}</t></is></c>`;
}

export function toXml(text: string): string {
  const whole = text.toWellFormed();
  if (!NEEDS_ESCAPE.test(whole)) return whole;
  return whole
    .replace(NOT_IN_XML, (one) => `_x${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}
