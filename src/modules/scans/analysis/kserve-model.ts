import { JsonHttpClient } from '../../../core/resilience/json-http-client.js';
import { ProviderError } from '../../../core/resilience/provider-error.js';
import { readAnswers, readImageInput, type ImageInput } from './kserve-protocol.js';
import { Model, type ModelAnswer, type ModelPicture, type ModelSettings } from './model.js';
import { ModelClient } from './model-client.js';
import { createTensor } from './model-tensor.js';

/**
 * A server with the Open Inference Protocol, version 2 (KServe, Triton, Seldon, OpenVINO). The metadata of the model decide whether it gets
 * the values of the pixels or a PNG.
 */
export class KserveModel extends Model {
  readonly protocol = 'kserve';
  private readonly provider: ModelClient;
  private readonly http: JsonHttpClient;
  private readonly url: URL;
  /** From the metadata of the model. Null before the first request and after an error, because the model may have changed. */
  private input: ImageInput | null = null;
  /** The server may take fewer images in a request than its metadata allow (`max_batch_size` of Triton). */
  private batchLimit = Infinity;

  constructor(private readonly settings: ModelSettings) {
    super();
    this.provider = new ModelClient(settings);
    this.http = new JsonHttpClient(settings.apiKey);
    const version = settings.version ? `/versions/${encodeURIComponent(settings.version)}` : '';
    this.url = new URL(`${settings.url}/v2/models/${encodeURIComponent(settings.name)}${version}`);
  }

  onModuleDestroy(): void {
    this.provider.close();
    this.http.close();
  }

  /**
   * The first request asks for one image, until it is known whether the model takes several. If a request with several is refused, the next
   * ones have at most half as many.
   */
  async *analyze(pictures: readonly ModelPicture[]): AsyncGenerator<ModelAnswer[], void> {
    for (let at = 0; at < pictures.length;) {
      const batch = pictures.slice(at, at + Math.min(this.input?.maxBatch ?? 1, this.batchLimit));
      try {
        yield await this.provider.call((signal) => this.attempt(batch, signal));
        at += batch.length;
      } catch (error) {
        if (batch.length === 1 || !isRefusal(error)) throw error;
        this.batchLimit = Math.floor(batch.length / 2);
      }
    }
  }

  /** If the server refuses a request that was made from earlier metadata, it is made once more from new ones. */
  private async attempt(batch: readonly ModelPicture[], signal: AbortSignal): Promise<ModelAnswer[]> {
    const known = this.input;
    try {
      const input = known ?? (await this.readInput(signal));
      return await this.infer(batch, input, signal);
    } catch (error) {
      this.input = null;
      if (!known || !isRefusal(error)) throw error;
      const input = await this.readInput(signal);
      if (input.maxBatch < batch.length) throw error;
      return this.infer(batch, input, signal);
    }
  }

  private async readInput(signal: AbortSignal): Promise<ImageInput> {
    const metadata = await this.http.getForJson(this.url, signal);
    return readImageInput(metadata, this.settings.inputSide);
  }

  private async infer(batch: readonly ModelPicture[], input: ImageInput, signal: AbortSignal): Promise<ModelAnswer[]> {
    const request = await this.createRequest(batch, input);
    const body = await this.http.postForJson(new URL(`${this.url.href}/infer`), request, signal);
    const answers = readAnswers(body, batch.length, this.settings.output, this.settings.version);
    this.input = input;
    return answers;
  }

  /** Names no outputs, so a server sends all it has: one without `label` would refuse a request that names it. */
  private async createRequest(batch: readonly ModelPicture[], input: ImageInput): Promise<object> {
    const { name, datatype } = input;
    if (input.datatype === 'BYTES') {
      const shape = input.dimensions === 1 ? [batch.length] : [batch.length, 1];
      return { inputs: [{ name, datatype, shape, data: batch.map(({ png }) => png.toString('base64')) }] };
    }
    const { channels, height, width } = input;
    const size = input.layout === 'NCHW' ? [channels, height, width] : [height, width, channels];
    const tensors = await Promise.all(batch.map(({ png }) => createTensor(png, input, this.settings.pixelRange)));
    return { inputs: [{ name, datatype, shape: [batch.length, ...size], data: tensors.flat() }] };
  }
}

/** The statuses 400, 404, 413 and 422, by the reasons of the HTTP client. */
const isRefusal = (error: unknown): boolean =>
  error instanceof ProviderError && (error.reason === 'DECLINED' || error.reason === 'REFUSED');
