import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { DomainError } from '../../../core/kernel/domain-error.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { AnalysisRequests, toCommonView, type PatientSubject } from '../analysis/analysis-requests.js';
import type { AnalysisRow } from '../analysis/analysis.repository.js';
import type { ScanSetAnalysisView } from './scan-sets.dto.js';
import { ScanSetsRepository } from './scan-sets.repository.js';
import { ScanSetsService } from './scan-sets.service.js';

/** The analyses of scan sets: one for all images of a set. */
@Injectable()
export class ScanSetAnalysisService {
  constructor(
    private readonly db: Database,
    private readonly sets: ScanSetsService,
    private readonly requests: AnalysisRequests,
    private readonly images: ScanSetsRepository,
  ) {}

  /** Queues an analysis. Returns the one in progress, if there is one. */
  async request(actor: Actor, id: string): Promise<ScanSetAnalysisView> {
    return this.db.transaction(async () => {
      const subject = await this.getSubject(actor, id);
      return toView(id, await this.requests.request(actor, subject));
    });
  }

  /** Returns the latest analysis. The read is audited. */
  async getLatest(actor: Actor, id: string): Promise<ScanSetAnalysisView> {
    return toView(id, await this.requests.read(await this.getSubject(actor, id)));
  }

  /** @throws DomainError INVALID_TRANSITION if the latest analysis is another one than `readId`, not a draft, or not of all images */
  async sign(actor: Actor, id: string, readId?: string): Promise<ScanSetAnalysisView> {
    return this.db.transaction(async () => {
      const subject = await this.getSubject(actor, id);
      const signed = await this.requests.sign(actor, subject, readId);
      if (await this.images.hasNewImages(signed.id)) throw setChanged();
      return toView(id, signed);
    });
  }

  private async getSubject(actor: Actor, id: string): Promise<PatientSubject> {
    const { clientId } = await this.sets.getVisible(actor, id);
    return { type: 'scan_set', id, clientId };
  }
}

const setChanged = (): DomainError =>
  new DomainError('INVALID_TRANSITION', 'The set has images that were added after the analysis. Request a new one.', {
    reason: 'SET_CHANGED',
  });

const toView = (scanSetId: string, row: AnalysisRow): ScanSetAnalysisView => ({
  ...toCommonView(row),
  scanSetId,
  resultScanId: row.resultScanId,
  images: row.images,
});
