import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { TestApp } from '../support/app.js';
import { ChatStream } from '../support/chat.js';
import { setAddress } from '../support/encrypted.js';
import { FakeChatServer } from '../support/fake-chat-server.js';
import { ApiProcess } from '../support/processes.js';

/** Data of the patient's record, which the model must not get, also if the patient writes it. */
const OWN = { firstName: 'Zubaida', lastName: 'Qasimova', address: '17 Marigold Lane', mrn: 'ZQ-77120' };

/** Messages of a patient, and the parts that the model must not get. They are too long to occur by chance in an id, a time or base64. */
const MESSAGES: [message: string, canary: string][] = [
  [`Hello, it is ${OWN.firstName} ${OWN.lastName} again`, 'zubaida|qasimova'],
  [`I live at ${OWN.address}, can somebody come?`, 'marigold'],
  [`My record is ${OWN.mrn}`, 'zq-77120'],
  ['My name is Balthazar Quillfeather and I have a cough', 'balthazar|quillfeather'],
  ['Write to zq.secret@mail.example please', 'zq\\.secret|mail\\.example'],
  ['Call me at +20 10 5550 1234 or 010-5550-4321', '5550 1234|5550-4321'],
  ['رقمي ٠١٠٥٥٥٠٩٨٧٦ وبريدي canary@mail.example', '٠١٠٥٥٥|01055509876|canary@'],
  ['मेरा नंबर ९८७६५४३२१० है', '९८७६|9876543210'],
  ['My ID is 29001011239999, my Aadhaar 2345 6789 0123', '29001011239999|2345 6789'],
  ['I was born on 28/02/1961, so 28 February 1961', '28/02/1961|February 1961'],
  ['Card 4111 1111 1111 1111, password is Hunter2Canary', '4111 1111|hunter2canary'],
  ['Token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl', 'eyJhbGci'],
];
/** The model may get it, but no log line and no key in Redis may contain it. */
const HEALTH = 'haemochromatosis';

let model: FakeChatServer;
let app: TestApp;
let api: ApiProcess;
let folder: string;
let log: number;
let patient: Awaited<ReturnType<TestApp['patients']>>[number];

beforeAll(async () => {
  model = await new FakeChatServer().start();
  app = await TestApp.start();
  [patient] = (await app.patients(1)) as [typeof patient];
  await app.db.query(`UPDATE user_account SET first_name = $2, last_name = $3 WHERE id = $1`, [
    patient.userId,
    OWN.firstName,
    OWN.lastName,
  ]);
  await setAddress(app, patient.clientId, OWN.address);
  folder = mkdtempSync(join(tmpdir(), 'careslot-chat-'));
  log = openSync(join(folder, 'log'), 'w');
  const env = {
    ...app.environment,
    LOG_LEVEL: 'trace',
    AI_ENABLED: 'true',
    AI_BASE_URL: model.url,
    AI_API_KEY: 'sk-canary-of-the-key',
    AI_RETRIES: '0',
  };
  api = await ApiProcess.start(env, undefined, log);
});

afterAll(async () => {
  await api.kill();
  closeSync(log);
  rmSync(folder, { recursive: true });
  await app.close();
  await model.close();
});

const post = (body: object): Promise<{ status: number; data: any }> =>
  app.call('POST', `${api.url}/api/v1/ai/chat`, { token: patient.token, body });

describe('the personal data of a patient', () => {
  it('is in no request to the model, in no log line and not in Redis (L-02, S-02)', async () => {
    let conversationId: string | undefined;
    for (const [message] of MESSAGES) {
      const { status, data } = await post({ message: `${message}. I have ${HEALTH}.`, conversationId });
      expect(status).toBe(200);
      conversationId = data.conversationId;
    }
    // Every kind of answer: of a model that fails, of the rules, an error, and a stream.
    const all = MESSAGES.map(([message]) => message).join('. ');
    const answerable = `${MESSAGES[0]?.[0]}. I have ${HEALTH}.`;
    model.next.push({ sayThenReset: [`[[INFO]]\nSo you have ${HEALTH}, `] }, { status: 500 });
    await post({ message: answerable });
    await post({ message: answerable });
    await post({ message: `chest pain, ${HEALTH}, ${all}` });
    await post({ message: '', [HEALTH]: OWN.lastName });
    const stream = await ChatStream.open({ url: api.url }, patient.token, { message: answerable });
    await stream.until('done');
    await stream.end();

    const canaries = new RegExp([...MESSAGES.map(([, canary]) => canary), ...Object.values(OWN)].join('|'), 'i');
    const upstream = model.received.map(({ text, headers }) => `${JSON.stringify(headers)} ${text}`).join('\n');
    expect(model.received).toHaveLength(MESSAGES.length + 3);
    expect(upstream).toContain(HEALTH);
    expect(canaries.exec(upstream)?.[0]).toBeUndefined();
    expect(upstream).not.toContain(patient.userId);
    expect(upstream).not.toContain(patient.clientId);

    await api.stop();
    const lines = readFileSync(join(folder, 'log'), 'utf8');
    expect(lines).toContain('the chat model failed');
    expect(lines.split('\n').filter((line) => line.includes('/ai/chat')).length).toBeGreaterThan(MESSAGES.length);
    expect(canaries.exec(lines)?.[0]).toBeUndefined();
    expect(lines).not.toMatch(/haemochromatosis|sk-canary/);
    const leaked = new RegExp(`${canaries.source}|haemochromatosis`, 'i');
    expect(leaked.exec(await readRedis())?.[0]).toBeUndefined();
  });
});

async function readRedis(): Promise<string> {
  const redis = new Redis(app.environment.REDIS_URL as string);
  const found: string[] = [];
  for (const key of await redis.keys('*')) {
    const dump = await redis.dumpBuffer(key);
    found.push(key, dump?.toString('latin1') ?? '');
  }
  redis.disconnect();
  return found.join('\n');
}
