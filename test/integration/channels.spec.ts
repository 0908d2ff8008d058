import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import type { Channel, OutgoingMessage, SendOutcome } from '../../src/modules/notifications/channels/channel.js';
import { ADDRESS_REASON_PATTERN } from '../../src/modules/notifications/channels/address-reasons.js';
import { EmailChannel } from '../../src/modules/notifications/channels/email.channel.js';
import { PushChannel } from '../../src/modules/notifications/channels/push.channel.js';
import { SmsChannel } from '../../src/modules/notifications/channels/sms.channel.js';
import { SystemClock } from '../../src/core/kernel/clock.js';
import { ProviderClient, type ProviderLimits } from '../../src/core/resilience/provider-client.js';
import { eventually } from '../support/eventually.js';
import { FakeFcm, fcmError } from '../support/fake-fcm.js';
import type { FakeProvider } from '../support/fake-provider.js';
import { FakeTwilio, refusal } from '../support/fake-twilio.js';
import { SmtpSink } from '../support/smtp-sink.js';

const logger = pino({ level: 'silent' });
const clock = new SystemClock();
/** The circuit opens only after more calls than a test makes. */
const LIMITS: ProviderLimits = {
  timeoutMilliseconds: 9_000,
  maxConcurrent: 3,
  maxWaitMilliseconds: 4_500,
  maxPauseMilliseconds: 3_600_000,
  circuit: { volume: 100, windowMilliseconds: 10_000, resetMilliseconds: 1_000 },
};
const LOW_CIRCUIT_LIMITS: ProviderLimits = { ...LIMITS, circuit: { ...LIMITS.circuit, volume: 4 } };
const SHORT_TIME_LIMITS: ProviderLimits = { ...LIMITS, timeoutMilliseconds: 500, maxWaitMilliseconds: 250 };

const createProvider = (name: string, limits: ProviderLimits): ProviderClient =>
  new ProviderClient({ name, logger, ...limits });

const message: OutgoingMessage = {
  id: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10',
  to: '+201005550100',
  subject: 'Appointment booked',
  text: 'Booked: موعد, Mon, Nov 23, 9:00 AM (GMT+2, Cairo time).',
  locale: 'en',
};

const kinds = (outcomes: SendOutcome[]): string[] => outcomes.map(({ kind }) => kind);
const times = <T>(count: number, work: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, () => work()));

/** The tests of behaviour that all channels share. */
function testProviderFaults(
  make: (options: ProviderLimits) => Channel,
  provider: () => FakeProvider,
  accepted: () => unknown[],
): void {
  let channel: Channel;
  beforeEach(() => {
    channel = make(LIMITS);
  });
  afterEach(() => channel.close());

  it('returns RETRY after one request if the provider fails', async () => {
    provider().faults.push({ status: 500 }, 'NOT_JSON', 'RESET');
    expect(kinds([await channel.send(message), await channel.send(message), await channel.send(message)])).toEqual([
      'RETRY',
      'RETRY',
      'RETRY',
    ]);
    expect(provider().requests).toBe(3);
    expect((await channel.send(message)).kind).toBe('SENT');
  });

  it('sends no request for the time of Retry-After', async () => {
    provider().faults.push({ status: 429, headers: { 'retry-after': '37' } });
    expect(await channel.send(message)).toMatchObject({ kind: 'RETRY', retryAfterSeconds: 37 });
    expect(await channel.send(message)).toEqual({
      kind: 'UNAVAILABLE',
      reason: 'PROVIDER_ASKED_TO_WAIT',
      retryAfterSeconds: 37,
    });
    expect(provider().requests).toBe(1);
  });

  it('accepts a date in Retry-After', async () => {
    const date = new Date(Date.now() + 90_000).toUTCString();
    provider().faults.push({ status: 503, headers: { 'retry-after': date } });
    const outcome = (await channel.send(message)) as { retryAfterSeconds: number };
    expect(outcome.retryAfterSeconds).toBeGreaterThan(80);
    expect(outcome.retryAfterSeconds).toBeLessThanOrEqual(91);
  });

  it.each(['HANG', 'DRIP'] as const)('returns RETRY after its timeout: %s', async (fault) => {
    const channel = make(SHORT_TIME_LIMITS);
    provider().faults.push(fault);
    expect(await channel.send(message)).toEqual({ kind: 'RETRY', reason: 'TIMEOUT' });
  });

  it('returns RETRY if the response is lost', async () => {
    provider().faults.push('RESET_AFTER_ACCEPT');
    expect((await channel.send(message)).kind).toBe('RETRY');
    expect(provider().requests).toBe(1);
    expect(accepted()).toHaveLength(1);
  });

  it('opens its circuit, sends no request while it is open, and closes it when the provider recovers', async () => {
    const channel = make(LOW_CIRCUIT_LIMITS);
    provider().faults.push(...Array.from({ length: 4 }, () => ({ status: 503 })));
    for (let sent = 0; sent < 4; sent += 1) await channel.send(message);
    const before = provider().requests;
    expect(await channel.send(message)).toEqual({ kind: 'UNAVAILABLE', reason: 'CIRCUIT_OPEN', retryAfterSeconds: 1 });
    expect(provider().requests).toBe(before);
    await eventually(async () => expect((await channel.send(message)).kind).toBe('SENT'));
    expect(kinds(await times(5, () => channel.send(message)))).toEqual(Array(5).fill('SENT'));
    channel.close();
  });

  it('returns UNAVAILABLE for messages that wait too long behind a provider that hangs', async () => {
    provider().faults.push(...Array.from({ length: 12 }, () => 'HANG' as const));
    const channel = make(SHORT_TIME_LIMITS);
    const outcomes = kinds(await times(12, () => channel.send(message)));
    expect(outcomes).toEqual(expect.arrayContaining(['RETRY', 'UNAVAILABLE']));
    expect(outcomes.filter((kind) => kind === 'RETRY')).toHaveLength(provider().requests);
    expect(outcomes.filter((kind) => kind === 'UNAVAILABLE')).toHaveLength(12 - provider().requests);
  });
}

describe('an SMS by the SDK of Twilio', () => {
  let twilio: FakeTwilio;
  const make = (options: ProviderLimits, from = '+15005550006'): SmsChannel => {
    const { accountSid, authToken, url: apiUrl } = twilio;
    return new SmsChannel({ accountSid, authToken, apiUrl, from }, createProvider('SMS', options), clock);
  };

  beforeEach(async () => {
    twilio = await new FakeTwilio().start();
  });
  afterEach(() => twilio.close());

  testProviderFaults(
    make,
    () => twilio,
    () => twilio.messages,
  );

  it('arrives with its sender', async () => {
    const outcome = await make(LIMITS).send(message);
    expect(twilio.messages).toMatchObject([{ to: message.to, body: message.text, from: '+15005550006' }]);
    expect(outcome).toEqual({ kind: 'SENT', providerId: twilio.messages[0]?.sid });
  });

  it('is sent by the Messaging Service if one is configured', async () => {
    await make(LIMITS, 'MG123').send(message);
    expect(twilio.messages).toMatchObject([{ from: null, messaging_service_sid: 'MG123' }]);
  });

  it.each([21211, 21610, 21614])('is rejected, and its number is marked as dead, by error %i', async (code) => {
    twilio.faults.push(refusal(400, code));
    expect(await make(LIMITS).send(message)).toEqual({
      kind: 'REJECTED',
      reason: `TWILIO_${code}`,
      addressIsDead: true,
    });
  });

  it('is rejected by any other error, and its number is kept', async () => {
    twilio.faults.push(refusal(400, 21408));
    expect(await make(LIMITS).send(message)).toEqual({ kind: 'REJECTED', reason: 'TWILIO_21408' });
  });

  it('is sent later if the account is refused, because the message is not at fault', async () => {
    const { accountSid, url: apiUrl } = twilio;
    const options = { accountSid, authToken: 'wrong', apiUrl, from: '+15005550006' };
    const channel = new SmsChannel(options, createProvider('SMS', LIMITS), clock);
    expect(await channel.send(message)).toEqual({ kind: 'RETRY', reason: 'TWILIO_20003' });
  });

  it('is found after its response was lost, by its text, number and time', async () => {
    const since = new Date();
    const channel = make(LIMITS);
    twilio.faults.push('RESET_AFTER_ACCEPT');
    await channel.send(message);
    expect(await channel.findSent(message, since)).toEqual([twilio.messages[0]?.sid]);
    expect(await channel.findSent({ ...message, text: 'another' }, since)).toEqual([]);
    expect(await channel.findSent({ ...message, to: '+201005550199' }, since)).toEqual([]);
    expect(await channel.findSent(message, new Date(Date.now() + 60_000))).toEqual([]);
  });

  it('is not reported as unsent if Twilio cannot be reached: the search for it fails', async () => {
    const channel = make(LIMITS);
    await twilio.close();
    await expect(channel.findSent(message, new Date())).rejects.toThrow();
  });
});

describe('a push by FCM', () => {
  let fcm: FakeFcm;
  const make = (options: ProviderLimits): PushChannel =>
    new PushChannel({ account: fcm.serviceAccount, apiUrl: fcm.url }, createProvider('PUSH', options), clock);
  const push: OutgoingMessage = { ...message, to: 'a-device-token', data: { appointmentId: 'a1' } };

  beforeEach(async () => {
    fcm = await new FakeFcm().start();
  });
  afterEach(() => fcm.close());

  testProviderFaults(
    make,
    () => fcm,
    () => fcm.messages,
  );

  it('arrives with a tag by which a second copy replaces it', async () => {
    const outcome = await make(LIMITS).send(push);
    expect(outcome).toEqual({ kind: 'SENT', providerId: 'projects/careslot-test/messages/1' });
    expect(fcm.messages).toMatchObject([
      {
        token: 'a-device-token',
        notification: { title: push.subject, body: push.text },
        data: { appointmentId: 'a1' },
        android: { notification: { tag: push.id } },
        apns: { headers: { 'apns-collapse-id': push.id } },
      },
    ]);
  });

  it('needs one token for many concurrent messages, and a new one after it was refused', async () => {
    const channel = make(LIMITS);
    expect(kinds(await times(6, () => channel.send(push)))).toEqual(Array(6).fill('SENT'));
    expect(fcm.tokensGiven).toBe(1);
    fcm.endToken();
    expect(await channel.send(push)).toEqual({ kind: 'RETRY', reason: 'FCM_UNAUTHENTICATED' });
    expect((await channel.send(push)).kind).toBe('SENT');
    expect(fcm.tokensGiven).toBe(2);
  });

  it('is rejected, and its token is marked as dead, if the app was removed, belongs to another sender, or the token is invalid', async () => {
    fcm.unregistered.add('a-device-token');
    const dead = { kind: 'REJECTED', addressIsDead: true };
    expect(await make(LIMITS).send(push)).toEqual({ ...dead, reason: 'FCM_UNREGISTERED' });
    expect(await make(LIMITS).send({ ...push, to: 'not a token' })).toEqual({ ...dead, reason: 'FCM_BAD_TOKEN' });
    fcm.faults.push(fcmError(403, 'PERMISSION_DENIED', 'SENDER_ID_MISMATCH'));
    expect(await make(LIMITS).send(push)).toEqual({ ...dead, reason: 'FCM_SENDER_ID_MISMATCH' });
  });

  it('fails because of its address if its token is dead, but not if the message is invalid', () => {
    const pattern = new RegExp(ADDRESS_REASON_PATTERN);
    const reasons = ['FCM_UNREGISTERED', 'FCM_SENDER_ID_MISMATCH', 'FCM_BAD_TOKEN', 'FCM_INVALID_ARGUMENT'];
    expect(reasons.filter((reason) => pattern.test(reason))).toEqual(reasons.slice(0, 3));
  });

  it('is rejected, and its token is kept, if the message is invalid', async () => {
    fcm.faults.push(fcmError(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'));
    expect(await make(LIMITS).send(push)).toEqual({ kind: 'REJECTED', reason: 'FCM_INVALID_ARGUMENT' });
  });

  it('is sent later if Google issues no token', async () => {
    const account = { ...fcm.serviceAccount, client_email: 'someone@else.example' };
    const channel = new PushChannel({ account, apiUrl: fcm.url }, createProvider('PUSH', LIMITS), clock);
    expect(await channel.send(push)).toEqual({ kind: 'RETRY', reason: 'FCM_TOKEN_400' });
  });
});

describe('an e-mail by SMTP', () => {
  let sink: SmtpSink;
  let channels: EmailChannel[];
  const make = (options: ProviderLimits = LIMITS, url = sink.url(), requireTls = false): EmailChannel => {
    const from = 'CareSlot <no-reply@clinic.example>';
    const channel = new EmailChannel(
      { url, from, requireTls, connections: options.maxConcurrent },
      createProvider('EMAIL', options),
    );
    channels.push(channel);
    return channel;
  };
  const mail: OutgoingMessage = {
    ...message,
    to: 'amina@example.org',
    subject: 'موعد\r\nBcc: evil@example.org',
    text: 'نص\nplain',
    html: '<p dir="rtl">نص</p>',
    calendarMethod: 'REQUEST',
    attachments: [
      { filename: 'invite.ics', contentType: 'text/calendar', content: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n' },
    ],
    unsubscribeUrl: 'https://c.example/l/unsubscribe?t=1',
    locale: 'ar-EG',
  };

  beforeEach(async () => {
    channels = [];
    sink = await new SmtpSink().start();
  });
  afterEach(async () => {
    for (const channel of channels) channel.close();
    await sink.close();
  });

  it('arrives with its text, HTML and calendar file', async () => {
    const outcome = await make().send(mail);
    expect(outcome).toEqual({ kind: 'SENT', providerId: `<${mail.id}@clinic.example>` });
    const [received] = sink.mails;
    expect(received?.to).toEqual(['amina@example.org']);
    expect(received?.mail).toMatchObject({
      from: { name: 'CareSlot', address: 'no-reply@clinic.example' },
      to: [{ address: 'amina@example.org' }],
      messageId: `<${mail.id}@clinic.example>`,
      html: expect.stringContaining('<p dir="rtl">نص</p>'),
      text: expect.stringContaining('نص'),
    });
    expect(received?.raw).toMatch(/^Content-Type: text\/calendar; charset=utf-8; method=REQUEST/m);
    expect(received?.mail.attachments.map(({ filename, mimeType }) => [filename, mimeType])).toContainEqual([
      'invite.ics',
      'application/ics',
    ]);
  });

  it('has each header once, is marked as automatic, and can be unsubscribed with one click (RFC 8058)', async () => {
    await make().send(mail);
    const { headers, subject } = sink.mails[0]!.mail;
    const value = (key: string): string | undefined => headers.find((header) => header.key === key)?.value;
    expect(subject).toBe('موعد Bcc: evil@example.org');
    expect(headers.map(({ key }) => key)).not.toContain('bcc');
    expect(new Set(headers.map(({ key }) => key)).size).toBe(headers.length);
    expect(value('auto-submitted')).toBe('auto-generated');
    expect(value('list-unsubscribe')).toBe('<https://c.example/l/unsubscribe?t=1>');
    expect(value('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    expect(value('content-language')).toBe('ar-EG');
  });

  it('has the same Message-ID if it is sent twice', async () => {
    sink.faults.push('RESET_AFTER_ACCEPT');
    const channel = make();
    expect((await channel.send(mail)).kind).toBe('RETRY');
    expect(sink.mails).toHaveLength(1);
    expect((await channel.send(mail)).kind).toBe('SENT');
    expect(new Set(sink.mails.map((one) => one.mail.messageId)).size).toBe(1);
    expect(sink.mails).toHaveLength(2);
  });

  it('is sent with the credentials of the URL', async () => {
    expect((await make(LIMITS, sink.url('user:right@')).send(mail)).kind).toBe('SENT');
    expect(await make(LIMITS, sink.url('user:wrong@')).send(mail)).toEqual({ kind: 'RETRY', reason: 'SMTP_535' });
  });

  it('is sent later after a 4xx, and full mailboxes do not open the circuit', async () => {
    sink.faults.push(...Array.from({ length: 6 }, () => ({ at: 'RCPT' as const, code: 452, message: '4.2.2 Full' })));
    const channel = make(LOW_CIRCUIT_LIMITS);
    for (let sent = 0; sent < 6; sent += 1) {
      expect(await channel.send(mail)).toEqual({ kind: 'RETRY', reason: 'SMTP_452_4.2.2' });
    }
    expect((await channel.send(mail)).kind).toBe('SENT');
  });

  it.each([
    ['RCPT', 550, '5.1.1 No such user', true],
    ['RCPT', 550, '5.7.1 Policy', undefined],
    ['DATA', 554, '5.6.0 Refused', undefined],
  ] as const)('is rejected at %s with %i %s', async (at, code, text, addressIsDead) => {
    sink.faults.push({ at, code, message: text });
    expect(await make().send(mail)).toEqual({
      kind: 'REJECTED',
      reason: `SMTP_${code}_${text.split(' ')[0]}`,
      ...(addressIsDead && { addressIsDead }),
    });
  });

  it('is sent later if the server hangs', async () => {
    sink.faults.push('HANG', 'HANG', 'HANG', 'HANG');
    const channel = make(SHORT_TIME_LIMITS);
    const outcomes = kinds(await times(8, () => channel.send(mail)));
    // Three were started and may have arrived; the others were still waiting.
    expect(outcomes.sort()).toEqual([...Array(3).fill('RETRY'), ...Array(5).fill('UNAVAILABLE')]);
  });

  it('opens the circuit if the server refuses connections, and closes it when the server recovers', async () => {
    const channel = make(LOW_CIRCUIT_LIMITS);
    sink.refuseConnections = true;
    for (let sent = 0; sent < 4; sent += 1) expect((await channel.send(mail)).kind).toBe('RETRY');
    expect(await channel.send(mail)).toMatchObject({ kind: 'UNAVAILABLE', reason: 'CIRCUIT_OPEN' });
    sink.refuseConnections = false;
    await eventually(async () => expect((await channel.send(mail)).kind).toBe('SENT'));
  });

  it('is not sent without TLS or with an untrusted certificate if TLS is required (P-08)', async () => {
    const noTls = { kind: 'RETRY', reason: expect.stringMatching(/^NETWORK_(ETLS|ESOCKET)$|^SMTP_5/) };
    expect(await make(LIMITS, sink.url(), true).send(mail)).toEqual(noTls);
    const untrusted = await new SmtpSink({ startTls: true }).start();
    expect(await make(LIMITS, untrusted.url(), true).send(mail)).toEqual(noTls);
    expect([...sink.mails, ...untrusted.mails]).toEqual([]);
    // Unless the operator accepts untrusted certificates in the URL.
    const trusting = make(LIMITS, `${untrusted.url()}?tls.rejectUnauthorized=false`, true);
    expect((await trusting.send(mail)).kind).toBe('SENT');
    expect(untrusted.mails.map(({ secure }) => secure)).toEqual([true]);
    await untrusted.close();
  });

  it('is sent while another provider hangs', async () => {
    const twilio = await new FakeTwilio().start();
    const { accountSid, authToken, url: apiUrl } = twilio;
    const sms = new SmsChannel(
      { accountSid, authToken, apiUrl, from: '+1' },
      createProvider('SMS', SHORT_TIME_LIMITS),
      clock,
    );
    twilio.faults.push('HANG', 'HANG', 'HANG');
    const hanging = times(3, () => sms.send(message));
    const email = make();
    expect(kinds(await times(10, () => email.send(mail)))).toEqual(Array(10).fill('SENT'));
    expect(kinds(await hanging)).toEqual(['RETRY', 'RETRY', 'RETRY']);
    await twilio.close();
  });
});
