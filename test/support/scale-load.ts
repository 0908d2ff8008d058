import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../src/core/kernel/id.js';
import type { TestApp, TestPatient } from './app.js';
import { ChatStream } from './chat.js';
import { within } from './eventually.js';
import type { BookableService } from './slots.js';

const RETRY_AFTER_MILLISECONDS = 250;
const PAUSE_MILLISECONDS = 100;
const MAX_ATTEMPTS = 240;
/** The others are cancelled, so that free times and the patients' limits last for as long as processes take to start on a busy machine. */
const ONE_KEPT_OF = 10;
/** In each upload: the file is sent in this many parts, with a pause between them. */
const UPLOAD_PARTS = 6;
const UPLOAD_PAUSE_MILLISECONDS = 250;

export interface Booking {
  id: string;
  patient: TestPatient;
  startDateTime: string;
  cancelled: boolean;
}

export interface LoadOptions {
  url: string;
  app: TestApp;
  service: BookableService;
  patients: TestPatient[];
  picture: Buffer;
  /** Whether clients repeat a failed change with the same Idempotency-Key. */
  retries: boolean;
}

/** Clients of an installation: bookings, cancellations, reads, slow uploads and chat streams, until it is stopped. */
export class ScaleLoad {
  readonly bookings: Booking[] = [];
  readonly failures: string[] = [];
  readonly done = { changes: 0, reads: 0, uploads: 0, streams: 0, retried: 0 };
  private readonly loops: Promise<void>[];
  private isRunning = true;
  private turn = 0;

  constructor(private readonly options: LoadOptions) {
    this.loops = [
      ...[1, 2].map(() => this.repeat('booking', () => this.bookAndCancel())),
      this.repeat('read', () => this.read()),
      this.repeat('upload', () => this.upload()),
      this.repeat('chat', () => this.chat()),
    ];
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    await within('the end of the load', Promise.all(this.loops), 120_000);
  }

  private async repeat(what: string, once: () => Promise<void>): Promise<void> {
    while (this.isRunning) {
      await once().catch((error: Error) => {
        const cause = error.cause as { code?: string } | undefined;
        this.failures.push(`${what}: ${error.message} ${cause?.code ?? ''}`);
      });
      await sleep(PAUSE_MILLISECONDS);
    }
  }

  private nextPatient(): TestPatient {
    const { patients } = this.options;
    return patients[(this.turn += 1) % patients.length] as TestPatient;
  }

  private async bookAndCancel(): Promise<void> {
    const { service, url } = this.options;
    const startDateTime = service.slots.shift();
    if (!startDateTime) throw new Error('there are no more free times');
    const patient = this.nextPatient();
    const { serviceId, doctorId } = service;
    const body = { serviceId, doctorId, startDateTime };
    const booked = await this.change('POST', `${url}/api/v1/appointments`, patient, 201, body);
    const booking = { id: booked.data.id as string, patient, startDateTime, cancelled: false };
    this.bookings.push(booking);
    if (this.bookings.length % ONE_KEPT_OF === 0) return;
    await this.change('DELETE', `${url}/api/v1/appointments/${booking.id}`, patient, 200);
    booking.cancelled = true;
    service.slots.push(startDateTime);
  }

  /** A change counts as acknowledged when this returns. */
  private async change(method: string, url: string, { token }: TestPatient, wanted: number, body?: object) {
    const headers = { 'idempotency-key': newId() };
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.options.app
        .call(method, url, { token, headers, ...(body && { body }) })
        .catch((error: Error) => ({ status: 0, code: error.message, data: null }));
      if (answer.status === wanted) {
        this.done.changes += 1;
        return answer;
      }
      const isUnknown = [0, 502, 503].includes(answer.status) || answer.code === 'IDEMPOTENCY_IN_PROGRESS';
      if (!this.options.retries || !isUnknown || attempt === MAX_ATTEMPTS) {
        throw new Error(`${method} ${url} returned ${answer.status} ${answer.code}`);
      }
      this.done.retried += 1;
      await sleep(RETRY_AFTER_MILLISECONDS);
    }
  }

  private async read(): Promise<void> {
    const { url, app } = this.options;
    const { token } = this.nextPatient();
    const answer = await app.call('GET', `${url}/api/v1/appointments?limit=5`, { token });
    if (answer.status !== 200) throw new Error(`a read returned ${answer.status}`);
    this.done.reads += 1;
  }

  private async upload(): Promise<void> {
    const { url, picture } = this.options;
    const status = await uploadSlowly(url, this.nextPatient().token, picture);
    if (status !== 201) throw new Error(`an upload returned ${status}`);
    this.done.uploads += 1;
  }

  private async chat(): Promise<void> {
    const { url } = this.options;
    const body = { message: 'How do I cancel my appointment?' };
    const stream = await ChatStream.open({ url }, this.nextPatient().token, body);
    if (stream.status !== 200) throw new Error(`a chat returned ${stream.status}`);
    await stream.until('done');
    this.done.streams += 1;
  }
}

/** Uploads a picture in some seconds. @returns the status */
export async function uploadSlowly(url: string, token: string, picture: Buffer): Promise<number | undefined> {
  const head =
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n';
  const body = Buffer.concat([Buffer.from(head), picture, Buffer.from('\r\n--b--\r\n')]);
  const request = httpRequest(`${url}/api/v1/scans`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': String(body.length),
    },
  });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  answered.catch(() => undefined);
  const size = Math.ceil(body.length / UPLOAD_PARTS);
  for (let from = 0; from < body.length && !request.destroyed; from += size) {
    request.write(body.subarray(from, from + size));
    await sleep(UPLOAD_PAUSE_MILLISECONDS);
  }
  request.end();
  const [answer] = await within('the answer to an upload', answered);
  const ended = once(answer, 'close');
  answer.resume();
  await ended;
  return answer.statusCode;
}
