import { minorDigits } from '../../../../core/kernel/money.js';
import { isInstant } from '../../../../core/http/instants.js';
import { looksLikeFormula } from '../../../../core/spreadsheets/formulas.js';
import { LocalDay, LocalTime } from '../../../../core/spreadsheets/cell.js';
import { CellError, type ReadCell } from '../../../../core/spreadsheets/reading/table.js';
import type { ImportField, ValueType } from '../import-kinds.js';
import type { DateFormat } from '../mapping/column-mapping.js';
import { parseDay, type DayOrder } from './days.js';
import { NO_CURRENCY, parseAmount, parseInteger, type DecimalMark } from './numbers.js';
import { parseTime, splitDateTime } from './times.js';
import { parseWord, WORD_VALUES, type WordType } from './words.js';

/** A local time, or an instant if the text has an offset. Without `time`, only the day is known. */
export interface DateTimeValue {
  day?: string;
  time?: string;
  instant?: string;
}

export interface AmountValue {
  amount: number;
  currency: string | null;
}

export type FieldValue = string | number | string[] | DateTimeValue | AmountValue;

export interface CellProblem {
  field: string;
  error: string;
}

export interface RowValues {
  /** By field; empty cells are left out. */
  values: Record<string, FieldValue>;
  problems: CellProblem[];
  /** Of amounts without their own. */
  currency: string | null;
}

/** A column of the file that is read as a field. */
export interface MappedColumn {
  index: number;
  field: ImportField;
  /** Of texts with day and month as numbers. */
  order: DayOrder | DateFormat;
  /** Of texts with amounts. */
  decimalMark: DecimalMark | null;
}

type Result = { value: FieldValue } | { error: string };

/** Reads the cells of a row as the values of its fields. */
export function readRow(
  cells: readonly ReadCell[],
  columns: readonly MappedColumn[],
  currency: string | null,
): RowValues {
  const rowCurrency = findCurrency(cells, columns) ?? currency;
  const row: RowValues = { values: {}, problems: [], currency: rowCurrency };
  for (const { index, field, order, decimalMark } of columns) {
    const cell = cells[index] ?? null;
    if (cell === null) continue;
    const result =
      cell instanceof CellError
        ? { error: cell.reason }
        : readCell(cell, field.type, { order, decimalMark, currency: rowCurrency });
    if (result === null) continue;
    if ('error' in result) row.problems.push({ field: field.name, error: result.error });
    else row.values[field.name] = result.value;
  }
  return row;
}

/** The currency of the row, from its own column. */
function findCurrency(cells: readonly ReadCell[], columns: readonly MappedColumn[]): string | null {
  const column = columns.find(({ field }) => field.name === 'currency');
  const text = column ? cells[column.index] : null;
  return typeof text === 'string' && /^[a-z]{3}$/i.test(text.trim()) ? text.trim().toUpperCase() : null;
}

type Cell = Exclude<ReadCell, CellError | null>;

interface CellOptions extends Pick<MappedColumn, 'order' | 'decimalMark'> {
  currency: string | null;
}

function readCell(cell: Cell, type: ValueType, options: CellOptions): Result | null {
  const text = toText(cell);
  if (text === '') return null;
  switch (type) {
    case 'day':
      return readDay(cell, text, options);
    case 'time':
      return readTime(cell, text);
    case 'dateTime':
      return readDateTime(cell, text, options);
    case 'money':
      return readAmount(cell, text, options);
    case 'integer':
      return orError(typeof cell === 'number' ? toInteger(cell) : parseInteger(text), 'must be a whole number');
    case 'weekday':
    case 'sex':
    case 'mode':
    case 'status':
      return readWord(type, text);
    case 'list':
      return { value: [...new Set(text.split(/\s*[;,|\n]\s*/).filter(Boolean))] };
    default:
      return { value: text };
  }
}

/** An apostrophe before a text that looks like a formula was added by an export, or typed so that a number stays a text. */
function toText(cell: Cell): string {
  const text = String(cell).trim();
  return text.startsWith("'") && looksLikeFormula(text.slice(1)) ? text.slice(1) : text;
}

function readDay(cell: Cell, text: string, { order }: CellOptions): Result {
  if (cell instanceof LocalDay) return { value: cell.day };
  if (cell instanceof LocalTime) return { value: cell.toString().slice(0, 10) };
  if (typeof cell === 'number') return { error: 'is a number. Format the column as a date' };
  const parsed = parseDay(text, order);
  return 'day' in parsed ? { value: parsed.day } : parsed;
}

function readTime(cell: Cell, text: string): Result {
  if (cell instanceof LocalTime) return { value: cell.toString().slice(11, 16) };
  return orError(typeof cell === 'number' ? null : parseTime(text), 'must be a time, such as 09:30');
}

function readDateTime(cell: Cell, text: string, options: CellOptions): Result {
  if (cell instanceof LocalTime) return { value: { day: text.slice(0, 10), time: text.slice(11, 16) } };
  if (isInstant(text)) return { value: { instant: text } };
  const onlyTime = typeof cell === 'string' ? parseTime(text) : null;
  if (onlyTime !== null) return { value: { time: onlyTime } };
  const parts = splitDateTime(text);
  const day = readDay(parts ? parts.day : cell, parts?.day ?? text, options);
  if ('error' in day || typeof day.value !== 'string') return day;
  const time = parts ? parseTime(parts.time) : null;
  if (parts && time === null) return { error: 'must be a date with a time, such as 2026-11-23 09:30' };
  return { value: { day: day.value, ...(time !== null && { time }) } };
}

function readAmount(cell: Cell, text: string, { currency, decimalMark }: CellOptions): Result {
  if (typeof cell !== 'number') {
    const parsed = parseAmount(text, currency, decimalMark);
    return 'error' in parsed ? parsed : { value: parsed };
  }
  if (currency === null) return { error: NO_CURRENCY };
  return { value: { amount: Math.round(cell * 10 ** minorDigits(currency)), currency: null } };
}

function readWord(type: WordType, text: string): Result {
  const word = parseWord(type, text);
  if (word === undefined) return { error: `must be one of ${WORD_VALUES[type].join(', ')}` };
  return { value: type === 'weekday' ? Number(word) : word };
}

const toInteger = (value: number): number | null => (Number.isInteger(value) ? value : null);

const orError = (value: FieldValue | null, error: string): Result => (value === null ? { error } : { value });
