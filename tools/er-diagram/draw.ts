import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ClientBase } from 'pg';

export const ER_DIAGRAM_FILE = 'docs/er-diagram.md';

interface Column {
  table: string;
  name: string;
  type: string;
  is_nullable: boolean;
  /** `PK`, `FK`, `UK`, or several. */
  keys: string[];
}

interface ForeignKey {
  table: string;
  columns: string[];
  target: string;
  is_unique: boolean;
  is_nullable: boolean;
}

/** The tables, their columns and foreign keys as Mermaid diagrams in Markdown: one of all relations, then one for each
 * folder. */
export async function drawErDiagram(db: ClientBase): Promise<string> {
  const { rows: columns } = await db.query<Column>(COLUMNS);
  const { rows: keys } = await db.query<ForeignKey>(FOREIGN_KEYS);
  const folders = await readFolders();
  const sections = [...new Set(folders.values())].sort().map((folder) => {
    const isHere = ({ table }: { table: string }): boolean => folders.get(table) === folder;
    return section(folder, columns.filter(isHere), keys.filter(isHere));
  });
  return [HEAD, diagram(keys.map(drawRelation)), ...sections].join('\n\n') + '\n';
}

/** Each entity stands in the folder of the feature that owns its table. */
async function readFolders(): Promise<Map<string, string>> {
  const files = await readdir('src', { recursive: true });
  const entities = files.filter((file) => file.endsWith('.entity.ts')).sort();
  const found = entities.map(async (file): Promise<[string, string]> => {
    const [, table] = /@Entity\('(\w+)'/.exec(await readFile(join('src', file), 'utf8')) ?? [];
    if (!table) throw new Error(`src/${file} names no table`);
    return [table, dirname(file).split('/').slice(0, 2).join('/')];
  });
  return new Map(await Promise.all(found));
}

function section(folder: string, columns: Column[], keys: ForeignKey[]): string {
  const tables = [...new Set(columns.map(({ table }) => table))].map((table) => {
    const lines = columns.filter((column) => column.table === table).map(drawColumn);
    return [`  ${table} {`, ...lines, '  }'].join('\n');
  });
  return `## ${folder}\n\n${diagram([...tables, ...keys.map(drawRelation)])}`;
}

const diagram = (lines: string[]): string => ['```mermaid', 'erDiagram', ...lines, '```'].join('\n');

/** Mermaid takes no space or bracket pair in a type. */
function drawColumn({ name, type, is_nullable: isNullable, keys }: Column): string {
  const word = type
    .replace(/ without time zone| varying/g, '')
    .replace(/\W+/g, '_')
    .replace(/_$/, '');
  return [`    ${word} ${name}`, keys.join(', '), isNullable ? '"nullable"' : '']
    .filter((part) => part !== '')
    .join(' ');
}

function drawRelation({ table, columns, target, is_unique: isUnique, is_nullable: isNullable }: ForeignKey): string {
  return `  ${target} ${isNullable ? '|o' : '||'}--${isUnique ? 'o|' : 'o{'} ${table} : "${columns.join(', ')}"`;
}

const HEAD = `# ER diagram

Every table of the migrated schema, by the folder that owns it. Written by \`npm run er-diagram\`; do not edit by hand
(\`test/integration/er-diagram.spec.ts\` fails if it is not current). Relations are foreign keys, labelled with their columns.`;

const TABLES = `SELECT oid, relname FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'migration'`;

const COLUMNS = `
  SELECT t.relname AS table, a.attname AS name, format_type(a.atttypid, NULL) AS type, NOT a.attnotnull AS is_nullable,
    ARRAY(SELECT CASE kind WHEN 'p' THEN 'PK' WHEN 'f' THEN 'FK' ELSE 'UK' END
          FROM unnest(ARRAY['p', 'f', 'u']) WITH ORDINALITY AS k (kind, position)
          WHERE EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype::text = kind
            -- A unique constraint on several columns makes none of them unique by itself.
            AND CASE WHEN kind = 'u' THEN c.conkey = ARRAY[a.attnum] ELSE a.attnum = ANY (c.conkey) END)
          ORDER BY position) AS keys
  FROM (${TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY t.relname, a.attnum`;

const FOREIGN_KEYS = `
  SELECT t.relname AS table, target.relname AS target,
    ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k (number, position)
          JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number ORDER BY position) AS columns,
    EXISTS (SELECT FROM pg_constraint u WHERE u.conrelid = t.oid AND u.contype IN ('p', 'u')
            AND u.conkey <@ c.conkey) AS is_unique,
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (c.conkey) AND NOT a.attnotnull) AS is_nullable
  FROM (${TABLES}) t JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype = 'f'
    JOIN pg_class target ON target.oid = c.confrelid
  ORDER BY t.relname, c.conname`;
