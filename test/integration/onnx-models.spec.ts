import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { KserveModel } from '../../src/modules/scans/analysis/kserve-model.js';
import type { ModelAnswer, ModelSettings } from '../../src/modules/scans/analysis/model.js';
import { MEAN_BIAS, MEAN_WEIGHT, type OnnxModelSpec } from '../support/onnx-model.js';
import { OnnxModelServer } from '../support/onnx-model-server.js';
import { analyzeAll, modelSettings } from '../support/model-settings.js';

const LABELS = { labels: ['normal', 'bleeding'], negativeLabel: 'normal' };

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const toScore = (mean: number): number => sigmoid(MEAN_WEIGHT * mean + MEAN_BIAS);

const picture = (bytes: number[], width: number, height: number, channels: 1 | 3): Promise<Buffer> =>
  sharp(Uint8Array.from(bytes), { raw: { width, height, channels } }).png().toBuffer();

const plain = (byte: number, side = 8): Promise<Buffer> =>
  picture(new Array<number>(side * side).fill(byte), side, side, 1);

describe('a model of ONNX Runtime behind the Open Inference Protocol', () => {
  let server: OnnxModelServer;
  const open: KserveModel[] = [];
  beforeAll(async () => {
    server = await OnnxModelServer.start();
    await server.load('mean');
  });
  afterAll(async () => {
    for (const model of open) model.onModuleDestroy();
    await server.close();
  });

  const client = (settings: Partial<ModelSettings> = {}): KserveModel => {
    const model = new KserveModel(
      modelSettings({ url: server.url, name: 'mean', inputSide: 8, timeoutMilliseconds: 20_000, ...settings }),
    );
    open.push(model);
    return model;
  };
  const ask = async (model: KserveModel, png: Buffer): Promise<ModelAnswer | undefined> => {
    const [answer] = await analyzeAll(model, [{ png, sha256: '' }]);
    return answer;
  };
  const toReason = (asked: Promise<unknown>): Promise<string> =>
    asked.then(
      () => 'none',
      (error: { reason: string }) => error.reason,
    );
  /** Loads the model under a name of its own. */
  const loaded = async (spec: OnnxModelSpec): Promise<string> => {
    const name = `model-${open.length}-${server.requests.length}`;
    await server.load(name, spec);
    return name;
  };

  it('gives a white, a grey and a black image the scores that the arithmetic predicts', async () => {
    const model = client();
    for (const byte of [255, 100, 0]) {
      const answer = await ask(model, await plain(byte));
      expect(answer).toMatchObject({ modelId: 'mean', modelVersion: '1', label: null });
      expect(answer?.score).toBeCloseTo(toScore(byte / 255), 3);
    }
    expect(server.requests.filter((request) => request === 'GET /v2/models/mean')).toHaveLength(1);
  });

  // Rows of two pixels: red, green, blue, and a dark colour with three values.
  const COLOURS = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [10, 20, 30],
  ].flat();
  const byChannel = (channel: number): number[] => [0, 1, 2, 3].map((pixel) => COLOURS[pixel * 3 + channel] as number);

  it.each<[string, OnnxModelSpec, Partial<ModelSettings>, number[]]>([
    ['FP32, channels first', {}, {}, [0, 1, 2].flatMap(byChannel).map((byte) => byte / 255)],
    ['FP32, channels last', { layout: 'NHWC' }, {}, COLOURS.map((byte) => byte / 255)],
    ['FP32 from -1 to 1', { layout: 'NHWC' }, { pixelRange: 'signed' }, COLOURS.map((byte) => byte / 127.5 - 1)],
    ['FP32 from 0 to 255', { layout: 'NHWC' }, { pixelRange: 'raw' }, COLOURS],
    ['UINT8, channels first', { datatype: 'UINT8' }, {}, [0, 1, 2].flatMap(byChannel)],
    ['UINT8, channels last', { datatype: 'UINT8', layout: 'NHWC' }, { pixelRange: 'imagenet' }, COLOURS],
    [
      'FP32 with the mean and deviation of ImageNet',
      {},
      { pixelRange: 'imagenet' },
      [0, 1, 2].flatMap((channel) => {
        const mean = [0.485, 0.456, 0.406][channel] as number;
        const deviation = [0.229, 0.224, 0.225][channel] as number;
        return byChannel(channel).map((byte) => (byte / 255 - mean) / deviation);
      }),
    ],
  ])('receives the pixels as %s', async (_, spec, settings, expected) => {
    const name = await loaded({ side: 2, ...spec });
    await ask(client({ name, ...settings }), await picture(COLOURS, 2, 2, 3));
    const { shape, data } = server.inputs.at(-1) as (typeof server.inputs)[number];
    expect(shape).toEqual(spec.layout === 'NHWC' ? [1, 2, 2, 3] : [1, 3, 2, 2]);
    expect(data).toHaveLength(expected.length);
    data.forEach((value, n) => expect(value).toBeCloseTo(expected[n] as number, 5));
  });

  it('receives a wide image in one channel, without distortion, between black borders', async () => {
    const name = await loaded({ channels: 1, side: 4, datatype: 'UINT8' });
    await ask(client({ name }), await picture(new Array<number>(8).fill(200), 4, 2, 1));
    const rows = [0, 200, 200, 0];
    expect(server.inputs.at(-1)?.data).toEqual(rows.flatMap((byte) => [byte, byte, byte, byte]));
  });

  it('receives the high bits of an image of 16 bits', async () => {
    const name = await loaded({ channels: 1, side: 2, datatype: 'UINT8' });
    const png = await sharp(Uint16Array.from([0x0000, 0x4040, 0x8080, 0xffff]), {
      raw: { width: 2, height: 2, channels: 1 },
    })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    expect((await sharp(png).metadata()).depth).toBe('ushort');
    await ask(client({ name }), png);
    expect(server.inputs.at(-1)?.data).toEqual([0x00, 0x40, 0x80, 0xff]);
  });

  it('gets fewer images in one request if it refuses so many', async () => {
    const model = client();
    const pictures = await Promise.all([10, 50, 90, 130, 170, 210, 250, 20, 60].map((byte) => plain(byte)));
    server.maxBatch = 3;
    try {
      const before = server.inputs.length;
      const answers = await analyzeAll(
        model,
        pictures.map((png) => ({ png, sha256: '' })),
      );
      expect(answers.map(({ score }) => score.toFixed(3))).toEqual(
        [10, 50, 90, 130, 170, 210, 250, 20, 60].map((byte) => toScore(byte / 255).toFixed(3)),
      );
      expect(server.inputs.slice(before).map(({ shape }) => shape[0])).toEqual([1, 1, 1, 2, 2, 2]);
    } finally {
      server.maxBatch = Infinity;
    }
  });

  it('gets several images in one request if it takes them, and one after the other if not', async () => {
    const pictures = await Promise.all([0, 255, 100, 20].map(async (byte) => ({ png: await plain(byte), sha256: '' })));
    const expected = [0, 255, 100, 20].map((byte) => toScore(byte / 255));
    for (const batch of [undefined, 1]) {
      const model = client({ name: await loaded({ batch }) });
      const before = server.inputs.length;
      const answers = await analyzeAll(model, pictures);
      answers.forEach(({ score }, n) => expect(score).toBeCloseTo(expected[n] as number, 3));
      expect(server.inputs.slice(before).map(({ shape }) => shape[0])).toEqual(batch ? [1, 1, 1, 1] : [1, 3]);
    }
  });

  it.each<['softmax' | 'sigmoid' | 'none', OnnxModelSpec['head'], number, number]>([
    ['softmax', 'LOGITS', sigmoid(4), sigmoid(2)],
    ['none', 'SOFTMAX', sigmoid(4), sigmoid(2)],
    ['sigmoid', 'LOGITS', sigmoid(2), sigmoid(1)],
    ['none', 'SIGMOID', sigmoid(2), sigmoid(1)],
  ])('with an output for each label and the function %s after %s results in label and score', async (...row) => {
    const [activation, head, white, black] = row;
    const name = await loaded({ channels: 1, weights: [[-3, 3]], bias: [1, -1], head, output: 'classes' });
    const model = client({ name, output: { ...LABELS, activation } });
    const bleeding = await ask(model, await plain(255));
    expect(bleeding).toMatchObject({ label: 'bleeding', findingScore: bleeding?.score });
    expect(bleeding?.score).toBeCloseTo(white, 3);
    const normal = await ask(model, await plain(0));
    expect(normal?.label).toBe('normal');
    expect(normal?.score).toBeCloseTo(black, 3);
    expect(normal?.findingScore).toBeCloseTo(1 - black, 3);
  });

  it.each<[string, OnnxModelSpec, ModelSettings['output'] | undefined]>([
    ['no number', { head: 'NOT_A_NUMBER' }, undefined],
    ['no value', { head: 'EMPTY' }, undefined],
    ['a score above 1', { head: 'LOGITS', bias: [5] }, undefined],
    ['another output than `score`', { output: 'risk' }, undefined],
    [
      'two scores for one image',
      {
        weights: [
          [1, 1],
          [1, 1],
          [1, 1],
        ],
        bias: [0, 0],
      },
      undefined,
    ],
    ['fewer values than labels', { head: 'SIGMOID' }, { ...LABELS, activation: 'none' }],
    [
      'no number for a label',
      { head: 'NOT_A_NUMBER' },
      { labels: ['a'], negativeLabel: undefined, activation: 'softmax' },
    ],
    [
      'numbers that are not probabilities',
      { head: 'LOGITS', bias: [7] },
      { labels: ['a'], negativeLabel: undefined, activation: 'none' },
    ],
  ])('with %s results in BAD_ANSWER', async (_, spec, output) => {
    const model = client({ name: await loaded(spec), ...(output && { output }) });
    expect(await toReason(ask(model, await plain(100)))).toBe('BAD_ANSWER');
  });

  it('that is unknown, or does not have the requested version, refuses once', async () => {
    for (const settings of [{ name: 'nobody' }, { version: '9' }]) {
      const before = server.requests.length;
      expect(await toReason(ask(client(settings), await plain(1)))).toBe('REFUSED');
      expect(server.requests.length).toBe(before + 1);
    }
  });

  it('that is not ready is asked twice; when it is ready, it answers', async () => {
    const name = await loaded({});
    const model = client({ name });
    server.setReady(name, false);
    const before = server.requests.length;
    expect(await toReason(ask(model, await plain(255)))).toBe('UPSTREAM_ERROR');
    expect(server.requests.length).toBe(before + 2);
    server.setReady(name, true);
    expect((await ask(model, await plain(255)))?.score).toBeCloseTo(toScore(1), 3);
    server.setReady(name, false);
    expect(await toReason(ask(model, await plain(255)))).toBe('UPSTREAM_ERROR');
  });

  it('with two versions answers by the one that is configured', async () => {
    const name = await loaded({});
    await server.load(name, { weights: [[0], [0], [0]], bias: [0] }, '2');
    for (const [version, score] of [
      ['1', toScore(1)],
      ['2', 0.5],
    ] as const) {
      const answer = await ask(client({ name, version }), await plain(255));
      expect(answer?.modelVersion).toBe(version);
      expect(answer?.score).toBeCloseTo(score, 3);
    }
  });

  it('that was replaced by one of another shape and type is described anew and asked again', async () => {
    const name = await loaded({ side: 8 });
    const model = client({ name });
    await ask(model, await plain(255));
    for (const spec of [{ side: 4 }, { side: 4, datatype: 'UINT8' }, { layout: 'NHWC' }] as const) {
      await server.load(name, spec);
      expect((await ask(model, await plain(255)))?.score).toBeCloseTo(toScore(1), 3);
    }
  });

  it.each<[string, OnnxModelSpec]>([
    ['channels first or last', { channels: 3, side: 3 }],
    ['more values than a request may have', { side: 2048 }],
    ['several images at once', { batch: 4 }],
  ])('whose input is unclear or too large (%s) is not asked', async (_, spec) => {
    const before = server.inputs.length;
    const model = client({ name: await loaded(spec) });
    expect(await toReason(ask(model, await plain(100)))).toBe('UNSUPPORTED_MODEL');
    expect(server.inputs.length).toBe(before);
  });

  it('answers concurrent requests each with its own score', async () => {
    const model = client();
    const bytes = Array.from({ length: 12 }, (_, n) => n * 20);
    const answers = await Promise.all(bytes.map(async (byte) => ask(model, await plain(byte))));
    answers.forEach((answer, n) => expect(answer?.score).toBeCloseTo(toScore((bytes[n] as number) / 255), 3));
  });

  it('is served with the checks and errors of the protocol', async () => {
    const call = async (path: string, body?: object): Promise<{ status: number; body: unknown }> => {
      const init = body && { method: 'POST', body: JSON.stringify(body) };
      const response = await fetch(`${server.url}/v2/${path}`, init);
      return { status: response.status, body: await response.json() };
    };
    expect(await call('health/live')).toEqual({ status: 200, body: { live: true } });
    expect((await call('models/mean/ready')).body).toEqual({ name: 'mean', ready: true });
    expect((await call('models/mean')).body).toMatchObject({
      inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 3, -1, -1] }],
      outputs: [{ name: 'score', datatype: 'FP32', shape: [-1, 1] }],
    });
    const good = { name: 'image', datatype: 'FP32', shape: [1, 3, 1, 1], data: [1, 1, 1] };
    expect((await call('models/mean/infer', { inputs: [good] })).status).toBe(200);
    for (const wrong of [{ name: 'picture' }, { datatype: 'UINT8' }, { shape: [1, 1, 1, 3] }, { data: [1] }]) {
      const answer = await call('models/mean/infer', { inputs: [{ ...good, ...wrong }] });
      expect(answer).toEqual({ status: 400, body: { error: expect.any(String) } });
    }
    expect((await call('models/mean/infer', { inputs: [] })).status).toBe(400);
    expect((await call('models/other')).status).toBe(404);
  });
});
