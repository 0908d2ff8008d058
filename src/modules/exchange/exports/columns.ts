import { LocalDay, LocalTime, type Cell } from '../../../core/spreadsheets/cell.js';
import type { Zone } from '../../../core/kernel/zone.js';

/** INSTANT: as the local time of the row's clinic. OFFSET: that time's offset from UTC. ZONE: the zone of the row's times. */
type ColumnType = 'VALUE' | 'DAY' | 'INSTANT' | 'OFFSET' | 'ZONE';

/** A column of an exported list. */
export interface Column {
  /** The path of the field in the API's answer, such as `price.amount`. */
  header: string;
  type: ColumnType;
  path: readonly string[];
}

const toColumn = (type: ColumnType, path: string, header = path): Column => ({ header, type, path: path.split('.') });

/** Texts, numbers and booleans as they are, lists joined by semicolons, and other objects as JSON. */
export const values = (...paths: string[]): Column[] => paths.map((path) => toColumn('VALUE', path));
export const days = (...paths: string[]): Column[] => paths.map((path) => toColumn('DAY', path));
export const instants = (...paths: string[]): Column[] => paths.map((path) => toColumn('INSTANT', path));
/** Tells the two times apart that the clocks show twice. */
export const offset = (path: string): Column => toColumn('OFFSET', path, `${path}UtcOffset`);
export const LOCAL_ZONE: Column = toColumn('ZONE', '', 'localTimeZone');

/** The cells of a row. @param zone of the row's local times */
export const toCells = (row: object, columns: readonly Column[], zone: Zone): Cell[] =>
  columns.map(({ type, path }) => (type === 'ZONE' ? zone.name : toCell(getField(row, path), type, zone)));

const getField = (row: object, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], row);

function toCell(value: unknown, type: ColumnType, zone: Zone): Cell {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'DAY':
      return new LocalDay(value as string);
    case 'INSTANT': {
      const instant = toInstant(value);
      return new LocalTime(instant + zone.offsetAt(instant));
    }
    case 'OFFSET':
      return toOffset(zone.offsetAt(toInstant(value)));
    default:
      return toValue(value);
  }
}

/** Instants of objects that PostgreSQL writes as JSON are texts. */
const toInstant = (value: unknown): number => (value instanceof Date ? value.getTime() : Date.parse(value as string));

function toValue(value: unknown): Cell {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  // A comma would make a number of two numbers.
  if (Array.isArray(value)) return value.map((one) => String(one)).join('; ') || null;
  return JSON.stringify(value);
}

function toOffset(milliseconds: number): string {
  const minutes = Math.round(Math.abs(milliseconds) / 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `UTC${milliseconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
