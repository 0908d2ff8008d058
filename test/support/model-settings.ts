import type { Model, ModelAnswer, ModelPicture, ModelSettings } from '../../src/modules/scans/analysis/model.js';

/** The settings of a model, with the defaults of the configuration. */
export const modelSettings = (settings: Partial<ModelSettings> & Pick<ModelSettings, 'url'>): ModelSettings => ({
  name: 'm',
  version: undefined,
  apiKey: undefined,
  timeoutMilliseconds: 500,
  inputSide: 224,
  pixelRange: 'unit',
  output: { labels: [], negativeLabel: undefined, activation: 'none' },
  ...settings,
});

export async function analyzeAll(model: Model, pictures: readonly ModelPicture[]): Promise<ModelAnswer[]> {
  const answers: ModelAnswer[] = [];
  for await (const part of model.analyze(pictures)) answers.push(...part);
  return answers;
}
