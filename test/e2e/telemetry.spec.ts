import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JobScheduler } from '../../src/core/jobs/job-scheduler.js';
import { SentryReporter } from '../../src/core/observability/sentry.js';
import { builtPath } from '../../tools/test-build.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { eventually, within } from '../support/eventually.js';
import { PostReceiver, type ReceivedSpan } from '../support/post-receiver.js';
import { findBookableService } from '../support/slots.js';
import { SmtpSink } from '../support/smtp-sink.js';

/** What leaves the system by OpenTelemetry and Sentry, as real servers receive it. */

const CANARY = 'CANARY-OF-MONA-HASSAN';
const OUTSIDE_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
/** Kinds of spans in OTLP. */
const [SERVER, CLIENT, CONSUMER] = [2, 3, 5];

let collector: PostReceiver;
let sentry: PostReceiver;
let smtp: SmtpSink;
let app: TestApp;
let patient: TestPatient;

beforeAll(async () => {
  [collector, sentry, smtp] = [await PostReceiver.start(), await PostReceiver.start(), new SmtpSink()];
  await smtp.start();
  app = await TestApp.start({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=clinic%20one',
    OTEL_SERVICE_NAME: 'careslot-test',
    SENTRY_DSN: `http://publickey@127.0.0.1:${sentry.port}/1`,
    SENTRY_RELEASE: 'careslot@test',
    SMTP_URL: smtp.url(),
    MAIL_FROM: 'clinic@careslot.test',
  });
  patient = await app.patient();
  await app.db.query(`UPDATE user_account SET email_verified_at = now(), first_name = $2 WHERE id = $1`, [
    patient.userId,
    CANARY,
  ]);
});

afterAll(async () => {
  await app?.close();
  await Promise.all([collector?.close(), sentry?.close(), smtp?.close()]);
});

const findSpan = (name: string | RegExp, from: readonly ReceivedSpan[] = collector.spans): ReceivedSpan => {
  const found = from.find((span) => (typeof name === 'string' ? span.name === name : name.test(span.name)));
  if (!found) throw new Error(`There is no span ${String(name)}`);
  return found;
};
const attribute = (span: ReceivedSpan, key: string): unknown =>
  Object.values(span.attributes.find((one) => one.key === key)?.value ?? {})[0];

describe('traces', () => {
  it('lead from a request through its statements, the outbox and jobs to the mail server, and have no data of patients', async () => {
    const { serviceId, doctorId, slots } = await findBookableService(app, 'Video visit');
    const headers = { traceparent: `00-${OUTSIDE_TRACE}-00f067aa0ba902b7-01`, 'user-agent': CANARY };
    const body = { serviceId, doctorId, startDateTime: slots[0], notes: CANARY };
    const booked = await app.call('POST', '/api/v1/appointments', { token: patient.token, headers, body });
    expect(booked.status).toBe(201);
    await app.call('GET', `/api/v1/doctors?search=${CANARY}`);
    await app.call('GET', `/api/v1/appointments/${booked.data.id}`, { token: patient.token });
    await app.call('POST', '/api/v1/auth/login', { body: { email: `${CANARY}@patients.test`, password: CANARY } });

    await eventually(() => {
      const request = findSpan('POST /api/v1/appointments');
      const own = collector.spans.filter(({ traceId }) => traceId === request.traceId);
      for (const name of ['outbox relay', 'job deliveries', 'provider EMAIL']) findSpan(name, own);
      return Promise.resolve();
    });
    const request = findSpan('POST /api/v1/appointments');
    expect(request).toMatchObject({ kind: SERVER, links: [expect.objectContaining({ traceId: OUTSIDE_TRACE })] });
    expect(request.traceId).not.toBe(OUTSIDE_TRACE);
    expect(request.parentSpanId ?? '').toBe('');
    expect(attribute(request, 'http.route')).toBe('/api/v1/appointments');

    const own = collector.spans.filter(({ traceId }) => traceId === request.traceId);
    const statement = own.find((span) => span.parentSpanId === request.spanId && span.kind === CLIENT);
    expect(statement?.name).toMatch(/^(SELECT|INSERT|UPDATE|DELETE) [a-z_]+$/);
    expect(attribute(statement as ReceivedSpan, 'db.system.name')).toBe('postgresql');
    const relay = findSpan('outbox relay', own);
    expect(relay).toMatchObject({ kind: CONSUMER, parentSpanId: request.spanId });
    const mail = findSpan('provider EMAIL', own);
    expect(attribute(mail, 'server.address')).toBe('127.0.0.1');
    const jobs = own.filter(({ name }) => name === 'job deliveries').map(({ spanId }) => spanId);
    expect(jobs).toContain(mail.parentSpanId);

    // The path and the ids in it are not in the trace of the read.
    expect(collector.spans.map(({ name }) => name)).toContain('GET /api/v1/appointments/:id');
    expect(collector.requests[0]?.headers['x-tenant']).toBe('clinic one');
    expect(collector.text).toContain('careslot-test');
    for (const secret of [CANARY, CANARY.toLowerCase(), patient.clientId, patient.userId, booked.data.id, doctorId]) {
      expect(collector.text).not.toContain(secret);
    }
  });
});

describe('error reports', () => {
  it('have class, stack, request id and route of an unexpected error, and no data of the request or the patient', async () => {
    await app.db.query(
      `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '${CANARY} %', NEW; END $$`,
    );
    await app.db.query(`CREATE TRIGGER fail BEFORE INSERT ON favorite FOR EACH ROW EXECUTE FUNCTION fail()`);
    const { doctorId } = await findBookableService(app, 'Video visit');
    const headers = { 'user-agent': CANARY, cookie: `a=${CANARY}`, 'x-request-id': 'request-of-the-test' };
    const call = { token: patient.token, headers, body: { doctorId } };
    expect((await app.call('POST', '/api/v1/favorites', call)).status).toBe(500);
    const run = app.app
      .get(JobScheduler)
      .run('deliveries', { data: { id: 'x' }, progress: () => Promise.resolve() }, () =>
        Promise.reject(new TypeError(CANARY)),
      );
    await expect(run).rejects.toThrow(CANARY);
    // Expected errors are not reported.
    expect((await app.call('GET', '/api/v1/appointments')).status).toBe(401);
    expect((await app.call('GET', '/api/v1/nothing')).status).toBe(404);

    await eventually(() => {
      expect(sentry.events.map(({ tags }) => (tags as { use_case: string }).use_case).sort()).toEqual([
        'POST /api/v1/favorites',
        'job deliveries',
      ]);
      return Promise.resolve();
    });
    const report = sentry.events.find(({ tags }) => (tags as { use_case: string }).use_case.startsWith('POST'));
    expect(report).toMatchObject({ release: 'careslot@test', tags: { request_id: 'request-of-the-test' } });
    const [exception] = (report!.exception as { values: { type: string; stacktrace: { frames: object[] } }[] }).values;
    expect(exception?.stacktrace.frames.length).toBeGreaterThan(1);
    const allowed = [
      'environment',
      'event_id',
      'exception',
      'level',
      'platform',
      'release',
      'sdk',
      'tags',
      'timestamp',
    ];
    expect(Object.keys(report ?? {}).filter((key) => !allowed.includes(key))).toEqual([]);
    for (const secret of [CANARY, patient.token, patient.clientId, patient.userId, doctorId, '/api/v1/favorites?']) {
      expect(sentry.text).not.toContain(secret);
    }
  });

  it('are at most thirty in a minute', async () => {
    const dsn = `http://publickey@127.0.0.1:${sentry.port}/1`;
    const reporter = new SentryReporter({ dsn, environment: 'test', release: 'outage' });
    const place = { requestId: null, useCase: null, traceId: null };
    for (let n = 0; n < 50; n += 1) reporter.report(new Error(CANARY), place);
    await reporter.stop();
    expect(sentry.events.filter(({ release }) => release === 'outage')).toHaveLength(30);
  });

  it('are sent before the process ends with an error that nothing caught', async () => {
    const url = (file: string): string => JSON.stringify(pathToFileURL(builtPath(file)).href);
    const program = `
      const { createLogger } = await import(${url('src/core/logging/logger.ts')});
      const { exitOnUncaughtErrors } = await import(${url('src/core/logging/uncaught-errors.ts')});
      const { reportFatalError, setErrorReporter } = await import(${url('src/core/observability/error-reporter.ts')});
      const { SentryReporter } = await import(${url('src/core/observability/sentry.ts')});
      const dsn = 'http://publickey@127.0.0.1:${sentry.port}/1';
      setErrorReporter(new SentryReporter({ dsn, environment: 'test', release: 'fatal' }));
      exitOnUncaughtErrors(createLogger('info'), reportFatalError);
      void Promise.reject(new RangeError('${CANARY}'));
      setInterval(() => undefined, 60_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
    const [exitCode] = (await within('the end of the process', once(child, 'exit'))) as [number];
    expect(exitCode).toBe(1);
    const fatal = sentry.events.find(({ release }) => release === 'fatal');
    expect(fatal).toMatchObject({ exception: { values: [{ type: 'RangeError' }] } });
    expect(sentry.text).not.toContain(CANARY);
  });
});
