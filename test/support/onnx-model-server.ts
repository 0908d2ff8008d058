import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { createOnnxModel, type OnnxModelSpec } from './onnx-model.js';

env.wasm.numThreads = 1;

const DATATYPES: Record<string, string> = { float32: 'FP32', uint8: 'UINT8', string: 'BYTES' };

interface TensorMetadata {
  name: string;
  datatype: string;
  /** -1: any size. */
  shape: number[];
}

interface InputTensor extends TensorMetadata {
  data: number[];
}

interface LoadedModel {
  name: string;
  version: string;
  session: InferenceSession;
  isReady: boolean;
}

class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * A model server that executes ONNX models by ONNX Runtime and speaks the Open Inference Protocol, version 2, over HTTP. Like KServe and
 * Triton, it checks the name, the datatype, the shape and the number of values of each input.
 */
export class OnnxModelServer {
  /** The inputs of accepted inference requests, newest last. */
  readonly inputs: InputTensor[] = [];
  /** More images in a request are refused, as by Triton's `max_batch_size`: the metadata do not tell it. */
  maxBatch = Infinity;
  /** Models answer when this is resolved. */
  gate: Promise<void> | null = null;
  /** `METHOD path` of all requests. */
  readonly requests: string[] = [];
  private readonly models: LoadedModel[] = [];
  private running: Promise<unknown> = Promise.resolve();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OnnxModelServer> {
    const server = createServer();
    const started = new OnnxModelServer(server);
    server.on('request', (request, response) => {
      const send = (status: number, body: object): void => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      };
      started.answer(request).then(
        (body) => send(200, body),
        (error: Error) => send(error instanceof HttpError ? error.status : 500, { error: error.message }),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Loads a version of a model, or replaces it. */
  async load(name: string, spec: OnnxModelSpec = {}, version = '1'): Promise<void> {
    const session = await InferenceSession.create(createOnnxModel(spec), {
      executionProviders: ['wasm'],
      logSeverityLevel: 3,
    });
    const index = this.models.findIndex((model) => model.name === name && model.version === version);
    this.models.splice(index === -1 ? this.models.length : index, 1, { name, version, session, isReady: true });
  }

  setReady(name: string, isReady: boolean): void {
    for (const model of this.models) if (model.name === name) model.isReady = isReady;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
    for (const { session } of this.models) await session.release();
  }

  private async answer(request: IncomingMessage): Promise<object> {
    const { method, url = '' } = request;
    this.requests.push(`${method} ${url}`);
    const body: unknown = method === 'POST' ? await json(request) : undefined;
    if (url === '/v2/health/live') return { live: true };
    if (url === '/v2/health/ready') return { ready: this.models.every(({ isReady }) => isReady) };
    const [, name, version, action] =
      /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer))?$/.exec(url) ?? [];
    if (!name) throw new HttpError(404, 'Not Found');
    const model = this.find(decodeURIComponent(name), version && decodeURIComponent(version));
    if (action === 'ready' && method === 'GET') return { name: model.name, ready: model.isReady };
    if (!model.isReady) throw new HttpError(503, `Model with name ${model.name} is not ready.`);
    if (action === 'infer' && method === 'POST') return this.infer(model, body);
    if (action || method !== 'GET') throw new HttpError(405, 'Method Not Allowed');
    return this.describe(model);
  }

  /** Without a version, the last one that was loaded first. */
  private find(name: string, version: string | undefined): LoadedModel {
    const versions = this.models.filter((model) => model.name === name);
    const found = version ? versions.find((model) => model.version === version) : versions.at(-1);
    if (!found)
      throw new HttpError(404, `Model with name ${name}${version ? ` and version ${version}` : ''} not found.`);
    return found;
  }

  private describe({ name, session }: LoadedModel): object {
    const versions = this.models.filter((model) => model.name === name).map(({ version }) => version);
    return {
      name,
      versions,
      platform: 'onnxruntime_onnx',
      inputs: toTensors(session.inputMetadata),
      outputs: toTensors(session.outputMetadata),
    };
  }

  private async infer({ name, version, session }: LoadedModel, body: unknown): Promise<object> {
    const { id, inputs } = (body ?? {}) as { id?: string; inputs?: InputTensor[] };
    const expected = toTensors(session.inputMetadata);
    if (!Array.isArray(inputs)) throw new HttpError(400, "field required: 'inputs'");
    if (inputs.length !== expected.length) {
      throw new HttpError(
        400,
        `expected ${expected.length} inputs but got ${inputs.length} inputs for model '${name}'`,
      );
    }
    if (inputs.some(({ shape }) => (shape[0] ?? 0) > this.maxBatch)) {
      throw new HttpError(400, `inference request batch-size must be <= ${this.maxBatch} for '${name}'`);
    }
    await this.gate;
    const feeds: Record<string, Tensor> = {};
    for (const input of inputs) feeds[input.name] = toTensor(input, expected, name);
    this.inputs.push(...inputs);
    // A session of ONNX Runtime runs one call at a time.
    const run = this.running.then(() => session.run(feeds));
    this.running = run.catch(() => undefined);
    const results = await run.catch((error: Error) => {
      throw new HttpError(400, error.message);
    });
    const outputs = toTensors(session.outputMetadata).map(({ name: output, datatype }) => {
      const { dims, data } = results[output] as Tensor;
      return { name: output, datatype, shape: dims, data: Array.from(data as Float32Array) };
    });
    return { id, model_name: name, model_version: version, outputs };
  }
}

const toTensors = (metadata: readonly InferenceSession.ValueMetadata[]): TensorMetadata[] =>
  metadata.flatMap((value) =>
    value.isTensor
      ? [
          {
            name: value.name,
            datatype: DATATYPES[value.type] ?? value.type,
            shape: value.shape.map((dim) => (typeof dim === 'number' ? dim : -1)),
          },
        ]
      : [],
  );

function toTensor({ name, datatype, shape, data }: InputTensor, expected: TensorMetadata[], model: string): Tensor {
  const declared = expected.find((tensor) => tensor.name === name);
  if (!declared) throw new HttpError(400, `unexpected inference input '${name}' for model '${model}'`);
  if (datatype !== declared.datatype) {
    throw new HttpError(
      400,
      `inference input '${name}' data-type is '${datatype}', but model expects '${declared.datatype}'`,
    );
  }
  const fits =
    shape.length === declared.shape.length && declared.shape.every((dim, n) => dim === -1 || dim === shape[n]);
  if (!fits) {
    throw new HttpError(
      400,
      `unexpected shape for input '${name}'. Expected [${declared.shape.join()}], got [${shape.join()}]`,
    );
  }
  const count = shape.reduce((product, dim) => product * dim, 1);
  if (!Array.isArray(data) || data.length !== count) {
    throw new HttpError(400, `input '${name}' expected ${count} elements, got ${data?.length}`);
  }
  if (datatype === 'UINT8') {
    if (!data.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)) {
      throw new HttpError(400, `input '${name}' has values that are no UINT8`);
    }
    return new Tensor('uint8', Uint8Array.from(data), shape);
  }
  return new Tensor('float32', Float32Array.from(data), shape);
}
