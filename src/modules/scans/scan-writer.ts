import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { storeAnswer } from '../../core/http/idempotency-keys.js';
import { notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ScanQuota } from './scan-quota.js';
import { ScanViews } from './scan-views.js';
import type { ScanView } from './scans.dto.js';
import { ScansRepository, totalBytes, type NewScan } from './scans.repository.js';

/** Stores new scans, within each patient's quota. */
@Injectable()
export class ScanWriter {
  constructor(
    private readonly db: Database,
    private readonly scans: ScansRepository,
    private readonly changes: ChangeLog,
    private readonly views: ScanViews,
    private readonly quota: ScanQuota,
  ) {}

  /**
   * Writes the scan, its audit row and the answer for the request's Idempotency-Key, if it has one, in one transaction.
   * @throws DomainError PAYLOAD_TOO_LARGE
   */
  write(actor: Actor, scan: NewScan): Promise<ScanView> {
    return this.db.transaction(async () => {
      await this.quota.lock(scan.clientId);
      await this.quota.assertSpace(scan.clientId, totalBytes(scan.renditions));
      await this.scans.insert(scan);
      const row = await this.scans.find(scan.id);
      if (!row) throw notFound();
      await this.changes.record({
        action: 'scan.uploaded',
        objectType: 'scan',
        objectId: scan.id,
        after: row,
        changes: { format: scan.format, bytes: scan.bytes },
      });
      const view = this.views.toView(actor, row);
      await storeAnswer(this.db, view);
      return view;
    });
  }
}
