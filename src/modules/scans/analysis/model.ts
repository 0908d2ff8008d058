import type { OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';

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
  summary: string | null;
}

export abstract class Model implements OnModuleDestroy {
  abstract readonly protocol: string;

  /** @throws ProviderError */
  abstract analyze(picture: ModelPicture): Promise<ModelAnswer>;

  /** Closes connections. */
  abstract onModuleDestroy(): void;
}

export interface ModelSettings {
  url: string;
  name: string;
  version: string | undefined;
  apiKey: string | undefined;
  timeoutMilliseconds: number;
  logger?: Logger;
}
