import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../src/core/kernel/id.js';
import { Random } from '../simulation/random.js';
import type { TestPatient } from '../support/app.js';
import { isRefusal, send, toBooking, type Reply, type Request } from '../support/send.js';
import type { Operation } from './client-log.js';
import { nextTime, type FreeTime } from './population.js';
import type { World } from './world.js';

const CLIENTS = 4;
/**
 * Clients pause after this many changes beyond those that were waited for. Without this limit, they would go on for all the minutes that
 * a repair takes on a slow machine, and the worker could not send all of their messages in time.
 */
const SPARE = 60;
/** After the end of the load, clients still repeat what was not answered. */
const FINISH_MILLISECONDS = 60_000;

/** A visit of a client, which only this client changes. */
interface OwnVisit {
  id: string;
  doctorId: string;
  patient: TestPatient;
}

/** Clients who book, move, cancel, upload, write messages and pay until they are stopped, and repeat what was not answered. */
export class Load {
  /** Visits that stay as they were booked, for reminders. */
  readonly kept: string[] = [];
  private readonly clients: Promise<void>[];
  private stoppedAt = Infinity;
  /** Acknowledged changes after which clients pause. */
  private budget = SPARE;
  /** A time for which two clients ask. */
  private contestedTime: FreeTime | null = null;

  constructor(
    private readonly world: World,
    random: Random,
  ) {
    this.budget += world.log.countAcknowledged();
    this.clients = Array.from({ length: CLIENTS }, () => this.run(new Random(random.below(2 ** 31)), []));
  }

  /** Waits until so many more operations are acknowledged. */
  async waitForAcknowledged(count: number, withinMilliseconds = 120_000): Promise<void> {
    const { log } = this.world;
    const target = log.countAcknowledged() + count;
    this.budget = target + SPARE;
    const deadline = performance.now() + withinMilliseconds;
    while (log.countAcknowledged() < target) {
      if (performance.now() > deadline) throw new Error('the load does not go on');
      await sleep(25);
    }
  }

  /** Waits until every operation has its result. */
  async stop(): Promise<void> {
    this.stoppedAt = performance.now();
    await Promise.all(this.clients);
  }

  private get isStopped(): boolean {
    return this.stoppedAt !== Infinity;
  }

  private async run(random: Random, visits: OwnVisit[]): Promise<void> {
    while (!this.isStopped) {
      await sleep(100 + random.below(200));
      if (this.world.log.countAcknowledged() > this.budget) continue;
      const dice = random.below(100);
      if (dice < 50) await this.book(random, visits);
      else if (dice < 62) await this.move(random, visits);
      else if (dice < 74) await this.cancel(random, visits);
      else if (dice < 82) await this.upload(random);
      else if (dice < 90) await this.write(random);
      else await this.pay(random);
    }
  }

  private pickPatient(random: Random): TestPatient {
    return random.pick(this.world.patients) as TestPatient;
  }

  private async book(random: Random, visits: OwnVisit[]): Promise<void> {
    const { log, visits: practice } = this.world;
    const patient = this.pickPatient(random);
    const isContested = random.below(4) === 0;
    const time = (isContested && this.contestedTime) || nextTime(practice);
    if (isContested) this.contestedTime = this.contestedTime ? null : time;
    const { doctorId, start, startDateTime } = time;
    const operation = log.begin('book', { clientId: patient.clientId, doctorId, start });
    const { serviceId } = practice;
    const request = toBooking(patient.token, operation.key, { serviceId, doctorId, startDateTime });
    const reply = await this.perform(operation, request, random, ({ data }) => data.id);
    if (reply?.status !== 201) return;
    if (random.below(4) === 0) this.kept.push(reply.data.id);
    else visits.push({ id: reply.data.id, doctorId, patient });
  }

  private async move(random: Random, visits: OwnVisit[]): Promise<void> {
    const visit = random.pick(visits);
    if (!visit) return;
    const { log, visits: practice } = this.world;
    const { doctorId, start, startDateTime } = nextTime(practice, visit.doctorId);
    const operation = log.begin('move', { clientId: visit.patient.clientId, doctorId, start, visitId: visit.id });
    const path = `appointments/${visit.id}`;
    const request = { method: 'PUT', path, token: visit.patient.token, body: { startDateTime } };
    await this.perform(operation, request, random, ({ data }) => data.id);
  }

  private async cancel(random: Random, visits: OwnVisit[]): Promise<void> {
    const [visit] = visits.splice(random.below(visits.length), 1);
    if (!visit) return;
    const operation = this.world.log.begin('cancel', { clientId: visit.patient.clientId, visitId: visit.id });
    const request = { method: 'DELETE', path: `appointments/${visit.id}`, token: visit.patient.token };
    await this.perform(operation, request, random, ({ data }) => data.id);
  }

  private async upload(random: Random): Promise<void> {
    const { log, picture } = this.world;
    const { clientId, token } = this.pickPatient(random);
    const operation = log.begin('upload', { clientId });
    const form = new FormData();
    form.append('file', new Blob([picture], { type: 'image/png' }), 'picture.png');
    const request = { method: 'POST', path: 'scans', token, key: operation.key, form };
    await this.perform(operation, request, random, ({ data }) => data.id);
  }

  private async write(random: Random): Promise<void> {
    const { log, visits } = this.world;
    const { clientId, userId } = this.pickPatient(random);
    const operation = log.begin('message', { clientId, userId });
    const body = {
      ...{ clinicId: visits.clinic.id, clientIds: [clientId], template: 'MESSAGE_FROM_CLINIC' },
      ...{ channels: ['EMAIL', 'SMS'], message: `Bring your card. ${operation.key}` },
    };
    const request = { method: 'POST', path: 'notifications', token: visits.clinic.staff, key: operation.key, body };
    await this.perform(operation, request, random, () => operation.key);
  }

  /** Holds a time, pays for it at the provider, and lets the provider report this until it is received. */
  private async pay(random: Random): Promise<void> {
    const { log, deposits, razorpay } = this.world;
    const { clientId, token } = this.pickPatient(random);
    const { doctorId, startDateTime } = nextTime(deposits);
    const hold = await this.repeat(random, {
      ...{ method: 'POST', path: 'holds', token, key: newId() },
      body: { serviceId: deposits.serviceId, doctorId, startDateTime },
    });
    if (hold?.status !== 201) return;
    const body = { holdId: hold.data.id };
    const order = await this.repeat(random, { method: 'POST', path: 'payments/orders', token, key: newId(), body });
    if (order?.status !== 201) return;
    const { payment } = razorpay.pay(order.data.checkout.orderId);
    const webhook = razorpay.webhook('payment.captured', { payment });
    const operation = log.begin('pay', { clientId, providerPaymentId: payment.id });
    const request = { method: 'POST', path: 'payments/webhook', ...webhook };
    const reply = await this.perform(operation, request, random, () => payment.id);
    if (reply) this.world.webhooks.push(webhook);
  }

  /** Sends a request until it is answered. */
  private async repeat(random: Random, request: Request): Promise<Reply | null> {
    for (;;) {
      const reply = await this.sendOnce(random, request);
      if (reply && (reply.status < 300 || isRefusal(reply))) return reply;
      if (performance.now() > this.stoppedAt + FINISH_MILLISECONDS) return null;
      await sleep(50 + random.below(300));
    }
  }

  private async perform(
    operation: Operation,
    request: Request,
    random: Random,
    toId: (reply: Reply) => string,
  ): Promise<Reply | null> {
    const { log } = this.world;
    for (;;) {
      const isDouble = random.below(100) < this.world.doublePercent;
      const replies = await Promise.all(
        (isDouble ? this.world.apis : [null]).map((api) => this.sendOnce(random, request, api)),
      );
      const done = replies.filter((reply) => reply !== null).filter(({ status }) => status < 300);
      for (const reply of done) log.acknowledge(operation, toId(reply));
      if (done[0]) return done[0];
      const refusal = replies.find((reply) => reply && isRefusal(reply));
      if (refusal) {
        log.refuse(operation);
        return refusal;
      }
      operation.unanswered += 1;
      if (performance.now() > this.stoppedAt + FINISH_MILLISECONDS) return null;
      await sleep(50 + random.below(300));
    }
  }

  private sendOnce(random: Random, request: Request, api: World['apis'][number] | null = null): Promise<Reply | null> {
    const { apis, problems } = this.world;
    return send(api ?? (random.pick(apis) as World['apis'][number]), request, (problem) => problems.push(problem));
  }
}
