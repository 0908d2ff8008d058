import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FakeProvider, type Reply } from './fake-provider.js';

export interface TwilioMessage {
  sid: string;
  to: string;
  from: string | null;
  messaging_service_sid: string | null;
  body: string;
  status: string;
  date_created: string;
}

/** The part of Twilio's REST API that sends and lists messages. Numbers that are not E.164 are refused, as by Twilio. */
export class FakeTwilio extends FakeProvider {
  readonly accountSid = `AC${'0'.repeat(32)}`;
  readonly authToken = 'a-token-of-the-tests';
  readonly messages: TwilioMessage[] = [];

  protected override mayFail(request: IncomingMessage): boolean {
    return request.method === 'POST';
  }

  protected answer(request: IncomingMessage, url: URL, body: string): Reply {
    if (url.pathname !== `/2010-04-01/Accounts/${this.accountSid}/Messages.json`) return refusal(404, 20404);
    const basic = Buffer.from(`${this.accountSid}:${this.authToken}`).toString('base64');
    if (request.headers.authorization !== `Basic ${basic}`) return refusal(401, 20003);
    return request.method === 'POST' ? this.create(new URLSearchParams(body)) : this.list(url.searchParams);
  }

  private create(form: URLSearchParams): Reply {
    const to = form.get('To') ?? '';
    if (!/^\+[1-9]\d{6,14}$/.test(to)) return refusal(400, 21211);
    const message: TwilioMessage = {
      sid: `SM${randomBytes(16).toString('hex')}`,
      to,
      from: form.get('From'),
      messaging_service_sid: form.get('MessagingServiceSid'),
      body: form.get('Body') ?? '',
      status: 'queued',
      date_created: new Date().toUTCString(),
    };
    this.messages.unshift(message);
    return { status: 201, body: message };
  }

  private list(query: URLSearchParams): Reply {
    const messages = this.messages.filter(({ to }) => to === query.get('To'));
    return { status: 200, body: { messages, page: 0, page_size: 50, next_page_uri: null } };
  }
}

export const refusal = (status: number, code: number): Reply => ({
  status,
  body: { code, message: 'Refused.', more_info: `https://www.twilio.com/docs/errors/${code}`, status },
});
