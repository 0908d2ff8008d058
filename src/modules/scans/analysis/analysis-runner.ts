import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { Database } from '../../../core/database/database.js';
import { ScansRepository } from '../scans.repository.js';
import { AnalysisRepository, type Outcome } from './analysis.repository.js';
import { analyzedEvent } from './analysis.service.js';
import { ScanAnalyzer } from './scan-analyzer.js';

const DELETED: Outcome = { state: 'FAILED', reason: 'SCAN_DELETED' };

/** Runs a queued analysis. A lease in the table makes sure that one process runs it; an expired lease is taken over. */
@Injectable()
export class AnalysisRunner {
  constructor(
    private readonly db: Database,
    private readonly scans: ScansRepository,
    private readonly analyses: AnalysisRepository,
    private readonly analyzer: ScanAnalyzer,
    private readonly changes: ChangeLog,
  ) {}

  /** @param onProgress called with the percentage of the work that is done */
  async run(id: string, onProgress?: (percent: number) => void): Promise<void> {
    const claim = await this.analyses.claim(id, this.analyzer.maxSeconds);
    if (!claim) return;
    const scanBefore = await this.scans.find(claim.scanId);
    const result = scanBefore ? await this.analyzer.analyze(scanBefore, claim.attempts, onProgress) : DELETED;
    await this.db.transaction(async () => {
      // If the scan was deleted meanwhile, the model's answer must not be stored.
      const scan = await this.scans.find(claim.scanId);
      const outcome = scan ? result : DELETED;
      // False if the lease expired and another process has taken over.
      if (!(await this.analyses.finish(id, claim.attempts, outcome))) return;
      await this.changes.record({
        action: 'scan.analyzed',
        objectType: 'scan',
        objectId: claim.scanId,
        changes: { analysisId: id, status: outcome.state },
        event: scan ? analyzedEvent(scan, outcome.state) : null,
      });
    });
  }
}
