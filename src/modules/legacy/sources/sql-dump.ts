import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseCreateTable, parseInsert, isStatementComplete } from './sql-statements.js';

/** A row of a table. Values are texts as PostgreSQL writes them; null for NULL. */
export interface DumpedRow {
  table: string;
  line: number;
  /** Null if the row does not have as many values as the table has columns. */
  values: Record<string, string | null> | null;
}

const COPY = /^COPY\s+(\S+)\s*\((.*)\)\s+FROM\s+stdin;\s*$/i;
const COPY_ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const INSERT = /^INSERT\s+INTO\s/i;
const CREATE_TABLE = /^CREATE\s+TABLE\s/i;

/**
 * Reads the rows of a plain dump of `pg_dump`, with `COPY` (the default) or with `--inserts`, `--column-inserts` or
 * `--rows-per-insert`. Other statements are skipped; nothing is executed.
 */
export async function* readDump(file: string): AsyncGenerator<DumpedRow> {
  const columnsByTable = new Map<string, string[]>();
  let copied: { table: string; columns: string[] } | null = null;
  let statement: Statement | null = null;
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line += 1;
    if (copied) {
      if (text === '\\.') copied = null;
      else yield { table: copied.table, line, values: toValues(copied.columns, text.split('\t').map(decodeCopied)) };
      continue;
    }
    if (!statement) {
      const [, table, columns] = COPY.exec(text) ?? [];
      if (table && columns !== undefined) {
        copied = { table: toName(table), columns: columns.split(',').map(unquote) };
        continue;
      }
      if (!INSERT.test(text) && !CREATE_TABLE.test(text)) continue;
    }
    statement = append(statement, text, line);
    if (!isStatementComplete(statement.text)) continue;
    yield* readStatement(statement, columnsByTable);
    statement = null;
  }
}

interface Statement {
  text: string;
  /** The line of its beginning. */
  line: number;
}

const append = (statement: Statement | null, text: string, line: number): Statement =>
  statement ? { text: `${statement.text}\n${text}`, line: statement.line } : { text, line };

function* readStatement({ text, line }: Statement, columnsByTable: Map<string, string[]>): Generator<DumpedRow> {
  if (CREATE_TABLE.test(text)) {
    const created = parseCreateTable(text);
    if (created) columnsByTable.set(toName(created.table), created.columns.map(unquote));
    return;
  }
  const insert = parseInsert(text);
  if (!insert) return;
  const table = toName(insert.table);
  const columns = insert.columns?.map(unquote) ?? columnsByTable.get(table) ?? [];
  for (const values of insert.rows) yield { table, line, values: toValues(columns, values) };
}

function toValues(columns: readonly string[], values: readonly (string | null)[]): DumpedRow['values'] {
  if (columns.length !== values.length) return null;
  return Object.fromEntries(columns.map((name, index) => [name, values[index] ?? null]));
}

/** The escapes of COPY's text format (https://www.postgresql.org/docs/current/sql-copy.html). */
function decodeCopied(text: string): string | null {
  if (text === '\\N') return null;
  return text.replace(/\\(x[0-9a-f]{1,2}|[0-7]{1,3}|.)/gi, (_, escape: string) => {
    if (/^x./i.test(escape)) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8));
    return COPY_ESCAPES[escape] ?? escape;
  });
}

const unquote = (name: string): string =>
  name
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .replaceAll('""', '"');

/** The name without its schema. */
const toName = (qualified: string): string => unquote(qualified.split('.').at(-1) ?? '');
