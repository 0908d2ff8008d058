import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config } from '../../../core/config/config.js';
import { LOGGER } from '../../../core/logging/logger.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import { BlobMissing } from '../../../core/storage/blob-store.js';
import type { ScanRow } from '../scans.repository.js';
import type { Outcome } from './analysis.repository.js';
import { ModelInput } from './model-input.js';
import type { Model } from './model.js';
import { MODEL } from './model.provider.js';

/** Added to the model's time limit, for reading and resizing the image and storing the outcome. */
const EXTRA_SECONDS = 60;
/** After this many interrupted attempts, the image is assumed to crash the process. */
const MAX_ATTEMPTS = 3;

/** Sends the image of a scan to the model. */
@Injectable()
export class ScanAnalyzer {
  /** The maximum duration of an analysis. */
  readonly maxSeconds: number;

  constructor(
    config: Config,
    private readonly input: ModelInput,
    @Inject(MODEL) private readonly model: Model | null,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.maxSeconds = config.SCAN_MODEL_TIMEOUT_SECONDS + EXTRA_SECONDS;
  }

  /** Never throws: an error is the outcome FAILED with its reason. */
  async analyze(scan: ScanRow, attempts: number, onProgress?: (percent: number) => void): Promise<Outcome> {
    if (!this.model) return { state: 'NOT_AVAILABLE', reason: 'NO_MODEL' };
    if (attempts > MAX_ATTEMPTS) return { state: 'FAILED', reason: 'INTERRUPTED' };
    try {
      const picture = await this.input.create(scan);
      if (!picture) return { state: 'NOT_AVAILABLE', reason: scan.noPicture ?? 'NO_PICTURE' };
      onProgress?.(25);
      const [answer] = await this.model.analyze([picture]);
      onProgress?.(90);
      if (!answer) return { state: 'FAILED', reason: 'BAD_ANSWER' };
      return { state: 'DRAFT', answer, protocol: this.model.protocol, inputSha256: picture.sha256 };
    } catch (error) {
      const reason = toReason(error);
      this.logger.warn({ scanId: scan.id, reason, ...(reason === 'INTERNAL' && { err: error }) }, 'scan not analyzed');
      return { state: 'FAILED', reason };
    }
  }
}

function toReason(error: unknown): string {
  if (error instanceof ProviderError) return error.reason;
  return error instanceof BlobMissing ? 'BYTES_MISSING' : 'INTERNAL';
}
