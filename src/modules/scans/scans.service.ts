import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { DomainError, forbidden, notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { mayDelete, maySee } from './scan.policy.js';
import { ScanStorage } from './scan-storage.js';
import { ScanViews } from './scan-views.js';
import type { ScansQuery, ScanView } from './scans.dto.js';
import { ScansRepository, type RenditionName, type ScanRow } from './scans.repository.js';

@Injectable()
export class ScansService {
  constructor(
    private readonly db: Database,
    private readonly scans: ScansRepository,
    private readonly changes: ChangeLog,
    private readonly views: ScanViews,
    private readonly storage: ScanStorage,
  ) {}

  async list(actor: Actor, query: ScansQuery): Promise<Page<ScanView>> {
    const page = await this.scans.list(actor, query);
    await this.changes.recordListRead(
      actor,
      'scan',
      page.items.map(({ clientId }) => clientId),
    );
    return page.map((scan) => this.views.toView(actor, scan));
  }

  /** The read is audited. */
  async get(actor: Actor, id: string): Promise<ScanView> {
    const scan = await this.getVisible(actor, id);
    await this.recordRead(actor, id, scan.clientId);
    return this.views.toView(actor, scan);
  }

  /** Deletes the row and, after the commit, the files. */
  async delete(actor: Actor, id: string): Promise<void> {
    await this.db.transaction(async () => {
      const scan = await this.getVisible(actor, id);
      if (!mayDelete(actor, scan)) throw forbidden('Only the patient and the user who uploaded a scan may delete it.');
      if (scan.scanSetId) throw new DomainError('IN_USE', 'The image belongs to a scan set. Delete the set.');
      if (!(await this.scans.delete(id))) throw notFound();
      await this.changes.record({ action: 'scan.deleted', objectType: 'scan', objectId: id, before: scan });
    });
    await this.storage.tryPurge(id);
  }

  /** A file of a scan. The caller must have checked the access to it. */
  openStored(id: string, name: RenditionName): Promise<Readable> {
    return this.storage.read(id, name);
  }

  /** Deletes the files of a patient's deleted scans. @returns whether all are gone; otherwise the sweep tries again */
  async purgeDeletedByClient(clientId: string): Promise<boolean> {
    let isComplete = true;
    for (const id of await this.scans.findUnpurgedByClient(clientId)) {
      if (!(await this.storage.tryPurge(id))) isComplete = false;
    }
    return isComplete;
  }

  /** Finds a scan that the caller may see. @throws DomainError NOT_FOUND */
  async getVisible(actor: Actor, id: string): Promise<ScanRow> {
    const scan = await this.scans.find(id);
    if (!scan || !maySee(actor, scan, await this.scans.treats(actor.doctorId, scan.clientId))) throw notFound();
    return scan;
  }

  /** Patients' reads of their own images are recorded, too. */
  private recordRead(actor: Actor, objectId: string, clientId: string): Promise<void> {
    const scan = { objectType: 'scan', objectId };
    if (actor.role !== 'CLIENT') return this.changes.recordRead(actor, { ...scan, clientId });
    return this.changes.recordAccess({ action: 'scan.read', ...scan, changes: { clientIds: [clientId] } });
  }
}
