import type { OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import type { PixelRange } from '../../../core/config/scan-settings.js';

/** The image that is sent to a model. It contains only pixels: no tags, names or ids. */
export interface ModelPicture {
  png: Buffer;
  /** SHA-256 of `png` in lower-case hex. */
  sha256: string;
}

/** The answer of a model: a draft that a clinician must review. */
export interface ModelAnswer {
  modelId: string;
  modelVersion: string | null;
  label: string | null;
  /** 0..1 */
  score: number;
  /** How sure the model is that there is a finding, 0..1: orders the images of a scan set. */
  findingScore: number;
  summary: string | null;
}

export abstract class Model implements OnModuleDestroy {
  abstract readonly protocol: string;

  /**
   * Yields the answers after each request: an answer for each image, in their order.
   * @throws ProviderError
   */
  abstract analyze(pictures: readonly ModelPicture[]): AsyncGenerator<ModelAnswer[], void>;

  /** Closes connections. */
  abstract onModuleDestroy(): void;
}

/** How the output of a model is read that has a number for each of several labels. */
export interface OutputSettings {
  /** Empty: the model has the outputs `score` and, optionally, `label`. */
  labels: readonly string[];
  /** The label that means that there is no finding. */
  negativeLabel: string | undefined;
  /** The function that turns the numbers into probabilities. */
  activation: 'none' | 'softmax' | 'sigmoid';
}

export interface ModelSettings {
  url: string;
  name: string;
  version: string | undefined;
  apiKey: string | undefined;
  timeoutMilliseconds: number;
  /** The height and width of images for a model that takes any. */
  inputSide: number;
  pixelRange: PixelRange;
  output: OutputSettings;
  logger?: Logger;
}
