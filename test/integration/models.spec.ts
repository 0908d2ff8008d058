import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KserveModel } from '../../src/modules/scans/analysis/kserve-model.js';
import type { Model, ModelAnswer, ModelSettings } from '../../src/modules/scans/analysis/model.js';
import { OpenAiModel } from '../../src/modules/scans/analysis/openai-model.js';
import { FakeModelServer, type Mood } from '../support/fake-model-server.js';
import { analyzeAll, modelSettings } from '../support/model-settings.js';
import { png } from '../support/pictures.js';

const output = { labels: [], negativeLabel: 'None.', activation: 'none' } as const;

describe.each<[string, new (settings: ModelSettings) => Model]>([
  ['KServe v2', KserveModel],
  ['OpenAI-compatible', OpenAiModel],
])('a %s server', (_, Kind) => {
  let server: FakeModelServer;
  let model: Model;

  beforeEach(async () => {
    server = await FakeModelServer.start();
    model = new Kind(modelSettings({ url: server.url, output }));
  });
  afterEach(() => server.close());

  const ask = async (): Promise<unknown> => {
    const picture = await png();
    const [answer] = await analyzeAll(model, [{ png: picture, sha256: '' }]);
    return answer;
  };
  const askForReason = (): Promise<string> =>
    ask().then(
      () => 'none',
      (error: { reason: string }) => error.reason,
    );

  it('that works is called once', async () => {
    expect(await ask()).toMatchObject({ label: 'hyperdensity', score: 0.87 });
    expect(server.asked.length).toBe(1);
    expect(server.asked[0]?.headers.authorization).toBeUndefined();
  });

  it('that is sure that there is nothing has a low score of a finding', async () => {
    expect(await ask()).toMatchObject({ findingScore: 0.87 });
    server.mood = 'no finding';
    const answer = (await ask()) as ModelAnswer;
    expect(answer.score).toBe(0.87);
    expect(answer.findingScore).toBeCloseTo(0.13, 9);
  });

  it.each<[Mood, string, number]>([
    ['hangs', 'TIMEOUT', 1],
    ['fails', 'UPSTREAM_ERROR', 2],
    ['refuses', 'REFUSED', 1],
    ['babbles', 'BAD_ANSWER', 1],
    ['html', 'BAD_ANSWER', 1],
    ['cut off', 'UNREACHABLE', 2],
    ['floods', 'ANSWER_TOO_LARGE', 1],
    ['redirects', 'UNREACHABLE', 2],
    ['wrong score', 'BAD_ANSWER', 1],
    ['no score', 'BAD_ANSWER', 1],
  ])('with the fault "%s" results in %s', async (mood, reason, tries) => {
    server.mood = mood;
    expect(await askForReason()).toBe(reason);
    expect(server.asked.length).toBe(tries);
  });

  it('that fails once is called again; after repeated failures it is not called for a while', async () => {
    server.mood = 'fails once';
    expect(await askForReason()).toBe('none');
    server.mood = 'fails';
    const reasons = [];
    for (let n = 0; n < 8; n += 1) reasons.push(await askForReason());
    expect(reasons[0]).toBe('UPSTREAM_ERROR');
    expect(reasons.at(-1)).toBe('CIRCUIT_OPEN');
    // The first model call needs two requests; the circuit opens after five calls, four of which fail with two requests.
    expect(server.asked.length).toBe(10);
  });

  it('that asks for a pause beyond the time limit is not called again', async () => {
    server.mood = 'fails';
    server.retryAfter = '1';
    expect(await askForReason()).toBe('UPSTREAM_ERROR');
    expect(server.asked.length).toBe(1);
    server.retryAfter = '0';
    expect(await askForReason()).toBe('UPSTREAM_ERROR');
    expect(server.asked.length).toBe(3);
  });

  it('that does not exist is UNREACHABLE', async () => {
    const gone = new Kind(modelSettings({ url: 'http://127.0.0.1:1' }));
    await expect(analyzeAll(gone, [{ png: await png(), sha256: '' }])).rejects.toMatchObject({ reason: 'UNREACHABLE' });
  });
});
