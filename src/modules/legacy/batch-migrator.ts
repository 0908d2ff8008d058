import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { DomainError, invalid } from '../../core/kernel/domain-error.js';
import type { Fields } from './fields.js';
import type { ItemKind, LegacyItems } from './legacy-data.js';
import { LegacyRecordsRepository, NO_CHECKSUM, type MigratedRow } from './legacy-records.repository.js';
import type { RowResult } from './migration-report.js';
import type { MigrationRun, RowPlace } from './migration-run.js';
import { RowMigrator, toReason, type MappedRow, type MigratedResult } from './row-migrator.js';
import type { SourceRow } from './sources/source.js';
import { StoredKeys } from './stored-keys.js';

type MapFields = (fields: Fields) => LegacyItems[ItemKind];

/** A row of the batch: converted, or with the reason why it cannot be. */
interface BatchRow {
  place: RowPlace;
  fields: Fields | null;
  mapped: MappedRow | null;
  error: string;
}

const PAGE_ROWS = 1_000;
const MAX_KEY_CHARACTERS = 200;

/** Migrates batches of rows, each in a transaction. */
@Injectable()
export class BatchMigrator {
  constructor(
    private readonly db: Database,
    private readonly records: LegacyRecordsRepository,
    private readonly rows: RowMigrator,
    private readonly keys: StoredKeys,
  ) {}

  /** Migrates the rows of one kind, and marks rows that repeat the id of an earlier one as rejected. */
  async migrate(
    kind: ItemKind,
    sourceRows: readonly SourceRow[],
    map: MapFields,
    run: MigrationRun,
  ): Promise<RowResult[]> {
    const rows: BatchRow[] = [];
    for (const row of sourceRows) rows.push(this.rejectRepeated(await this.map(kind, row, map), run));
    return this.db.transaction(async () => {
      await this.records.lock(run.sourceName);
      const keys = rows.flatMap(({ mapped }) => mapped?.storedKey ?? []);
      const known = await this.records.find(run.sourceName, kind, keys);
      const results: RowResult[] = [];
      for (const row of rows) results.push(await this.migrateRow(row, known, run));
      return results;
    });
  }

  /** The keys of records of earlier runs that this run has not seen. */
  async findMissing(kind: ItemKind, run: MigrationRun): Promise<string[]> {
    const seen = run.seenKeys[kind];
    const missing: string[] = [];
    for (let last: string | null = null; ;) {
      const page = await this.records.listAfter(run.sourceName, kind, last, PAGE_ROWS);
      for (const { legacyKey, checksum } of page)
        if (!seen.has(legacyKey) && !checksum.equals(NO_CHECKSUM)) missing.push(legacyKey);
      if (page.length < PAGE_ROWS) return missing;
      last = page.at(-1)?.legacyKey ?? null;
    }
  }

  private async migrateRow(
    { place, fields, mapped, error }: BatchRow,
    known: Map<string, MigratedRow>,
    run: MigrationRun,
  ): Promise<RowResult> {
    const { warnings, ...result }: MigratedResult = mapped
      ? await this.rows.migrate(mapped, known.get(mapped.storedKey), run)
      : { outcome: 'REJECTED', reason: error, warnings: [] };
    return { ...place, ...result, warnings: warnings.map((warning) => ({ ...place, ...warning })), fields };
  }

  private async map(kind: ItemKind, { file, line, fields, error = '' }: SourceRow, map: MapFields): Promise<BatchRow> {
    const place = { kind, file, line, key: null };
    if (!fields) return { place, fields, mapped: null, error };
    try {
      const item = map(fields);
      const storedKey = await this.keys.toStored(checkKey(item.key));
      const mapped = { kind, item, storedKey, values: fields.values };
      return { place: { ...place, key: storedKey }, fields, mapped, error };
    } catch (failure) {
      if (!(failure instanceof DomainError)) throw failure;
      return {
        place: { ...place, key: fields.text('uid', 'id', '_id') },
        fields,
        mapped: null,
        error: toReason(failure),
      };
    }
  }

  private rejectRepeated(row: BatchRow, run: MigrationRun): BatchRow {
    if (!row.mapped) return row;
    const { kind, storedKey } = row.mapped;
    if (run.seenKeys[kind].has(storedKey)) return { ...row, mapped: null, error: 'has the id of an earlier row' };
    run.seenKeys[kind].add(storedKey);
    return row;
  }
}

/** @throws DomainError VALIDATION_ERROR for an id that cannot be stored */
function checkKey(key: string): string {
  if (key.length <= MAX_KEY_CHARACTERS && !key.includes('\0') && key.isWellFormed()) return key;
  throw invalid({ field: 'id', error: `must have at most ${MAX_KEY_CHARACTERS} characters that can be stored` });
}
