import { basename } from 'node:path';
import { Fields } from '../fields.js';
import type { ItemKind } from '../legacy-data.js';
import { CLINIC_APP_MAPPING } from '../mapping/clinic-app.mapping.js';
import { toKind } from './json-files.js';
import { readDump, type DumpedRow } from './sql-dump.js';
import type { LegacySource, SourceRow, UnknownList } from './source.js';

/** A plain dump of PostgreSQL (`pg_dump`), such as of a Flask application with SQLAlchemy. Tables are recognised by their names. */
export class PostgresSource implements LegacySource {
  readonly name = 'postgresql';
  readonly mapping = CLINIC_APP_MAPPING;

  constructor(private readonly files: readonly string[]) {}

  /** Reads the files again for each kind, because they may be larger than memory. */
  async *rows(kind: ItemKind): AsyncGenerator<SourceRow> {
    for (const file of this.files) {
      for await (const row of readDump(file)) if (toKind(row.table) === kind) yield toSourceRow(file, row);
    }
  }

  async findUnknown(): Promise<UnknownList[]> {
    const lists: UnknownList[] = [];
    for (const file of this.files) {
      const counts = new Map<string, number>();
      for await (const { table } of readDump(file)) {
        if (!toKind(table)) counts.set(table, (counts.get(table) ?? 0) + 1);
      }
      for (const [name, rows] of counts) lists.push({ file: basename(file), name, rows });
    }
    return lists;
  }
}

function toSourceRow(file: string, { line, values }: DumpedRow): SourceRow {
  const place = { file: basename(file), line };
  if (values) return { ...place, fields: new Fields(values) };
  return { ...place, fields: null, error: 'does not have as many values as the table has columns' };
}
