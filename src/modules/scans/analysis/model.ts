import type { OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';

/** The picture that a model is shown: pixels alone, no tag, no name, no id of ours. */
export interface ModelPicture {
  png: Buffer;
  /** Lower-case hex, of those bytes. */
  sha256: string;
}

/** What a model made of it: a draft for a clinician, never a finding by itself. */
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
  abstract analyse(picture: ModelPicture): Promise<ModelAnswer>;

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
