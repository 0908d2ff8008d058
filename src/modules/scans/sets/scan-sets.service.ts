import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { Database } from '../../../core/database/database.js';
import type { Page } from '../../../core/http/page.js';
import { forbidden, notFound } from '../../../core/kernel/domain-error.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { mayDelete, maySee } from '../scan.policy.js';
import { ScanStorage } from '../scan-storage.js';
import { ScansRepository } from '../scans.repository.js';
import { toDetailsView, toSetView } from './scan-set-views.js';
import type { ScanSetDetailsView, ScanSetsQuery, ScanSetView } from './scan-sets.dto.js';
import { ScanSetsRepository, type ScanSetRow } from './scan-sets.repository.js';

@Injectable()
export class ScanSetsService {
  constructor(
    private readonly db: Database,
    private readonly sets: ScanSetsRepository,
    private readonly scans: ScansRepository,
    private readonly changes: ChangeLog,
    private readonly storage: ScanStorage,
  ) {}

  async list(actor: Actor, query: ScanSetsQuery): Promise<Page<ScanSetView>> {
    const page = await this.sets.list(actor, query);
    await this.changes.recordListRead(
      actor,
      'scan_set',
      page.items.map(({ clientId }) => clientId),
    );
    return page.map((set) => toSetView(actor, set));
  }

  /** The read is audited, also that of patients. */
  async get(actor: Actor, id: string): Promise<ScanSetDetailsView> {
    const set = await this.getVisible(actor, id);
    const view = toDetailsView(actor, set, await this.sets.findImages(id));
    const { clientId } = set;
    const read = { objectType: 'scan_set', objectId: id };
    if (actor.role === 'CLIENT') {
      await this.changes.recordAccess({ action: 'scan_set.read', ...read, changes: { clientIds: [clientId] } });
    } else await this.changes.recordRead(actor, { ...read, clientId });
    return view;
  }

  /** Deletes the rows of the set and its images and, after the commit, the files. */
  async delete(actor: Actor, id: string): Promise<void> {
    const images = await this.db.transaction(async () => {
      const set = await this.getVisible(actor, id);
      const deleted = await this.sets.delete(id);
      if (!deleted) throw notFound();
      const owners = [set, ...deleted.map(({ uploadedBy }) => ({ clientId: set.clientId, uploadedBy }))];
      if (!owners.every((image) => mayDelete(actor, image))) {
        throw forbidden('Only the patient and a user who uploaded all images of a set may delete it.');
      }
      const changes = { images: deleted.length };
      await this.changes.record({
        action: 'scan_set.deleted',
        objectType: 'scan_set',
        objectId: id,
        before: set,
        changes,
      });
      return deleted;
    });
    await this.storage.tryPurgeAll(images.map((image) => image.id));
  }

  /** Finds a set that the caller may see. @throws DomainError NOT_FOUND */
  async getVisible(actor: Actor, id: string): Promise<ScanSetRow> {
    const set = await this.sets.find(id);
    if (!set || !maySee(actor, set, await this.scans.treats(actor.doctorId, set.clientId))) throw notFound();
    return set;
  }
}
