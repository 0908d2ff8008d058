import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { isRetryable, isValueError } from '../../core/database/database-errors.js';
import { DomainError, isUnavailable, type FieldError } from '../../core/kernel/domain-error.js';
import { MobileIds } from '../neuroaid/index.js';
import { Importers, type Collision } from './importers/importer.js';
import type { ItemKind, LegacyItems } from './legacy-data.js';
import type { FieldWarning } from './legacy-record.entity.js';
import { LegacyRecordsRepository, type MigratedRow } from './legacy-records.repository.js';
import { MOBILE_KINDS } from './mobile-kinds.js';
import type { RowResult } from './migration-report.js';
import type { MigrationRun } from './migration-run.js';
import { StoredKeys } from './stored-keys.js';

/** A row that was converted. */
export interface MappedRow {
  kind: ItemKind;
  item: LegacyItems[ItemKind];
  /** What identifies it in `legacy_record`. */
  storedKey: string;
  values: object;
}

type MigratedOutcome = Pick<RowResult, 'outcome' | 'reason' | 'other'>;
export type MigratedResult = MigratedOutcome & { warnings: FieldWarning[] };

/** A run that collects the warnings of one row. */
type RowRun = MigrationRun & { warnings: FieldWarning[] };

/** Migrates one row: creates it, or changes what an earlier run created. Runs in the transaction of a batch. */
@Injectable()
export class RowMigrator {
  constructor(
    private readonly db: Database,
    private readonly records: LegacyRecordsRepository,
    private readonly importers: Importers,
    private readonly ids: MobileIds,
    private readonly keys: StoredKeys,
  ) {}

  /** @param known the record of an earlier run, whose warnings are reported again */
  async migrate(row: MappedRow, known: MigratedRow | undefined, run: MigrationRun): Promise<MigratedResult> {
    const warnings: FieldWarning[] = [];
    const warn = (field: string, reason: string): void => void warnings.push({ field, reason });
    const result = await this.migrateOnce(row, known, { ...run, warn, warnings });
    return { ...result, warnings: result.outcome === 'UNCHANGED' ? (known?.warnings ?? []) : warnings };
  }

  private async migrateOnce(row: MappedRow, known: MigratedRow | undefined, run: RowRun): Promise<MigratedOutcome> {
    const importer = this.importers.get(row.kind);
    importer.onItem?.(row.item, run);
    // A visit is replaced when it changes, so fields that are not migrated do not count.
    const checksum = await this.keys.computeChecksum(row.kind === 'visit' ? row.item : row.values);
    if (!known) return this.write(row, null, checksum, run);
    if (known.checksum.equals(checksum)) return { outcome: 'UNCHANGED' };
    const version = (await this.records.getVersions(row.kind, [known.targetId])).get(known.targetId);
    if (version === undefined) return { outcome: 'DELETED_HERE', reason: 'was deleted here' };
    if (version !== known.targetVersion) {
      return { outcome: 'CHANGED_HERE', reason: `changed there and here (${known.targetId}): compare them` };
    }
    return this.write(row, known.targetId, checksum, run);
  }

  /** Writes the row under a savepoint, so that a row that is refused leaves nothing and does not end the batch. */
  private async write(
    row: MappedRow,
    targetId: string | null,
    checksum: Buffer,
    run: RowRun,
  ): Promise<MigratedOutcome> {
    const result = await this.db.attempt(() => this.import(row, targetId, checksum, run));
    if ('value' in result) return result.value;
    const { error } = result;
    if (error instanceof Collided) return toCollision(error.collision);
    if (isValueError(error)) return { outcome: 'REJECTED', reason: 'has a value that cannot be stored' };
    // The whole batch is repeated, or the run ends.
    if (isRetryable(error) || isUnavailable(error) || !(error instanceof DomainError)) throw error;
    return { outcome: 'REJECTED', reason: toReason(error) };
  }

  private async import(
    row: MappedRow,
    targetId: string | null,
    checksum: Buffer,
    run: RowRun,
  ): Promise<MigratedOutcome> {
    const { kind, item, storedKey: legacyKey } = row;
    const importer = this.importers.get(kind);
    const imported = targetId === null ? await importer.create(item, run) : await importer.update(item, targetId, run);
    if (imported && 'collidesWith' in imported) throw new Collided(imported.collidesWith);
    const id = imported?.id ?? (targetId as string);
    if (id !== targetId) await this.keepNumber(row, id, targetId, run);
    const targetVersion = (await this.records.getVersions(kind, [id])).get(id) ?? 1;
    const record = {
      source: run.sourceName,
      kind,
      legacyKey,
      targetId: id,
      targetVersion,
      checksum,
      warnings: run.warnings,
    };
    if (targetId === null) await this.records.insert(record);
    else await this.records.update(record);
    return { outcome: targetId === null ? 'CREATED' : 'UPDATED' };
  }

  /** The NeuroAid client goes on using the number of the record. */
  private async keepNumber(
    { kind, item }: MappedRow,
    id: string,
    before: string | null,
    run: MigrationRun,
  ): Promise<void> {
    const mobileKind = MOBILE_KINDS[kind];
    if (!mobileKind || item.number === null) return;
    if (before !== null) await this.ids.forgetNumber(mobileKind, before);
    if (await this.ids.keepNumber(mobileKind, id, item.number)) return;
    run.warn('id', 'is a number that another object has here: the NeuroAid app gets another one');
  }
}

/** Undoes what the importer wrote before it found the collision. */
class Collided extends Error {
  constructor(readonly collision: Collision) {
    super('collided');
  }
}

const toCollision = ({ appointmentId, startDateTime }: Collision): MigratedOutcome => ({
  outcome: 'COLLIDES',
  reason: 'the doctor or the patient has another visit at this time',
  other: { appointmentId, startDateTime: startDateTime.toISOString() },
});

/** What is wrong, without the values. */
export function toReason({ message, details }: DomainError): string {
  const errors = Array.isArray(details) ? (details as Partial<FieldError>[]) : [];
  const fields = errors.flatMap(({ field, error }) => (field && error ? [`${field} ${error}`] : []));
  return fields.length > 0 ? fields.join('; ') : message;
}
