import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { Database } from '../database/database.js';
import { DomainError } from '../kernel/domain-error.js';
import { isId } from '../kernel/id.js';
import { isInstant } from './instants.js';

const DEFAULT_LIMIT = 20;
/** The maximum length of a text by which a list is sorted, in UTF-16 units. Names have at most 200 characters. */
const MAX_SORT_TEXT = 1_000;
/** Fits the longest own cursor: three bytes for each unit, in base64. */
const MAX_CURSOR_LENGTH = 5_000;

/** `?limit=&cursor=&withTotal=` of every list. */
export class PageQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 100, default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = DEFAULT_LIMIT;

  @ApiPropertyOptional({ description: 'The nextCursor of the page before.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_CURSOR_LENGTH)
  cursor?: string;

  @ApiPropertyOptional({ default: false, description: 'Count all that match into meta.total.' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  withTotal: boolean = false;
}

/** A complete list with facts about it, which become the envelope's `meta`. */
export class ListWithMeta<Item> {
  constructor(
    readonly items: Item[],
    readonly meta: object,
  ) {}
}

/** A page of a list. */
export class Page<Item> {
  constructor(
    readonly items: Item[],
    readonly limit: number,
    readonly nextCursor: string | null,
    readonly total?: number,
  ) {}

  /** The envelope's `meta`. */
  get meta(): object {
    const { limit, nextCursor, total } = this;
    return total === undefined ? { limit, nextCursor } : { limit, nextCursor, total };
  }

  map<Other>(view: (item: Item) => Other): Page<Other> {
    return new Page(this.items.map(view), this.limit, this.nextCursor, this.total);
  }

  /** Like `map`, without the items for which `view` returns null. */
  mapReadable<Other>(view: (item: Item) => Other | null): Page<Other> {
    const items = this.items.flatMap((item) => view(item) ?? []) as Other[];
    return new Page(items, this.limit, this.nextCursor, this.total);
  }
}

/** The last row of a page: the value of its sort column as text, and its id, which makes the order unique. */
interface Position {
  value: string;
  id: string;
}

const encodeCursor = (sort: string, { value, id }: Position): string =>
  Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');

/** @throws DomainError BAD_CURSOR unless this list returned the cursor for this sort */
function decodeCursor(cursor: string, sort: string, isValue: (value: string) => boolean): Position {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parsed) && parsed.length === 3) {
      const [name, value, id] = parsed as unknown[];
      if (name === sort && typeof value === 'string' && isValue(value) && isId(id)) return { value, id };
    }
  } catch {
    // Throws the same error as for other invalid cursors.
  }
  throw new DomainError('BAD_CURSOR', 'The cursor is not one of this list; start again without it.');
}

export interface SortColumn {
  /** The SQL expression: a constant, never from a request. */
  column: string;
  /** The SQL type to which the cursor's text is cast. */
  type: 'uuid' | 'timestamptz' | 'text' | 'bigint';
}

/** Sorts rows by the time of their creation: ids are UUIDv7 (`newId`), which grow with time. */
export const byCreation = (idColumn: string): SortColumn => ({ column: idColumn, type: 'uuid' });

export interface KeysetOptions {
  /** The documented name of the sort, with `-` for descending. */
  sort: string;
  columns: Record<string, SortColumn>;
  idColumn: string;
  cursor?: string;
}

export interface Keyset {
  /**
   * An additional column for SELECT: the exact sort value of each row as text, if the row's own value is less exact (a Date has
   * milliseconds, a timestamptz microseconds). Empty for other sorts. `toPage` removes it from the rows.
   */
  select: string;
  /** `AND (…)` for WHERE, with `values` as the parameters $first and $first+1. Empty on the first page. */
  where: (first: number) => string;
  values: string[];
  orderBy: string;
  /** The property of a row that contains the sort column. */
  property: string;
  sort: string;
}

/** The column that `Keyset.select` adds. */
const POSITION = 'keysetPosition';

const POSTGRES_INSTANT = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)([+-]\d{2})(:\d{2})?(?::\d{2})?$/;

/** A timestamptz in PostgreSQL's text format (DateStyle ISO), with all digits: `2026-11-23 09:00:00.123456+00`. */
function isPostgresInstant(value: string): boolean {
  const [, day = '', time = '', hours = '', minutes = ':00'] = POSTGRES_INSTANT.exec(value) ?? [];
  return isInstant(`${day}T${time}${hours}${minutes}`);
}

const IS_CURSOR_VALUE: Record<SortColumn['type'], (value: string) => boolean> = {
  uuid: isId,
  timestamptz: isPostgresInstant,
  text: (value) => value.length <= MAX_SORT_TEXT && !value.includes('\0'),
  bigint: (value) => /^-?\d{1,18}$/.test(value),
};

/** The SQL of a keyset page, ordered by the sort column and then by the id. @throws DomainError BAD_CURSOR */
export function keyset({ sort, columns, idColumn, cursor }: KeysetOptions): Keyset {
  const descending = sort.startsWith('-');
  const chosen = columns[descending ? sort.slice(1) : sort];
  if (!chosen) throw new Error(`${sort} is not a sort of this list`);
  const direction = descending ? 'DESC' : 'ASC';
  const position = cursor === undefined ? null : decodeCursor(cursor, sort, IS_CURSOR_VALUE[chosen.type]);
  const { column, type } = chosen;
  return {
    select: type === 'timestamptz' ? `, ${column}::text AS "${POSITION}"` : '',
    where: (first) =>
      position
        ? `AND (${column}, ${idColumn}) ${descending ? '<' : '>'} ($${first}::${type}, $${first + 1}::uuid)`
        : '',
    values: position ? [position.value, position.id] : [],
    orderBy: `ORDER BY ${column} ${direction}, ${idColumn} ${direction}`,
    sort,
    property: type === 'uuid' ? 'id' : descending ? sort.slice(1) : sort,
  };
}

/** Binds a value to the next parameter of a statement. @returns the placeholder for its text, such as `$1` */
export type BindValue = (value: unknown) => string;

/**
 * LIMIT for one row more than the page has. The default limit is a constant in the text: with a parameter, PostgreSQL makes a new
 * plan for each call, which costs as much as reading a short list.
 */
export const limitClause = (limit: number, bind: BindValue): string =>
  `LIMIT ${limit === DEFAULT_LIMIT ? DEFAULT_LIMIT + 1 : bind(limit + 1)}`;

/** A list in SQL. Values come in by `bind`, never in the text. */
export type ListStatement = ListConditions & (ListTables | CountedTables);

interface ListConditions {
  select: string | ((bind: BindValue) => string);
  /** The conditions, which are joined by AND. */
  where: (bind: BindValue) => string[];
  columns: Record<string, SortColumn>;
  idColumn: string;
}

interface ListTables {
  from: string;
}

/** Tables for the rows, of which the conditions and the total need fewer. */
interface CountedTables {
  from: (bind: BindValue) => string;
  countFrom: string;
}

/** Reads a page of a list, and its total if the query asks for it. @throws DomainError BAD_CURSOR */
export async function readPage<Row extends { id: string }>(
  db: Pick<Database, 'row' | 'rows'>,
  { sort, limit, cursor, withTotal }: PageQuery & { sort: string },
  { select, where, columns, idColumn, ...tables }: ListStatement,
): Promise<Page<Row>> {
  const page = keyset({ sort, columns, idColumn, cursor });
  const values: unknown[] = [];
  const bind: BindValue = (value) => `$${values.push(value)}`;
  const condition = where(bind).join(' AND ') || 'true';
  const valuesOfCondition = [...values];
  const after = page.where(values.length + 1);
  values.push(...page.values);
  const columnList = typeof select === 'string' ? select : select(bind);
  const from = 'countFrom' in tables ? tables.from(bind) : tables.from;
  const rows = await db.rows<Row>(
    `SELECT ${columnList} ${page.select} FROM ${from} WHERE ${condition} ${after} ${page.orderBy} ${limitClause(limit, bind)}`,
    values,
  );
  if (!withTotal) return toPage(rows, limit, page);
  const text = `SELECT count(*)::int AS n FROM ${'countFrom' in tables ? tables.countFrom : from} WHERE ${condition}`;
  const total = await db.row<{ n: number }>(text, valuesOfCondition);
  return toPage(rows, limit, page, total?.n);
}

/** Creates a page from up to `limit + 1` rows. The additional row means that there is a next page. */
export function toPage<Row extends { id: string }>(
  rows: Row[],
  limit: number,
  { sort, property, select }: Keyset,
  total?: number,
): Page<Row> {
  const items = rows.length > limit ? rows.slice(0, limit) : rows;
  const last = items.at(-1);
  const hasNext = rows.length > limit && last !== undefined;
  const nextCursor = hasNext ? encodeCursor(sort, getPosition(last, property)) : null;
  // `delete` would make JSON.stringify slower. It leaves out undefined values.
  if (select) for (const row of items) (row as { [POSITION]?: string })[POSITION] = undefined;
  return new Page(items, limit, nextCursor, total);
}

function getPosition(row: { id: string }, property: string): Position {
  const columns = row as Record<string, unknown>;
  return { value: String(columns[POSITION] ?? columns[property]), id: row.id };
}
