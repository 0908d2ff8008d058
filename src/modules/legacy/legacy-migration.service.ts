import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { newContext, runInContext } from '../../core/context/request-context.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { Zone } from '../../core/kernel/zone.js';
import { BatchMigrator } from './batch-migrator.js';
import { ITEM_KINDS, type ItemKind } from './legacy-data.js';
import { MigrationReport, type ReportFile, type RowResult } from './migration-report.js';
import type { MigrationOptions, MigrationRun } from './migration-run.js';
import { RunPreparation } from './run-preparation.js';
import { openSource } from './sources/detect.js';
import type { LegacySource, SourceRow } from './sources/source.js';

const BATCH_ROWS = 100;
/** The batches of kinds whose transactions take long: an image is decoded in one, and bookings of the same doctors wait for visits. */
const SMALL_BATCHES: Partial<Record<ItemKind, number>> = { scan: 1, visit: 25 };

/** Ends the transaction of a dry run. */
class DryRunEnd extends Error {}

/** Called after each committed batch; tests interrupt a run in it. */
export type OnBatch = (kind: ItemKind, rows: number) => void;

interface Migration {
  actor: Actor;
  source: LegacySource;
  options: MigrationOptions;
  onBatch: OnBatch;
  listsNotMigrated: ReportFile['listsNotMigrated'];
}

/**
 * Migrates another system's data into a clinic (docs/migration.md). Each batch is a transaction that also remembers what it wrote, so a
 * run that was interrupted is repeated. Nobody gets a message.
 */
@Injectable()
export class LegacyMigrationService {
  constructor(
    private readonly db: Database,
    private readonly preparation: RunPreparation,
    private readonly batches: BatchMigrator,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  async run(options: MigrationOptions, onBatch: OnBatch = () => undefined): Promise<ReportFile> {
    const source = await openSource(options.from, options.source);
    const listsNotMigrated = await source.findUnknown();
    const actor = await this.preparation.findActor(options.as);
    const migrate = (): Promise<ReportFile> => this.migrate({ actor, source, options, onBatch, listsNotMigrated });
    return runInContext(newContext({ actor, useCase: 'legacy-migration' }), () =>
      options.isDryRun ? this.runDry(migrate) : migrate(),
    );
  }

  /** Does everything in one transaction, which is rolled back. */
  private async runDry(migrate: () => Promise<ReportFile>): Promise<ReportFile> {
    let report: ReportFile | null = null;
    try {
      await this.db.transaction(async () => {
        await this.preparation.allowLongTransaction();
        report = await migrate();
        throw new DryRunEnd();
      });
    } catch (error) {
      if (!(error instanceof DryRunEnd) || report === null) throw error;
    }
    return report as unknown as ReportFile;
  }

  private async migrate({ actor, source, options, onBatch, listsNotMigrated }: Migration): Promise<ReportFile> {
    const startedAt = this.toText(this.clock.now());
    const run = await this.preparation.prepare(actor, options, source.name);
    const report = new MigrationReport();
    for (const kind of ITEM_KINDS) {
      await this.migrateKind(source, kind, run, (rows, results) => {
        for (const result of results) report.add(result);
        onBatch(kind, rows);
      });
      for (const key of await this.batches.findMissing(kind, run)) report.addMissing(kind, key);
    }
    await this.recordRun(run, report);
    const { sourceName, clinicId, isDryRun } = run;
    const endedAt = this.toText(this.clock.now());
    return report.toFile({ source: sourceName, clinicId, isDryRun, startedAt, endedAt, listsNotMigrated });
  }

  private async migrateKind(
    source: LegacySource,
    kind: ItemKind,
    run: MigrationRun,
    onResults: (rows: number, results: readonly RowResult[]) => void,
  ): Promise<void> {
    const map = source.mapping[kind];
    if (!map) return;
    const mapping = { zone: Zone.of(run.zone), now: run.now };
    for await (const rows of inBatches(source.rows(kind), SMALL_BATCHES[kind] ?? BATCH_ROWS)) {
      onResults(rows.length, await this.batches.migrate(kind, rows, (fields) => map(fields, mapping), run));
    }
  }

  private async recordRun({ clinicId, sourceName }: MigrationRun, report: MigrationReport): Promise<void> {
    const changes = { source: sourceName, ...report.getCounts() };
    await this.changes.recordAccess({
      action: 'legacy.migrated',
      objectType: 'clinic',
      objectId: clinicId,
      clinicId,
      changes,
    });
  }

  private toText(instant: number): string {
    return new Date(instant).toISOString();
  }
}

async function* inBatches(rows: AsyncIterable<SourceRow>, size: number): AsyncGenerator<SourceRow[]> {
  let batch: SourceRow[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
