import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TestPatient } from '../support/app.js';
import { ChatStream } from '../support/chat.js';
import { eventually } from '../support/eventually.js';
import { ApiProcess, type TestProcess } from '../support/processes.js';
import { uploadSlowly } from '../support/scale-load.js';
import { ScaledInstallation } from '../support/scaled-installation.js';
import { SocketClient } from '../support/sockets.js';

/** Without a drain, so that what runs has to be finished after the listener is closed. */
const DRAIN_SECONDS = 0;
jest.setTimeout(300_000);

let installation: ScaledInstallation;
let patient: TestPatient;
let other: TestPatient;
const processes: TestProcess[] = [];

beforeAll(async () => {
  installation = await ScaledInstallation.create(DRAIN_SECONDS, 2);
  [patient, other] = installation.patients as [TestPatient, TestPatient];
});

afterAll(async () => {
  await Promise.all(processes.map((process) => process.kill()));
  await installation?.close();
});

async function startApi(): Promise<ApiProcess> {
  const api = await ApiProcess.start(installation.environment);
  processes.push(api);
  return api;
}

async function startWorker(): Promise<TestProcess> {
  const worker = await installation.startWorker();
  processes.push(worker);
  return worker;
}

describe('a process that gets SIGTERM', () => {
  it('finishes an upload and a stream after it has closed its listener, and asks its sockets to reconnect', async () => {
    const { token } = patient;
    const api = await startApi();
    const sockets = await Promise.all(
      ['websocket', 'polling'].map((transport) =>
        SocketClient.connected(api.url, token, { transports: [transport], reconnection: false }),
      ),
    );
    const uploaded = uploadSlowly(api.url, token, installation.picture);
    const stream = await ChatStream.open(api, other.token, { message: 'How do I cancel my appointment?' });
    await stream.until('start');
    const ending = api.stop(1, 60_000);
    for (const socket of sockets) await socket.waitFor('server:closing');
    expect(await fetch(`${api.url}/health/live`).catch(() => 'refused')).toBe('refused');
    expect(stream.events.map(({ event }) => event)).not.toContain('done');
    await stream.until('done');
    expect([await uploaded, await ending]).toEqual([201, 0]);
  });

  it('finishes a running job, which is not done again', async () => {
    const { app, smtp, video } = installation;
    const api = await startApi();
    const worker = await startWorker();
    let open: () => void = () => undefined;
    smtp.gate = new Promise((resolve) => (open = resolve));
    const { serviceId, doctorId, slots } = video;
    const mails = () => smtp.mails.filter(({ to }) => to.includes(`${patient.userId}@patients.test`));
    const body = { serviceId, doctorId, startDateTime: slots.shift() };
    const answer = await app.call('POST', `${api.url}/api/v1/appointments`, { token: patient.token, body });
    expect(answer.status).toBe(201);
    await eventually(async () => expect(smtp.inProgress).toBeGreaterThan(0));
    const ending = worker.stop(1, 60_000);
    smtp.gate = null;
    open();
    expect(await ending).toBe(0);
    await startWorker();
    await eventually(async () => expect(mails()).toHaveLength(1));
    const { rows } = await app.db.query(
      `SELECT attempts FROM notification WHERE appointment_id = $1 AND channel = 'EMAIL' AND state = 'SENT'`,
      [answer.data.id],
    );
    expect(rows).toEqual([{ attempts: 1 }]);
  });
});
