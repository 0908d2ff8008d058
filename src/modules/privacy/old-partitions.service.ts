import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import type { PartitionSettings } from '../../core/config/retention-settings.js';
import { Database } from '../../core/database/database.js';
import { retryWhileLocked } from '../../core/database/lock-retry.js';
import { Clock } from '../../core/kernel/clock.js';
import { NIL_ID } from '../../core/kernel/id.js';
import { PartitionsRepository, type MonthPartition } from '../../core/partitions/partitions.repository.js';

const DAY_MILLISECONDS = 86_400_000;
/** No row is added to a month this long after its end. Published events are deleted after two days. */
const GRACE_DAYS = 7;

/** SQL conditions on rows `l` of a partition. */
const ANY_ROW = 'true';
const UNSENT = `l.state IN ('PENDING', 'SENDING')`;

export type PartitionResult = { name: string } & (
  | { action: 'ARCHIVED' | 'DROPPED'; rows: number }
  | { action: 'KEPT'; reason: string }
);

interface Detachment {
  action: 'ARCHIVED' | 'DROPPED';
  /** SQL condition of rows that must not be lost. It is checked again when nobody can add rows any more. */
  unlessHas?: string;
}

/** Why a partition stays, or what becomes of it. */
type Decision = { keep: string } | Detachment;

/**
 * Detaches months whose retention is over. Runs as the owner of the tables: a serving process that could detach a month of the audit
 * log could hide what it did.
 */
@Injectable()
export class OldPartitionsService {
  constructor(
    private readonly db: Database,
    private readonly partitions: PartitionsRepository,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /** @returns the months that ended, each with what was done or, in a dry run, would be */
  async run(settings: PartitionSettings, { isDryRun = false } = {}): Promise<PartitionResult[]> {
    const results: PartitionResult[] = [];
    for (const partition of await this.partitions.findEnded(this.daysAgo(GRACE_DAYS))) {
      const { name } = partition;
      const decision = await this.decide(partition, settings);
      if ('keep' in decision) results.push({ name, action: 'KEPT', reason: decision.keep });
      else {
        const rows = await this.partitions.count(partition);
        if (!isDryRun) await retryWhileLocked(() => this.detach(partition, decision, rows));
        results.push({ name, action: decision.action, rows });
      }
    }
    return results;
  }

  private async decide(partition: MonthPartition, settings: PartitionSettings): Promise<Decision> {
    if (!(await this.partitions.has(partition, ANY_ROW))) return { action: 'DROPPED', unlessHas: ANY_ROW };
    if (partition.parent === 'audit_log') return this.decideAudit(partition, settings);
    if (partition.parent === 'notification') return this.decideMessages(partition, settings.RETENTION_MESSAGE_DAYS);
    return { keep: 'has rows' };
  }

  private async decideAudit(partition: MonthPartition, settings: PartitionSettings): Promise<Decision> {
    const { RETENTION_AUDIT_MONTHS: months, RETENTION_AUDIT_DETACHED: detached } = settings;
    if (months === undefined) return { keep: 'RETENTION_AUDIT_MONTHS is not set' };
    const before = new Date(this.clock.now());
    before.setUTCMonth(before.getUTCMonth() - months);
    if (partition.until > before) return { keep: `not older than ${months} months` };
    if (await this.partitions.has(partition, 'NOT EXISTS (SELECT FROM audit_link k WHERE k.audit_id = l.id)'))
      return { keep: 'has rows that are not linked into a chain' };
    return { action: detached === 'drop' ? 'DROPPED' : 'ARCHIVED' };
  }

  /** Messages are never archived: an erasure would not find them there. */
  private async decideMessages(partition: MonthPartition, days: number | undefined): Promise<Decision> {
    if (days === undefined) return { keep: 'RETENTION_MESSAGE_DAYS is not set' };
    if (partition.until > this.daysAgo(days)) return { keep: `not older than ${days} days` };
    return (await this.partitions.has(partition, UNSENT))
      ? { keep: 'has messages that are not sent' }
      : { action: 'DROPPED', unlessHas: UNSENT };
  }

  /** In one transaction, so that the audit row exists if and only if the rows are gone. Readers and writers of the table wait for it. */
  private detach(partition: MonthPartition, { action, unlessHas }: Detachment, rows: number): Promise<void> {
    return this.db.transaction(async () => {
      await this.partitions.detach(partition);
      if (unlessHas && (await this.partitions.has(partition, unlessHas)))
        throw new Error(`Rows were added to ${partition.name}. Start the command again.`);
      if (action === 'DROPPED') await this.partitions.drop(partition);
      else await this.partitions.moveToArchive(partition);
      if (rows > 0) await this.record(partition, action, rows);
    });
  }

  /** The verifier of the audit log reads `untilId` (AuditLinksRepository). */
  private record({ parent, name, untilId }: MonthPartition, action: Detachment['action'], rows: number): Promise<void> {
    return this.changes.recordAccess({
      action: parent === 'audit_log' ? 'audit.archived' : 'retention.applied',
      objectType: parent === 'audit_log' ? 'audit_log' : 'retention',
      objectId: NIL_ID,
      changes:
        parent === 'audit_log' ? { partition: name, rows, untilId, kept: action === 'ARCHIVED' } : { messages: rows },
    });
  }

  private daysAgo(days: number): Date {
    return new Date(this.clock.now() - days * DAY_MILLISECONDS);
  }
}
