import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import { createMigratedDatabase, dropDatabase, PRODUCTION, testEnvironment } from './app.js';
import { eventually } from './eventually.js';
import { ApiProcess, TestProcess } from './processes.js';
import { SmtpSink, type ReceivedMail } from './smtp-sink.js';

export interface Reply {
  status: number;
  code?: string;
  details?: any;
  data: any;
}

/** An installation in production: an empty database, a mail server, and API and worker as processes. Needs `npm run build`. */
export class Production {
  private constructor(
    readonly api: ApiProcess,
    private readonly worker: TestProcess,
    readonly smtp: SmtpSink,
    readonly db: pg.Pool,
    private readonly env: Record<string, string>,
    private readonly databaseName: string,
  ) {}

  static async start(): Promise<Production> {
    const smtp = await new SmtpSink().start();
    const { name, url } = await createMigratedDatabase();
    const env = {
      ...testEnvironment(url),
      ...PRODUCTION,
      SMTP_URL: smtp.url(),
      MAIL_FROM: 'CareSlot <mail@clinic.example>',
      JOBS_SWEEP_SECONDS: '1',
    };
    const worker = new TestProcess('src/worker.ts', env);
    const api = await ApiProcess.start({ ...env, JOBS_IN_PROCESS: 'false' });
    return new Production(api, worker, smtp, new pg.Pool({ connectionString: url, max: 2 }), env, name);
  }

  async stop(): Promise<void> {
    await Promise.all([this.api.stop(), this.worker.stop()]);
    await this.db.end();
    await this.smtp.close();
    await dropDatabase(this.databaseName);
  }

  /** Runs a built command, such as `create-admin`. @returns what it prints */
  async command(name: string, ...args: string[]): Promise<string> {
    const env = { PATH: process.env.PATH ?? '', ...this.env };
    const { stdout } = await promisify(execFile)(process.execPath, [`dist/tools/${name}.js`, ...args], { env });
    return stdout;
  }

  async call(method: string, path: string, token?: string, body?: object): Promise<Reply> {
    const response = await this.fetch(method, path, token, body);
    const { error, data } = (await response.json()) as { data?: unknown; error?: { code: string; details: unknown } };
    return { status: response.status, code: error?.code, details: error?.details, data };
  }

  /** @throws Error with the answer, unless it succeeds */
  async callOrThrow(method: string, path: string, token?: string, body?: object): Promise<any> {
    const reply = await this.call(method, path, token, body);
    if (reply.status >= 300) throw new Error(`${method} ${path} returned ${reply.status} ${reply.code}`);
    return reply.data;
  }

  fetch(method: string, path: string, token?: string, body?: object | FormData): Promise<Response> {
    const isJson = body && !(body instanceof FormData);
    const headers = {
      ...(isJson && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const content = isJson ? JSON.stringify(body) : body;
    return fetch(`${this.api.url}/api/v1/${path}`, { method, headers, ...(content && { body: content }) });
  }

  mailsTo(email: string): ReceivedMail[] {
    return this.smtp.mails.filter(({ to }) => to.includes(email));
  }

  /** Waits for a mail to the address. @returns the token of its first link, which starts with the public URL */
  mailedToken(email: string, subject: string): Promise<string> {
    return eventually(() => {
      const mail = this.mailsTo(email).findLast((one) => one.mail.subject === subject);
      const start = `${this.env.PUBLIC_URL}/links/`;
      const link = mail?.mail.text?.split(/\s/).find((word) => word.startsWith(start));
      if (!link) throw new Error(`no mail "${subject}" to ${email}`);
      return Promise.resolve(link.slice(start.length));
    });
  }

  openPage(token: string): Promise<Response> {
    return fetch(`${this.api.url}/links/${token}`);
  }

  /** Fills in the page of a link, as in a browser. */
  submitPage(token: string, fields: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.api.url}/links/${token}`, { method: 'POST', body: new URLSearchParams(fields) });
  }

  signIn(email: string, password: string, otp?: string): Promise<Reply> {
    return this.call('POST', 'auth/login', undefined, { email, password, ...(otp && { otp }) });
  }
}
