import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { assertVersion } from '../../core/changes/versioned-update.js';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { MergedAccountsService } from '../users/index.js';
import type { ClientMerge, MovedRows } from './client-merge.entity.js';
import type { MergeOptions } from './client-merge.service.js';
import type { MergedRecord } from './client-merges.repository.js';
import { ClientUnmergesRepository } from './client-unmerges.repository.js';
import { undoFilledGaps, type MergeValues } from './merge-values.js';

export interface UndoneMerge {
  clientId: string;
  duplicateId: string;
}

export interface UnmergeOptions extends MergeOptions {
  /** Who undoes the merge. */
  undoneBy: string;
}

/** The newest merge of a record, locked, with what is needed to undo it. */
interface UndoableMerge {
  merge: ClientMerge;
  /** The record that stayed. */
  client: MergedRecord;
  values: MergeValues;
}

/** Undoes merges of patient records, the newest one first. */
@Injectable()
export class ClientUnmergeService {
  constructor(
    private readonly unmerges: ClientUnmergesRepository,
    private readonly accounts: MergedAccountsService,
    private readonly changes: ChangeLog,
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Gives the duplicate its rows and values back, in one transaction. What was created after the merge stays with the record that
   * stayed, and so do values that were changed after it. Both accounts are open again. The caller checks the access.
   * @throws DomainError NOT_FOUND, VERSION_MISMATCH, INVALID_TRANSITION with the reason, EMAIL_TAKEN
   */
  unmerge(clientId: string, duplicateId: string | null, options: UnmergeOptions): Promise<UndoneMerge> {
    return this.db.transaction(async () => {
      const now = new Date(this.clock.now());
      const { merge, client, values } = await this.lock(clientId, duplicateId, options.version ?? null);
      const reopensDuplicate = values.closed.userId === merge.duplicateUserId;
      await this.unmerges.separate(merge, { exchangesAccounts: !reopensDuplicate, now });
      const movedBack = await this.unmerges.moveBack(clientId, merge.duplicateId, merge.moved);
      const accounts = { userId: client.userId, closedUserId: values.closed.userId, moved: merge.moved };
      Object.assign(movedBack, await this.unmerges.moveAccountRowsBack(accounts));
      await this.unmerges.restoreConsents(accounts, options.undoneBy, now);
      await this.unmerges.restoreClinicRecords(merge, values.clinics);
      await this.restoreValues({ merge, client, values }, reopensDuplicate, now);
      await this.unmerges.markUndone(merge, now);
      await this.record(merge, movedBack, options.clinicId ?? null);
      return { clientId, duplicateId: merge.duplicateId };
    });
  }

  /** Finds which records to lock, and reads the merge again: a merge or an undo may have committed before the lock. */
  private async lock(clientId: string, duplicateId: string | null, version: number | null): Promise<UndoableMerge> {
    const found = await this.unmerges.findNewest(clientId);
    const client = await this.unmerges.lockRecord(clientId, found?.duplicateId ?? clientId);
    if (!client) throw notFound();
    const merge = await this.unmerges.findNewest(clientId);
    if (!merge || merge.id !== found?.id) throw cannotUndo('NOT_MERGED', 'No record was merged into this one.');
    if (duplicateId && duplicateId !== merge.duplicateId) {
      throw cannotUndo('NOT_NEWEST', 'Another record was merged into this one later, or this one never was.');
    }
    assertVersion(version, { version: client.recordVersion + client.accountVersion - 1 });
    const values = this.unmerges.decryptValues(merge);
    if (!values) throw cannotUndo('NOT_KEPT', 'The values from before the merge are not kept any more.');
    return { merge, client, values };
  }

  private async restoreValues(
    { merge, client, values }: UndoableMerge,
    reopensDuplicate: boolean,
    now: Date,
  ): Promise<void> {
    const { clientId, duplicateId } = merge;
    const restored = { ...client, ...undoFilledGaps(client, values) };
    await this.unmerges.saveRecord(restored, client.recordVersion + client.accountVersion, now);
    const ofClient = { clientId, person: restored };
    const ofDuplicate = { clientId: duplicateId, person: values.duplicate };
    await this.accounts.reopen({ ...values.closed, ...(reopensDuplicate ? ofDuplicate : ofClient) });
    await this.accounts.giveBack({ userId: client.userId, ...(reopensDuplicate ? ofClient : ofDuplicate) });
  }

  private async record(
    { clientId, duplicateId }: ClientMerge,
    movedBack: MovedRows,
    clinicId: string | null,
  ): Promise<void> {
    const counts = Object.fromEntries(Object.entries(movedBack).map(([table, ids]) => [table, ids.length]));
    await this.changes.record({
      action: 'client.unmerged',
      objectType: 'client',
      objectId: clientId,
      clinicId,
      changes: { duplicateId, moved: counts },
      event: {
        name: 'client.unmerged',
        payload: { id: clientId, duplicateId, appointmentIds: movedBack.appointment ?? [] },
      },
    });
    await this.changes.record({
      action: 'client.restored',
      objectType: 'client',
      objectId: duplicateId,
      clinicId,
      changes: { mergedIntoId: clientId },
      event: null,
    });
  }
}

const cannotUndo = (reason: string, message: string): DomainError =>
  new DomainError('INVALID_TRANSITION', message, { reason });
