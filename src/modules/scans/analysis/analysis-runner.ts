import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { Database } from '../../../core/database/database.js';
import { AnalysisRepository, type Outcome } from './analysis.repository.js';
import { analyzedEvent } from './analysis-requests.js';
import { AnalysisSubjects } from './analysis-subjects.js';
import { ScanAnalyzer } from './scan-analyzer.js';

const DELETED: Outcome = { state: 'FAILED', reason: 'SCAN_DELETED' };

/** Runs a queued analysis. A lease in the table makes sure that one process runs it; an expired lease is taken over. */
@Injectable()
export class AnalysisRunner {
  constructor(
    private readonly db: Database,
    private readonly subjects: AnalysisSubjects,
    private readonly analyses: AnalysisRepository,
    private readonly analyzer: ScanAnalyzer,
    private readonly changes: ChangeLog,
  ) {}

  /** @param onProgress called with the percentage of the work that is done */
  async run(id: string, onProgress?: (percent: number) => void): Promise<void> {
    const claim = await this.analyses.claim(id, this.analyzer.maxSeconds);
    if (!claim) return;
    const subjectBefore = await this.subjects.find(claim);
    const result = subjectBefore
      ? await this.analyzer.analyze(subjectBefore, claim.attempts, async (percent) => {
          await this.analyses.extendLease(id, claim.attempts, this.analyzer.maxSeconds);
          onProgress?.(percent);
        })
      : DELETED;
    await this.db.transaction(async () => {
      // If it was deleted meanwhile, the model's answer must not be stored.
      const subject = await this.subjects.find(claim);
      const outcome = subject ? result : DELETED;
      // False if the lease expired and another process has taken over.
      if (!(await this.analyses.finish(id, claim.attempts, outcome))) return;
      const objectType = claim.scanSetId ? 'scan_set' : 'scan';
      await this.changes.record({
        action: `${objectType}.analyzed`,
        objectType,
        objectId: claim.scanSetId ?? (claim.scanId as string),
        changes: { analysisId: id, status: outcome.state },
        event: subject ? analyzedEvent(subject, outcome.state) : null,
      });
    });
  }
}
