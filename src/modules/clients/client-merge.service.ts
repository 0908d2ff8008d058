import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { assertVersion } from '../../core/changes/versioned-update.js';
import { registerConstraintErrors } from '../../core/database/constraint-errors.js';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { UsersService } from '../users/index.js';
import type { MovedRows } from './client-merge.entity.js';
import { ClientMergesRepository, type MergedRecord, type VisitPair } from './client-merges.repository.js';
import { fillGaps, pickPatientValues, type MergeValues } from './merge-values.js';

export interface MergedClients {
  clientId: string;
  /** The account of the record that stays. */
  userId: string;
}

export interface MergeOptions {
  /** The expected version of the record that stays; null for any. */
  version?: number | null;
  /** The clinic whose front desk merges; for the audit log. */
  clinicId?: string | null;
}

/** The two records of a merge. */
interface MergedPair {
  client: MergedRecord;
  duplicate: MergedRecord;
  /** The record that stays, with the values of the merge. */
  record: MergedRecord;
  /** The record whose account is closed. */
  closed: MergedRecord;
}

interface RecordedMerge {
  client: MergedRecord;
  duplicate: MergedRecord;
  moved: MovedRows;
  clinicId: string | null;
}

/** Joins two records of one patient. */
@Injectable()
export class ClientMergeService {
  constructor(
    private readonly db: Database,
    private readonly merges: ClientMergesRepository,
    private readonly users: UsersService,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Moves everything of the duplicate to the other record, in one transaction. The fields of the record that stays win; those that it
   * does not have come from the duplicate. An account with which somebody signs in stays; if both have one, that of the record that
   * stays. The other one is closed. Access tokens of the account get the record's id at once. The caller checks the access.
   * @throws DomainError NOT_FOUND; VERSION_MISMATCH; APPOINTMENT_CONFLICT if both have a visit at the same time that is not over
   */
  async merge(clientId: string, duplicateId: string, options: MergeOptions = {}): Promise<MergedClients> {
    return this.db.transaction(async () => {
      const { client, duplicate } = await this.lock(clientId, duplicateId);
      assertVersion(options.version ?? null, { version: client.recordVersion + client.accountVersion - 1 });
      const now = new Date(this.clock.now());
      await this.merges.deleteExpiredReservations([clientId, duplicateId], now);
      const overlaps = await this.merges.findOverlaps(clientId, duplicateId, now);
      if (overlaps.length > 0) throw bothAtTheSameTime(overlaps);
      const clinics = await this.merges.readClinicValues(clientId, duplicateId);
      const moved = await this.merges.move(clientId, duplicateId);
      const [kept, closed] = client.signsIn || !duplicate.signsIn ? [client, duplicate] : [duplicate, client];
      Object.assign(moved, await this.merges.moveAccountRows(kept.userId, closed.userId));
      if (kept !== client) await this.merges.exchangeAccounts(clientId, duplicateId);
      await this.merges.markMerged(clientId, duplicateId);
      const record = fillGaps(client, duplicate);
      const values = { ...(await this.toMergeValues({ client, duplicate, record, closed })), clinics };
      await this.merges.saveRecord(record, higherVersion(client, duplicate), now);
      const { firstName, lastName, phone } = record;
      await this.users.takeOver({
        userId: kept.userId,
        closedUserId: closed.userId,
        clientId,
        person: { firstName, lastName, phone },
      });
      await this.merges.insert(client, duplicate, moved, values);
      await this.recordMerge({ client, duplicate, moved, clinicId: options.clinicId ?? null });
      return { clientId, userId: kept.userId };
    });
  }

  private async lock(
    clientId: string,
    duplicateId: string,
  ): Promise<{ client: MergedRecord; duplicate: MergedRecord }> {
    const records = await this.merges.lock([clientId, duplicateId]);
    const client = records.find(({ id }) => id === clientId);
    const duplicate = records.find(({ id }) => id === duplicateId && id !== clientId);
    if (!client || !duplicate) throw notFound();
    return { client, duplicate };
  }

  private async toMergeValues({
    client,
    duplicate,
    record,
    closed,
  }: MergedPair): Promise<Omit<MergeValues, 'clinics'>> {
    const { userId, signsIn } = closed;
    return {
      client: pickPatientValues(client),
      duplicate: pickPatientValues(duplicate),
      merged: pickPatientValues(record),
      closed: { userId, signsIn, identities: await this.merges.readIdentities(userId) },
    };
  }

  /** The event lets other features publish what moved, such as visits on dashboards. */
  private async recordMerge({ client, duplicate, moved, clinicId }: RecordedMerge): Promise<void> {
    const appointmentIds = moved.appointment ?? [];
    const counts = Object.fromEntries(Object.entries(moved).map(([table, ids]) => [table, ids.length]));
    await this.changes.record({
      action: 'client.merged',
      objectType: 'client',
      objectId: client.id,
      clinicId,
      changes: { duplicateId: duplicate.id, moved: counts },
      event: { name: 'client.merged', payload: { id: client.id, duplicateId: duplicate.id, appointmentIds } },
    });
    await this.changes.record({
      action: 'client.merged-away',
      objectType: 'client',
      objectId: duplicate.id,
      clinicId,
      changes: { mergedIntoId: client.id },
      event: null,
    });
  }
}

/** A patient's version is computed from those of record and account (see ClientsRepository), and either account may stay. */
const higherVersion = (...records: MergedRecord[]): number =>
  Math.max(...records.map(({ recordVersion, accountVersion }) => recordVersion + accountVersion));

const bothAtTheSameTime = (overlaps: VisitPair[]): DomainError =>
  new DomainError(
    'APPOINTMENT_CONFLICT',
    'Both records have a visit at the same time. Cancel one of the visits, then try again.',
    { conflictingWith: 'CLIENT', alternatives: [], overlaps },
  );

// A booking that began before a merge and wrote after it. The next attempt finds that the record is gone.
registerConstraintErrors({ client_not_merged: notFound });
