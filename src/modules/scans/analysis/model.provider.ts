import type { FactoryProvider } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config } from '../../../core/config/config.js';
import { LOGGER } from '../../../core/logging/logger.js';
import { KserveModel } from './kserve-model.js';
import type { Model, ModelSettings } from './model.js';
import { OpenAiModel } from './openai-model.js';

/** The injection token of the model; its value is null if no model is configured. */
export const MODEL = Symbol('MODEL');

export const modelProvider: FactoryProvider<Model | null> = {
  provide: MODEL,
  inject: [Config, LOGGER],
  useFactory: (config: Config, logger: Logger) => {
    const { SCAN_MODEL_URL: url, SCAN_MODEL_NAME: name } = config;
    if (config.SCAN_MODEL_PROTOCOL === 'none' || !url || !name) return null;
    const settings: ModelSettings = {
      url: url.replace(/\/+$/, ''),
      name,
      version: config.SCAN_MODEL_VERSION,
      apiKey: config.SCAN_MODEL_API_KEY,
      timeoutMilliseconds: config.SCAN_MODEL_TIMEOUT_SECONDS * 1000,
      inputSide: config.SCAN_MODEL_INPUT_SIDE,
      pixelRange: config.SCAN_MODEL_PIXEL_RANGE,
      output: {
        labels: config.SCAN_MODEL_LABELS,
        negativeLabel: config.SCAN_MODEL_NEGATIVE_LABEL,
        activation: config.SCAN_MODEL_ACTIVATION,
      },
      logger,
    };
    return config.SCAN_MODEL_PROTOCOL === 'kserve' ? new KserveModel(settings) : new OpenAiModel(settings);
  },
};
