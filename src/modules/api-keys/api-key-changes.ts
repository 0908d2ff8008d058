import { Injectable } from '@nestjs/common';
import type { Change } from '../../core/changes/change.js';
import { ChangeLog } from '../../core/changes/change-log.js';
import { AccountAccess } from '../users/index.js';

type KeyChange = Omit<Change, 'objectType' | 'clinicId' | 'event'>;

/** What follows a change of a key: audit rows and, for a new key, a mail to its maker. Call it in the transaction of the change. */
@Injectable()
export class ApiKeyChanges {
  constructor(
    private readonly changes: ChangeLog,
    private readonly access: AccountAccess,
  ) {}

  /** Records the new key, and sends its maker a mail. */
  async recordCreation(makerId: string, clinicIds: readonly string[], change: KeyChange): Promise<void> {
    await this.record(clinicIds, change);
    await this.access.notifyOwner(makerId, 'API_KEY_CREATED');
  }

  /** Writes a row for each clinic, so that the managers of each one find it in the audit log. */
  async record(clinicIds: readonly string[], change: KeyChange): Promise<void> {
    await this.changes.recordAll(
      clinicIds.map((clinicId) => ({ ...change, objectType: 'api_key', clinicId, event: null })),
    );
  }
}
