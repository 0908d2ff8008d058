import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { Config } from '../../../core/config/config.js';
import { Database } from '../../../core/database/database.js';
import { Jobs } from '../../../core/jobs/jobs.js';
import { LOGGER } from '../../../core/logging/logger.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import { BlobMissing } from '../../../core/storage/blob-store.js';
import { ScansRepository, type ScanRow } from '../scans.repository.js';
import { AnalysisRepository, type Outcome } from './analysis.repository.js';
import { analyzed } from './analysis.service.js';
import { ModelInput } from './model-input.js';
import type { Model } from './model.js';
import { MODEL } from './model.provider.js';

/** Beyond the model's own time: reading and shrinking the picture, and writing the outcome. */
const SPARE_SECONDS = 60;
/** A picture that takes the process down with it is not tried for ever. */
const MAX_ATTEMPTS = 3;
const AT_ONCE = 2;

const DELETED: Outcome = { state: 'FAILED', reason: 'SCAN_DELETED' };

/** Runs the analyses that are queued. The table is the truth; a lease that ran out is taken over. */
@Injectable()
export class AnalysisJob implements OnModuleInit {
  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly scans: ScansRepository,
    private readonly analyses: AnalysisRepository,
    private readonly input: ModelInput,
    private readonly changes: ChangeLog,
    private readonly jobs: Jobs,
    @Inject(MODEL) private readonly model: Model | null,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.jobs.register({
      name: 'scan-analysis',
      concurrency: AT_ONCE,
      due: () => this.analyses.due(),
      run: (id) => this.run(id),
    });
  }

  async run(id: string): Promise<void> {
    const claim = await this.analyses.claim(id, this.config.SCAN_MODEL_TIMEOUT_SECONDS + SPARE_SECONDS);
    if (!claim) return;
    const found = await this.outcomeOf(await this.scans.find(claim.scanId), claim.attempts);
    await this.db.transaction(async () => {
      // It may have been deleted while the model looked at it; then nothing of it is to be kept.
      const scan = await this.scans.find(claim.scanId);
      const outcome = scan ? found : DELETED;
      // Somebody else has it by now: the lease ran out.
      if (!(await this.analyses.finish(id, claim.attempts, outcome))) return;
      await this.changes.record({
        action: 'scan.analyzed',
        objectType: 'scan',
        objectId: claim.scanId,
        changes: { analysisId: id, status: outcome.state },
        event: scan ? analyzed(scan, outcome.state) : null,
      });
    });
  }

  private async outcomeOf(scan: ScanRow | null, attempts: number): Promise<Outcome> {
    if (!scan) return DELETED;
    if (!this.model) return { state: 'NOT_AVAILABLE', reason: 'NO_MODEL' };
    if (attempts > MAX_ATTEMPTS) return { state: 'FAILED', reason: 'INTERRUPTED' };
    try {
      const picture = await this.input.of(scan);
      if (!picture) return { state: 'NOT_AVAILABLE', reason: scan.noPicture ?? 'NO_PICTURE' };
      const answer = await this.model.analyse(picture);
      return { state: 'DRAFT', answer, protocol: this.model.protocol, inputSha256: picture.sha256 };
    } catch (error) {
      const reason = reasonOf(error);
      this.logger.warn({ scanId: scan.id, reason, ...(reason === 'INTERNAL' && { err: error }) }, 'scan not analysed');
      return { state: 'FAILED', reason };
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof ProviderError) return error.reason;
  return error instanceof BlobMissing ? 'BYTES_MISSING' : 'INTERNAL';
}
