import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { parseSetCookie, type SetCookie } from 'cookie';

const BOARD = '/ops/queues';

/** The result of opening the page: the board, or the sign-in form with a message. */
export type Visit = { board: string } | { form: string };

interface FormEvent {
  preventDefault(): void;
}

/** A minimal browser for the queue board's sign-in page: it follows the rules of cookies and runs the page's script. */
export class BoardBrowser {
  private readonly cookies = new Map<string, SetCookie>();
  private message = '';
  private fields: Record<string, string> = {};
  private onSubmit: (event: FormEvent) => void = () => undefined;
  private settle: (visit: Visit) => void = () => undefined;

  constructor(private readonly url: string) {}

  visit(): Promise<Visit> {
    return new Promise((resolve, reject) => {
      this.settle = resolve;
      this.load().catch(reject);
    });
  }

  signIn(email: string, password: string, otp = ''): Promise<Visit> {
    this.fields = { email, password, otp };
    return new Promise((resolve) => {
      this.settle = resolve;
      this.onSubmit({ preventDefault: () => undefined });
    });
  }

  has(cookie: string): boolean {
    return this.cookies.has(cookie);
  }

  forget(cookie: string): void {
    this.cookies.delete(cookie);
  }

  readonly fetch = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = this.cookieHeader(path, () => true);
    const headers = { ...(init.headers as Record<string, string>), ...(cookie && { cookie }) };
    const response = await fetch(`${this.url}${path}`, { ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const set = parseSetCookie(line, { decode: (value) => value });
      this.cookies.set(set.name, set);
    }
    return response;
  };

  private async load(): Promise<void> {
    const response = await this.fetch(BOARD, { headers: { accept: 'text/html,application/xhtml+xml' } });
    const html = await response.text();
    if (response.ok) this.settle({ board: html });
    else this.run(html, response.headers.get('content-security-policy') ?? '');
  }

  private run(html: string, policy: string): void {
    const script = /<script>([^]*)<\/script>/.exec(html)?.[1] ?? '';
    const hash = createHash('sha256').update(script).digest('base64');
    if (!policy.includes(`script-src 'sha256-${hash}'`))
      throw new Error('the content security policy does not allow the script of the page');
    const element = (id: string): object => (id === 'sign-in' ? this.form : this.messageElement);
    const fields = (): Record<string, string> => this.fields;
    runInNewContext(script, {
      document: { cookie: this.cookieHeader(BOARD, ({ httpOnly }) => !httpOnly), getElementById: element },
      FormData: class {
        *[Symbol.iterator](): Generator<[string, string]> {
          yield* Object.entries(fields());
        }
      },
      location: { reload: () => void this.load() },
      fetch: this.fetch,
    });
  }

  private readonly form = Object.defineProperty(
    { addEventListener: (_event: string, listener: (event: FormEvent) => void) => (this.onSubmit = listener) },
    'hidden',
    {
      set: (hidden: boolean) => {
        if (!hidden) this.settle({ form: this.message });
      },
    },
  );

  private readonly messageElement = Object.defineProperty({}, 'textContent', {
    set: (text: string) => {
      this.message = text;
    },
  });

  private cookieHeader(path: string, isSent: (cookie: SetCookie) => boolean): string {
    return [...this.cookies.values()]
      .filter((cookie) => path.startsWith(cookie.path ?? '/') && isSent(cookie))
      .map(({ name, value }) => `${name}=${value ?? ''}`)
      .join('; ');
  }
}
