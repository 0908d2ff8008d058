import { ReconciliationTask } from '../../src/modules/payments/reconciliation.task.js';
import { PaymentWorker } from '../../src/modules/payments/payment-worker.js';
import { TestApp, type Answer, type TestPatient } from './app.js';
import { aService, at, openClinic, type ClinicOptions, type TestClinic } from './clinic.js';
import { FakeRazorpay, type FakeWebhook } from './fake-razorpay.js';

/** An application with a payment provider, and a clinic whose service costs 500 rupees. */
export class PaymentWorld {
  private patientsUsed = 0;
  private timesUsed = 0;
  /** Where requests go. A simulation sends them to a process that it can kill. */
  target: string;

  private constructor(
    readonly app: TestApp,
    readonly razorpay: FakeRazorpay,
    readonly clinic: TestClinic,
    readonly serviceId: string,
    private readonly patients: TestPatient[],
  ) {
    this.target = app.url;
  }

  static async open(patients: number, env: Record<string, string> = {}): Promise<PaymentWorld> {
    const razorpay = await new FakeRazorpay().start();
    const app = await TestApp.start({ JOBS_IN_PROCESS: 'false', ...razorpay.environment, ...env });
    const clinic = await openClinic(app, { policy: { requiresDeposit: true, horizonDays: 730 } });
    const serviceId = await aService(app, clinic, PRICE);
    return new PaymentWorld(app, razorpay, clinic, serviceId, await app.patients(patients));
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.razorpay.close();
  }

  nextPatient(): TestPatient {
    const patient = this.patients[this.patientsUsed];
    this.patientsUsed += 1;
    if (!patient) throw new Error('the world has no more patients');
    return patient;
  }

  /** Nobody else uses this time. */
  nextFreeTime(): string {
    const half = this.timesUsed;
    this.timesUsed += 1;
    const [hours, minutes] = [Math.floor((half % 48) / 2), half % 2 ? '30' : '00'];
    return at(3 + Math.floor(half / 48), `${String(hours).padStart(2, '0')}:${minutes}`);
  }

  /** Another clinic, with a service. */
  async openOther(options: ClinicOptions, service: object = {}): Promise<{ clinic: TestClinic; serviceId: string }> {
    const clinic = await openClinic(this.app, options);
    return { clinic, serviceId: await aService(this.app, clinic, { ...PRICE, ...service }) };
  }

  post(path: string, token: string | undefined, body: object, headers: Record<string, string> = {}): Promise<Answer> {
    return this.app.call('POST', `${this.target}/api/v1/${path}`, { token, body, headers });
  }

  delete(path: string, token: string): Promise<Answer> {
    return this.app.call('DELETE', `${this.target}/api/v1/${path}`, { token });
  }

  get(path: string, token: string): Promise<Answer> {
    return this.app.call('GET', `/api/v1/${path}`, { token });
  }

  /** Holds a time and starts its payment. */
  async order(
    { token }: TestPatient,
    { startDateTime = this.nextFreeTime(), serviceId = this.serviceId } = {},
  ): Promise<{ holdId: string; paymentId: string; orderId: string; startDateTime: string; order: Answer }> {
    const held = await this.post('holds', token, { serviceId, startDateTime });
    if (held.status !== 201) throw new Error(JSON.stringify(held.body));
    const order = await this.post('payments/orders', token, { holdId: held.data.id });
    if (order.status !== 201) throw new Error(JSON.stringify(order.body));
    const { id: paymentId, checkout } = order.data;
    return { holdId: held.data.id, paymentId, orderId: checkout.orderId, startDateTime, order };
  }

  /** Holds, pays and verifies. */
  async orderAndPay(patient: TestPatient, options: { startDateTime?: string; serviceId?: string } = {}) {
    const ordered = await this.order(patient, options);
    const { payment, result } = this.razorpay.pay(ordered.orderId);
    const verified = await this.post('payments/verify', patient.token, result);
    return { ...ordered, payment, result, verified };
  }

  send({ body, headers }: FakeWebhook): Promise<Answer> {
    return this.app.call('POST', `${this.target}/api/v1/payments/webhook`, { body, headers });
  }

  /** The hold ends now. */
  async expire(holdId: string): Promise<void> {
    await this.app.db.query(`UPDATE reservation SET expires_at = now() - interval '1 second' WHERE hold_id = $1`, [
      holdId,
    ]);
    await this.app.db.query(`UPDATE hold SET expires_at = now() - interval '1 second' WHERE id = $1`, [holdId]);
  }

  /** Does what is due at the provider, also what would be due later. */
  async runDueWork(): Promise<void> {
    const due = `SET next_attempt_at = now() - interval '1 second' WHERE next_attempt_at IS NOT NULL`;
    await this.app.db.query(`UPDATE payment ${due}`);
    await this.app.db.query(`UPDATE payment_refund ${due}`);
    const worker = this.app.app.get(PaymentWorker);
    for (const work of await worker.findDue()) await worker.run(work).catch(() => undefined);
  }

  /** Does what is due until nothing is left, or 20 times. The provider is asked once more for each order that nobody pays. */
  async workUntilDone(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      const hasFaults = this.razorpay.faults.length > 0;
      await this.runDueWork();
      const [left] = await this.rows<{ n: number }>(
        `SELECT (SELECT count(*) FROM payment WHERE status = 'PAID' AND NOT is_settled)::int
              + (SELECT count(*) FROM payment_refund WHERE state IN ('DUE', 'SENT'))::int AS n`,
      );
      const isQuiet = left?.n === 0 && !hasFaults;
      if (isQuiet) break;
    }
    // Old orders stay unpaid.
    await this.rows(`UPDATE payment SET next_attempt_at = NULL WHERE status <> 'PAID'`);
  }

  /** Compares the payments that were made on a day with those of the provider. */
  async reconcile(day: string): Promise<void> {
    await this.app.app.get(ReconciliationTask).reconcile(day);
  }

  async rows<Row extends object = Record<string, unknown>>(sql: string, ...values: unknown[]): Promise<Row[]> {
    return (await this.app.db.query<Row>(sql, values)).rows;
  }

  /** The balance of each account for a payment. */
  async ledger(paymentId: string): Promise<Record<string, number>> {
    const rows = await this.rows<{ account: string; sum: number }>(
      `SELECT account, sum(amount_minor)::int AS sum FROM ledger_entry WHERE payment_id = $1 GROUP BY account ORDER BY account`,
      paymentId,
    );
    return Object.fromEntries(rows.map(({ account, sum }) => [account, sum]));
  }
}

const PRICE = { price: { amount: 50_000, currency: 'INR' } };
