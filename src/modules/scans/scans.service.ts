import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { forbidden, notFound } from '../../core/kernel/domain-error.js';
import { LOGGER } from '../../core/logging/logger.js';
import type { Actor } from '../../core/security/actor.js';
import { mayDelete, maySee } from './scan.policy.js';
import { ScanPurge } from './scan-purge.js';
import { ScanViews } from './scan-views.js';
import type { ScansQuery, ScanView } from './scans.dto.js';
import { ScansRepository, type ScanRow } from './scans.repository.js';

@Injectable()
export class ScansService {
  constructor(
    private readonly db: Database,
    private readonly scans: ScansRepository,
    private readonly changes: ChangeLog,
    private readonly views: ScanViews,
    private readonly purge: ScanPurge,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async list(actor: Actor, query: ScansQuery): Promise<Page<ScanView>> {
    const page = await this.scans.list(actor, query);
    await this.changes.recordListRead(
      actor,
      'scan',
      page.items.map(({ clientId }) => clientId),
    );
    return page.map((scan) => this.views.of(actor, scan));
  }

  /** Reading somebody's image, or what is known of it, leaves a trace. */
  async get(actor: Actor, id: string): Promise<ScanView> {
    const scan = await this.visible(actor, id);
    await this.db.transaction(() =>
      this.changes.record({ action: 'scan.read', objectType: 'scan', objectId: id, event: null }),
    );
    return this.views.of(actor, scan);
  }

  /** The row goes with the commit, the bytes right after it; where that fails, the sweep does it. */
  async delete(actor: Actor, id: string): Promise<void> {
    await this.db.transaction(async () => {
      const scan = await this.visible(actor, id);
      if (!mayDelete(actor, scan)) throw forbidden('Only who handed it in, or the patient, may delete a scan.');
      if (!(await this.scans.delete(id))) throw notFound();
      await this.changes.record({ action: 'scan.deleted', objectType: 'scan', objectId: id, before: scan });
    });
    await this.purge.purge(id).catch((error: unknown) => {
      this.logger.warn({ err: error, scanId: id }, 'bytes of a deleted scan stay until the sweep');
    });
  }

  /** @throws DomainError NOT_FOUND for what is not there, and for what is not the caller's */
  async visible(actor: Actor, id: string): Promise<ScanRow> {
    const scan = await this.scans.find(id);
    if (!scan || !maySee(actor, scan, await this.scans.treats(actor.doctorId, scan.clientId))) throw notFound();
    return scan;
  }
}
