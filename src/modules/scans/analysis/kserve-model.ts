import { z } from 'zod';
import { JsonHttpClient } from '../../../core/resilience/json-http-client.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import { Model, type ModelAnswer, type ModelPicture, type ModelSettings } from './model.js';
import { ModelClient } from './model-client.js';

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
 * A server with the Open Inference Protocol, version 2 (KServe, Triton, Seldon). Input: `image` of type BYTES, a PNG in base64.
 * Outputs: `score` (0..1) and, optionally, `label`.
 */
export class KserveModel extends Model {
  readonly protocol = 'kserve';
  private readonly provider: ModelClient;
  private readonly http: JsonHttpClient;
  private readonly url: URL;

  constructor(private readonly settings: ModelSettings) {
    super();
    this.provider = new ModelClient(settings);
    this.http = new JsonHttpClient(settings.apiKey);
    const version = settings.version ? `/versions/${encodeURIComponent(settings.version)}` : '';
    this.url = new URL(`${settings.url}/v2/models/${encodeURIComponent(settings.name)}${version}/infer`);
  }

  onModuleDestroy(): void {
    this.provider.close();
    this.http.close();
  }

  async analyze({ png }: ModelPicture): Promise<ModelAnswer> {
    const request = toRequest(png);
    const answer = Answer.safeParse(
      await this.provider.call((signal) => this.http.postForJson(this.url, request, signal)),
    );
    if (!answer.success) throw new ProviderError('BAD_ANSWER');
    const { model_name, model_version, outputs } = answer.data;
    const first = (name: string): unknown => outputs.find((output) => output.name === name)?.data[0];
    const score = Score.safeParse(first('score'));
    const label = Text.optional().safeParse(first('label'));
    if (!score.success || !label.success) throw new ProviderError('BAD_ANSWER');
    return {
      modelId: model_name,
      modelVersion: model_version ?? this.settings.version ?? null,
      label: label.data ?? null,
      score: score.data,
      summary: null,
    };
  }
}

/** Names no outputs, so a server sends all it has: one without `label` would refuse a request that names it. */
const toRequest = (png: Buffer): object => ({
  inputs: [{ name: 'image', datatype: 'BYTES', shape: [1], data: [png.toString('base64')] }],
});
