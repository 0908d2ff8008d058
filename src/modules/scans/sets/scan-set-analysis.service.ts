import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { AnalysisRequests, toCommonView, type PatientSubject } from '../analysis/analysis-requests.js';
import type { AnalysisRow } from '../analysis/analysis.repository.js';
import type { ScanSetAnalysisView } from './scan-sets.dto.js';
import { ScanSetsService } from './scan-sets.service.js';

/** The analyses of scan sets: one for all images of a set. */
@Injectable()
export class ScanSetAnalysisService {
  constructor(
    private readonly db: Database,
    private readonly sets: ScanSetsService,
    private readonly requests: AnalysisRequests,
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

  /** @throws DomainError INVALID_TRANSITION if the latest analysis is another one than `readId`, or not a draft */
  async sign(actor: Actor, id: string, readId?: string): Promise<ScanSetAnalysisView> {
    return this.db.transaction(async () => {
      const subject = await this.getSubject(actor, id);
      return toView(id, await this.requests.sign(actor, subject, readId));
    });
  }

  private async getSubject(actor: Actor, id: string): Promise<PatientSubject> {
    const { clientId } = await this.sets.getVisible(actor, id);
    return { type: 'scan_set', id, clientId };
  }
}

const toView = (scanSetId: string, row: AnalysisRow): ScanSetAnalysisView => ({
  ...toCommonView(row),
  scanSetId,
  resultScanId: row.resultScanId,
  images: row.images,
});
