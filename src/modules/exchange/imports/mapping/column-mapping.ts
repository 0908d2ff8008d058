import { foldText } from '../../../../core/kernel/folded-text.js';
import type { ReadCell } from '../../../../core/spreadsheets/reading/table.js';
import { IMPORT_FIELDS, REQUIRED_FIELDS, type ImportField, type ImportKind } from '../import-kinds.js';

export const DATE_FORMATS = ['DMY', 'MDY', 'YMD'] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

/** A column of the file. */
export interface FoundColumn {
  /** As in the file; the second column with the same header has ` (2)` behind it. */
  header: string;
  /** The field that it is read as; null: it is not read. */
  field: string | null;
}

export interface ColumnMapping {
  columns: FoundColumn[];
  /** The fields that several columns could be. Choose one with the mapping. */
  ambiguous: string[];
}

/** Columns that CareSlot itself adds to the file of failed rows. */
const IGNORED = new Set(['error']);
/** Words before a header that say whose it is. */
const OWNERS = /^(?:patient|client|customer|doctor|provider|service|patienten|kunden|المريض|paciente|cliente)(?:'?s)? /;

/** The header in a form in which spellings of it are equal. */
export const normalizeHeader = (header: string): string =>
  foldText(
    header
      .slice(0, 200)
      .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
      .replace(/\([^)]*\)/g, ' '),
  );

const HEADERS = new Map<ImportKind, { field: ImportField; names: string[] }[]>();

function getHeaders(kind: ImportKind): { field: ImportField; names: string[] }[] {
  const known = HEADERS.get(kind);
  if (known) return known;
  const headers = IMPORT_FIELDS[kind].map((field) => ({ field, names: field.headers.map(normalizeHeader) }));
  HEADERS.set(kind, headers);
  return headers;
}

/** The field that a header means, with the place of its name in the list of names; null if none. */
function findField(kind: ImportKind, header: string): { name: string; rank: number } | null {
  const normalized = normalizeHeader(header);
  for (const spelling of new Set([normalized, normalized.replace(OWNERS, '')])) {
    let best: { name: string; rank: number } | null = null;
    for (const { field, names } of getHeaders(kind)) {
      const rank = names.indexOf(spelling);
      if (rank >= 0 && (best === null || rank < best.rank)) best = { name: field.name, rank };
    }
    if (best) return best;
  }
  return null;
}

/** Guesses the field of each column. If two columns could be the same field, the one with the more usual name is it. */
export function guessMapping(kind: ImportKind, headers: readonly string[]): ColumnMapping {
  const found = headers.map((header) => (IGNORED.has(normalizeHeader(header)) ? null : findField(kind, header)));
  const ambiguous = new Set<string>();
  const columns = headers.map((header, index): FoundColumn => {
    const own = found[index];
    if (!own) return { header, field: null };
    const rivals = found.filter((other, at) => at !== index && other?.name === own.name);
    if (rivals.some((rival) => rival?.rank === own.rank)) ambiguous.add(own.name);
    return { header, field: rivals.some((rival) => (rival?.rank ?? 0) <= own.rank) ? null : own.name };
  });
  return { columns, ambiguous: [...ambiguous] };
}

/** The headers as texts that are all different. */
export function toHeaders(cells: readonly ReadCell[]): string[] {
  const seen = new Map<string, number>();
  return cells.map((cell, index) => {
    const text = cell === null ? '' : plainHeader(String(cell));
    const header = text || `Column ${index + 1}`;
    const count = (seen.get(header) ?? 0) + 1;
    seen.set(header, count);
    return count === 1 ? header : `${header} (${count})`;
  });
}

const MAX_HEADER = 100;
const plainHeader = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, MAX_HEADER);

/** How many of the cells are headers of the kind. The first row of a file can also be its title. */
export const countKnownHeaders = (kind: ImportKind, cells: readonly ReadCell[]): number =>
  cells.filter((cell) => typeof cell === 'string' && findField(kind, cell) !== null).length;

/** The fields that are missing: one of each group, such as `firstName` or `fullName`. */
export function missingFields(kind: ImportKind, columns: readonly FoundColumn[]): string[] {
  const mapped = new Set(columns.map(({ field }) => field));
  const groups = REQUIRED_FIELDS[kind].filter((group) => !group.some((name) => mapped.has(name)));
  return [...new Set(groups.map((group) => group.join(' or ')))];
}
