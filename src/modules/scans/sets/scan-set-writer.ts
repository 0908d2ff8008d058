import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { Database } from '../../../core/database/database.js';
import { storeAnswer } from '../../../core/http/idempotency-keys.js';
import { notFound } from '../../../core/kernel/domain-error.js';
import { newId } from '../../../core/kernel/id.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { otherContent } from '../scan.errors.js';
import { ScanQuota } from '../scan-quota.js';
import { ScansRepository, totalBytes, type NewScan, type ScanRow } from '../scans.repository.js';
import { toDetailsView } from './scan-set-views.js';
import type { ScanSetDetailsView } from './scan-sets.dto.js';
import { ScanSetsRepository } from './scan-sets.repository.js';

/** The images of an upload, whose files are stored. */
interface NewImages {
  clientId: string;
  studyInstanceUid: string;
  kind: string | null;
  takenAt: string | null;
  images: readonly NewScan[];
}

interface WrittenSet {
  view: ScanSetDetailsView;
  /** The images that the set had already, whose files are not needed. */
  unused: NewScan[];
}

/** Stores scan sets, within each patient's quota. */
@Injectable()
export class ScanSetWriter {
  constructor(
    private readonly db: Database,
    private readonly sets: ScanSetsRepository,
    private readonly scans: ScansRepository,
    private readonly quota: ScanQuota,
    private readonly changes: ChangeLog,
  ) {}

  /**
   * Adds images to the patient's set of the study, or creates it. Writes the rows, an audit row and the answer for the request's
   * Idempotency-Key, if it has one, in one transaction. The lock of the quota lets concurrent uploads of a study use one set.
   * @throws DomainError PAYLOAD_TOO_LARGE, UNPROCESSABLE_FILE
   */
  write(actor: Actor, upload: NewImages): Promise<WrittenSet> {
    const { clientId, studyInstanceUid, images } = upload;
    return this.db.transaction(async () => {
      await this.quota.lock(clientId);
      const known = await this.sets.lockByStudy(clientId, studyInstanceUid);
      const present = known ? await this.sets.findImages(known) : [];
      const added = withoutPresent(images, present);
      this.quota.assertSetSize(present.length + added.length);
      const bytes = added.reduce((sum, { renditions }) => sum + totalBytes(renditions), 0);
      if (added.length > 0) await this.quota.assertSpace(clientId, bytes, known ? 0 : 1);
      const id = known ?? (await this.insert(actor, upload));
      if (added.length > 0) await this.scans.insert(...added.map((image) => ({ ...image, scanSetId: id })));
      const set = await this.sets.find(id);
      if (!set) throw notFound();
      await this.changes.record({
        action: 'scan_set.uploaded',
        objectType: 'scan_set',
        objectId: id,
        after: set,
        changes: { images: added.length, bytes },
      });
      const view = toDetailsView(actor, set, await this.sets.findImages(id));
      await storeAnswer(this.db, view);
      return { view, unused: images.filter((image) => !added.includes(image)) };
    });
  }

  private async insert(actor: Actor, { clientId, studyInstanceUid, kind, takenAt }: NewImages): Promise<string> {
    const id = newId();
    const details = { kind, takenAt: takenAt === null ? null : new Date(takenAt) };
    await this.sets.insert({ id, clientId, uploadedBy: actor.userId, studyInstanceUid, ...details });
    return id;
  }
}

/** @throws DomainError UNPROCESSABLE_FILE if one of the present images has the same SOPInstanceUID and another content */
function withoutPresent(images: readonly NewScan[], present: readonly ScanRow[]): NewScan[] {
  const contents = new Map(present.map(({ dicom, sha256 }) => [dicom?.sopInstanceUid, sha256]));
  return images.filter(({ dicom, sha256 }) => {
    const known = contents.get(dicom?.sopInstanceUid);
    if (known !== undefined && known !== sha256) throw otherContent();
    contents.set(dicom?.sopInstanceUid, sha256);
    return known === undefined;
  });
}
