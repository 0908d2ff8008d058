// The patterns are unrolled, so that a text of megabytes does not exhaust the stack of the regular expression.
const ESCAPED = String.raw`E'[^'\\]*(?:(?:\\.|'')[^'\\]*)*`;
const PLAIN = String.raw`'[^']*(?:''[^']*)*`;
const QUOTED = String.raw`"[^"]*(?:""[^"]*)*`;
/** A text (`E'…'` has backslash escapes) or a quoted name. The group is empty if it does not end. */
const TOKEN = new RegExp(`(?:${ESCAPED}|${PLAIN}|${QUOTED})(['"]?)`, 'gis');
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** Whether a statement ends here: with a semicolon outside of strings and quoted names. */
export function isStatementComplete(text: string): boolean {
  if (!text.trimEnd().endsWith(';')) return false;
  return [...text.matchAll(TOKEN)].every(([, end]) => end !== '');
}

const NAME = String.raw`(?:"(?:[^"]|"")*"|[\w$]+)(?:\.(?:"(?:[^"]|"")*"|[\w$]+))*`;
const CREATE_TABLE = new RegExp(String.raw`^CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(${NAME})\s*\((.*)\)`, 'is');
const INSERT_INTO = new RegExp(
  String.raw`^INSERT\s+INTO\s+(${NAME})\s*(?:\(([^)]*)\))?\s*(?:OVERRIDING\s+\w+\s+VALUE\s+)?VALUES`,
  'i',
);
/** Lines of a table that are no columns. */
const CONSTRAINT = /^(?:CONSTRAINT|PRIMARY\s+KEY|FOREIGN\s+KEY|UNIQUE|CHECK|EXCLUDE|LIKE)\b/i;

/** The names of a table and its columns. `pg_dump` writes each column on a line of its own. */
export function parseCreateTable(text: string): { table: string; columns: string[] } | null {
  const [, table, body] = CREATE_TABLE.exec(text) ?? [];
  if (!table || body === undefined) return null;
  const columns = body
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !CONSTRAINT.test(line))
    .flatMap((line) => /^("(?:[^"]|"")*"|[\w$]+)/.exec(line)?.[1] ?? []);
  return { table, columns };
}

interface Insert {
  table: string;
  /** Null: all columns, in the order of the table. */
  columns: string[] | null;
  rows: (string | null)[][];
}

export function parseInsert(text: string): Insert | null {
  const match = INSERT_INTO.exec(text);
  const [head, table, columns] = match ?? [];
  if (head === undefined || !table) return null;
  return { table, columns: columns?.split(',') ?? null, rows: parseRows(text.slice(head.length)) };
}

const VALUES = new RegExp(String.raw`\(|\)|,|;|${ESCAPED}'|${PLAIN}'|[^\s(),;']+`, 'gis');

/** Parses `(1, 'a', NULL), (2, 'b', true);` */
function parseRows(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] | null = null;
  for (const [token] of text.matchAll(VALUES)) {
    if (token === '(') row = [];
    else if (token === ')') {
      if (row) rows.push(row);
      row = null;
    } else if (row && token !== ',' && token !== ';') append(row, token);
  }
  return rows;
}

/** A cast, such as `::jsonb`, belongs to the value before. */
function append(row: (string | null)[], token: string): void {
  if (!token.startsWith('::')) row.push(toValue(token));
}

function toValue(token: string): string | null {
  if (/^E'/i.test(token)) {
    return token
      .slice(2, -1)
      .replace(/\\(.)|''/gs, (all, escape: string | undefined) =>
        escape ? (ESCAPES[escape] ?? escape) : all.slice(1),
      );
  }
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  return token.toUpperCase() === 'NULL' ? null : token;
}
