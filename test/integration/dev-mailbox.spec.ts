import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { loadConfig } from '../../src/core/config/config.js';
import { SystemClock } from '../../src/core/kernel/clock.js';
import type { Channel, OutgoingMessage } from '../../src/modules/notifications/channels/channel.js';
import { createChannels } from '../../src/modules/notifications/channels/channels.module.js';
import { DevMailbox } from '../../src/modules/notifications/dev-mailbox/dev-mailbox.js';
import { PRODUCTION, TestApp, testEnvironment } from '../support/app.js';

const mail: OutgoingMessage = {
  id: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10',
  to: 'amina@example.org',
  subject: '<script>alert(1)</script> {{7*7}}',
  text: 'Hello </pre><b>',
  html: '<p>Hello "Amina"</p><script>alert(1)</script>',
  calendarMethod: 'REQUEST',
  attachments: [{ filename: 'invite.ics', contentType: 'text/calendar', content: 'BEGIN:VCALENDAR' }],
  locale: 'en',
};

let app: TestApp;

const createChannelsWith = (env: Record<string, string>): Channel[] => {
  const config = loadConfig({ ...testEnvironment('postgres://localhost/x'), ...env });
  const mailbox = app.app.get(DevMailbox, { strict: false });
  return createChannels({ config, mailbox, clock: new SystemClock(), logger: pino({ level: 'silent' }) });
};

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

describe('without providers', () => {
  it('every channel writes to the mailbox, where messages can be found by address', async () => {
    const channels = createChannelsWith({});
    expect(channels.map(({ name }) => name)).toEqual(['EMAIL', 'SMS', 'PUSH']);
    for (const channel of channels) {
      const message = channel.name === 'EMAIL' ? mail : { ...mail, to: `${channel.name}-address`, html: undefined };
      expect((await channel.send(message)).kind).toBe('SENT');
    }
    const all = await app.call('GET', '/dev/mail.json');
    expect(all.data.map((one: { channel: string }) => one.channel)).toEqual(['PUSH', 'SMS', 'EMAIL']);
    const found = await app.call('GET', '/dev/mail.json?to=amina%40example.org&channel=EMAIL');
    expect(found.data).toMatchObject([{ deliveryId: mail.id, calendar: 'BEGIN:VCALENDAR', subject: mail.subject }]);
  });

  it('in production messages are rejected, and the mailbox is not served (C-01)', async () => {
    const channels = createChannelsWith(PRODUCTION);
    for (const channel of channels) {
      expect(await channel.send(mail)).toEqual({ kind: 'REJECTED', reason: 'CHANNEL_NOT_CONFIGURED' });
    }
    const production = await TestApp.start(PRODUCTION);
    for (const path of ['/dev/mail', '/dev/mail.json']) {
      expect((await production.call('GET', path)).status).toBe(404);
    }
    await production.close();
  });
});

describe('the page of the mailbox', () => {
  it('lists and shows messages without running their scripts', async () => {
    const { data } = await app.call('GET', '/dev/mail.json?channel=EMAIL');
    const list = await app.call('GET', '/dev/mail');
    const page = await app.call('GET', `/dev/mail/${data[0].id}`);
    for (const { status, headers, body } of [list, page]) {
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).not.toContain('script-src');
      expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}');
      expect(body).not.toContain('<script');
    }
    expect(page.body).toMatch(/<iframe sandbox="allow-popups allow-popups-to-escape-sandbox"[^>]* srcdoc="&lt;base/);
    expect(page.body).toContain('Hello &lt;/pre&gt;&lt;b&gt;');
  });

  it('serves the calendar file of a message', async () => {
    const { data } = await app.call('GET', '/dev/mail.json?channel=EMAIL');
    const file = await app.call('GET', `/dev/mail/${data[0].id}/invite.ics`);
    expect(file.headers.get('content-type')).toContain('text/calendar');
    expect(file.body).toBe('BEGIN:VCALENDAR');
  });
});
