import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config } from '../../../core/config/config.js';
import { LOGGER } from '../../../core/logging/logger.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import { BlobMissing } from '../../../core/storage/blob-store.js';
import type { ScanRow } from '../scans.repository.js';
import type { Outcome } from './analysis.repository.js';
import type { SubjectImages } from './analysis-subjects.js';
import { hasModelPicture, ModelInput } from './model-input.js';
import type { Model, ModelAnswer } from './model.js';
import { MODEL } from './model.provider.js';

/** Added to the model's time limit, for reading and resizing images and storing the outcome. */
const EXTRA_SECONDS = 60;
/** After this many interrupted attempts, the image is assumed to crash the process. */
const MAX_ATTEMPTS = 3;
/** Images of a set that are in memory at the same time. */
const IMAGES_AT_ONCE = 8;
/** The progress of an analysis, in percent, before the first answer of the model and after the last one. */
const PROGRESS = { first: 25, last: 90 } as const;

interface Best {
  answer: ModelAnswer;
  scanId: string;
}

/** Sends the image of a scan, or the images of a set, to the model. */
@Injectable()
export class ScanAnalyzer {
  /** The maximum time until the next call of `onProgress` or the end. */
  readonly maxSeconds: number;
  private readonly maxImages: number;

  constructor(
    config: Config,
    private readonly input: ModelInput,
    @Inject(MODEL) private readonly model: Model | null,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.maxSeconds = config.SCAN_MODEL_TIMEOUT_SECONDS + EXTRA_SECONDS;
    this.maxImages = config.SCAN_MODEL_MAX_IMAGES;
  }

  /** Never throws: an error is the outcome FAILED with its reason. A set has a result only if the model answered for each image. */
  async analyze(
    { type, id, images }: SubjectImages,
    attempts: number,
    onProgress: (percent: number) => Promise<void>,
  ): Promise<Outcome> {
    if (!this.model) return { state: 'NOT_AVAILABLE', reason: 'NO_MODEL' };
    if (attempts > MAX_ATTEMPTS) return { state: 'FAILED', reason: 'INTERRUPTED' };
    const usable = images.filter(hasModelPicture);
    if (usable.length === 0) return { state: 'NOT_AVAILABLE', reason: images[0]?.noPicture ?? 'NO_PICTURE' };
    try {
      return await this.askModel(this.model, type, pickEvenly(usable, this.maxImages), onProgress);
    } catch (error) {
      const reason = toReason(error);
      const subject = type === 'scan' ? { scanId: id } : { scanSetId: id };
      this.logger.warn({ ...subject, reason, ...(reason === 'INTERNAL' && { err: error }) }, 'scan not analyzed');
      return { state: 'FAILED', reason };
    }
  }

  private async askModel(
    model: Model,
    type: SubjectImages['type'],
    images: readonly ScanRow[],
    onProgress: (percent: number) => Promise<void>,
  ): Promise<Outcome> {
    const hashes: string[] = [];
    let best: Best | null = null;
    for (let at = 0; at < images.length; at += IMAGES_AT_ONCE) {
      const chunk = images.slice(at, at + IMAGES_AT_ONCE);
      const pictures = await Promise.all(chunk.map((scan) => this.input.create(scan)));
      hashes.push(...pictures.map(({ sha256 }) => sha256));
      const answers: ModelAnswer[] = [];
      for await (const part of model.analyze(pictures)) {
        answers.push(...part);
        await onProgress(toPercent((at + answers.length) / images.length));
      }
      if (answers.length !== chunk.length) throw new ProviderError('BAD_ANSWER');
      best = selectBest(best, answers, chunk);
    }
    if (!best) throw new ProviderError('BAD_ANSWER');
    const { answer, scanId } = best;
    const result = { state: 'DRAFT' as const, answer, protocol: model.protocol };
    if (type === 'scan') return { ...result, inputSha256: hashes[0] as string, resultScanId: null, images: null };
    const inputSha256 = createHash('sha256').update(hashes.join('\n')).digest('hex');
    return { ...result, inputSha256, resultScanId: scanId, images: images.length };
  }
}

const toPercent = (answeredShare: number): number =>
  Math.round(PROGRESS.first + (PROGRESS.last - PROGRESS.first) * answeredShare);

/** The first image with the highest score of a finding. */
function selectBest(best: Best | null, answers: readonly ModelAnswer[], images: readonly ScanRow[]): Best | null {
  return answers.reduce<Best | null>(
    (highest, answer, n) =>
      highest && highest.answer.findingScore >= answer.findingScore
        ? highest
        : { answer, scanId: (images[n] as ScanRow).id },
    best,
  );
}

/** At most `count` items at equal distances, with the first and the last. */
function pickEvenly<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  if (count === 1) return [items[Math.floor((items.length - 1) / 2)] as T];
  return Array.from({ length: count }, (_, n) => items[Math.round((n * (items.length - 1)) / (count - 1))] as T);
}

function toReason(error: unknown): string {
  if (error instanceof ProviderError) return error.reason;
  return error instanceof BlobMissing ? 'BYTES_MISSING' : 'INTERNAL';
}
