import { randomUUID } from 'node:crypto';
import { TestApp, type Answer } from './app.js';
import { eventually } from './eventually.js';
import type { SmtpSink } from './smtp-sink.js';

export const PASSWORD = 'a-long-and-quiet-river';
export const NEW_PASSWORD = 'seven-green-lamps-outside';

export const SUBJECTS = {
  verification: 'Confirm your e-mail address',
  reset: 'Choose a new password',
  passwordChanged: 'Your password was changed',
  phoneChanged: 'Your telephone number was changed',
  change: 'Confirm your new e-mail address',
  changeRequested: 'Your e-mail address is about to change',
  changed: 'Your e-mail address was changed',
  inUse: 'You already have an account',
};

export interface Person {
  email: string;
  userId: string;
  clientId: string;
  token: string;
  refreshToken: string;
}

export const newAddress = (): string => `${randomUUID()}@test.test`;

/** People with accounts, and the mails that they get. */
export class AccountMails {
  constructor(
    private readonly app: TestApp,
    private readonly smtp: SmtpSink,
  ) {}

  subjectsTo(email: string): string[] {
    return this.smtp.mails.filter(({ to }) => to.includes(email)).map(({ mail }) => mail.subject ?? '');
  }

  /** Waits for a mail with this subject. @returns its text */
  async text(email: string, subject: string, count = 1): Promise<string> {
    return eventually(() => {
      const mails = this.smtp.mails.filter(({ to, mail }) => to.includes(email) && mail.subject === subject);
      if (mails.length !== count) throw new Error(`${mails.length} mails "${subject}" instead of ${count}`);
      return Promise.resolve(mails.at(-1)?.mail.text ?? '');
    });
  }

  async link(email: string, subject: string, count = 1): Promise<string> {
    return /http\S+\/links\/\S+/.exec(await this.text(email, subject, count))?.[0] ?? '';
  }

  /** The token of the first link of the mail. */
  async token(email: string, subject: string, count = 1): Promise<string> {
    return (await this.link(email, subject, count)).split('/').at(-1) ?? '';
  }

  async register(email = newAddress(), fields: object = {}): Promise<Person> {
    const body = { email, password: PASSWORD, firstName: 'Mona', lastName: 'Hassan', ...fields };
    const { data } = await this.app.call('POST', '/api/v1/auth/register', { body });
    const { user, accessToken, refreshToken } = data;
    return { email: user.email, userId: user.id, clientId: user.clientId, token: accessToken, refreshToken };
  }

  async verified(email?: string): Promise<Person> {
    const person = await this.register(email);
    await this.app.db.query('UPDATE user_account SET email_verified_at = now() WHERE id = $1', [person.userId]);
    return person;
  }

  login(email: string, password = PASSWORD, fields: object = {}): Promise<Answer> {
    return this.app.call('POST', '/api/v1/auth/login', { body: { email, password, ...fields } });
  }

  async profile(token: string): Promise<Answer> {
    return this.app.call('GET', '/api/v1/auth/profile', { token });
  }
}
