import { z } from 'zod';
import { Model, type ModelAnswer, type ModelPicture, type ModelSettings } from './model.js';
import { ModelError, ModelServer } from './model-server.js';

const Answer = z.object({
  model_name: z.string().max(200),
  model_version: z.string().max(200).nullish(),
  outputs: z
    .array(z.object({ name: z.string().max(200), datatype: z.string(), data: z.array(z.unknown()).max(10_000) }))
    .max(100),
});

const Score = z.number().min(0).max(1);
const Text = z.string().max(200);

/**
 * The Open Inference Protocol, version 2 (KServe, Triton, Seldon): one input `image`, BYTES, a PNG in base64; outputs
 * `score` (a number of 0..1) and, where the model has it, `label`.
 */
export class KserveModel extends Model {
  readonly protocol = 'kserve';
  private readonly server: ModelServer;
  private readonly path: string;

  constructor(private readonly settings: ModelSettings) {
    super();
    this.server = new ModelServer(settings);
    const version = settings.version ? `/versions/${encodeURIComponent(settings.version)}` : '';
    this.path = `/v2/models/${encodeURIComponent(settings.name)}${version}/infer`;
  }

  async analyse({ png }: ModelPicture): Promise<ModelAnswer> {
    const answer = Answer.safeParse(await this.server.post(this.path, requestOf(png)));
    if (!answer.success) throw new ModelError('BAD_ANSWER');
    const { model_name, model_version, outputs } = answer.data;
    const first = (name: string): unknown => outputs.find((output) => output.name === name)?.data[0];
    const score = Score.safeParse(first('score'));
    const label = Text.optional().safeParse(first('label'));
    if (!score.success || !label.success) throw new ModelError('BAD_ANSWER');
    return {
      modelId: model_name,
      modelVersion: model_version ?? this.settings.version ?? null,
      label: label.data ?? null,
      score: score.data,
      summary: null,
    };
  }
}

const requestOf = (png: Buffer): object => ({
  inputs: [{ name: 'image', datatype: 'BYTES', shape: [1], data: [png.toString('base64')] }],
  outputs: [{ name: 'score' }, { name: 'label' }],
});
