import type { TestApp, Answer } from './app.js';
import { Browser, type Page } from './browser.js';
import type { OidcServer } from './oidc-server.js';

/** PUBLIC_URL of the tests: the browser finds the application there. */
export const API = 'http://api.clinic.test';
export const AUTH = '/api/v1/auth';
export const getCallbackUrl = (provider: string): string => `${API}${AUTH}/oidc/${provider}/callback`;

/** People with browsers, who sign in at a running OpenID provider. */
export class IdentityFlows {
  constructor(
    private readonly app: TestApp,
    private readonly server: OidcServer,
    private readonly provider: string,
  ) {}

  browser(): Browser {
    return new Browser({ [API]: this.app.url });
  }

  startUrl(query: Record<string, string> = {}): string {
    const parameters = new URLSearchParams(query).toString();
    return `${API}${AUTH}/oidc/${this.provider}${parameters ? `?${parameters}` : ''}`;
  }

  /** Starts a sign-in, and answers the questions of the provider until it redirects to the callback. @returns the URL of the callback */
  async untilCallback(browser: Browser, name: string, url = this.startUrl()): Promise<string> {
    const started = await browser.request(url);
    const location = started.headers.get('location');
    if (started.status !== 302 || !location) throw new Error(`the start returned ${started.status}: ${started.text}`);
    return this.answerProvider(browser, name, location);
  }

  /** Answers the questions of the provider. @returns the URL of the callback */
  async answerProvider(browser: Browser, name: string, authorizationUrl: string): Promise<string> {
    let next = authorizationUrl;
    let form: Record<string, string> | undefined;
    for (let step = 0; step < 10; step += 1) {
      const page = await browser.request(next, form);
      const location = page.headers.get('location');
      form = undefined;
      if (location) {
        next = new URL(location, next).href;
        if (next.startsWith(API)) return next;
        continue;
      }
      const prompt = /name="prompt" value="(\w+)"/.exec(page.text)?.[1];
      if (!prompt) throw new Error(`the provider returned ${page.status}: ${page.text.slice(0, 500)}`);
      next = /action="([^"]+)"/.exec(page.text)?.[1] ?? next;
      form = prompt === 'login' ? { prompt, login: name, password: 'any' } : { prompt };
    }
    throw new Error('the provider asks without end');
  }

  /** The whole sign-in. @returns the last page */
  async signIn(name: string, query: Record<string, string> = {}, browser = this.browser()): Promise<Page> {
    return browser.open(await this.untilCallback(browser, name, this.startUrl(query)));
  }

  /** The code in the URL to which the application is redirected. */
  static getCode({ url }: Page): string {
    const code = new URL(url).searchParams.get('code');
    if (!code) throw new Error(`no code in ${url}`);
    return code;
  }

  exchange(code: string, codeVerifier?: string, headers: Record<string, string> = {}): Promise<Answer> {
    const body = { code, ...(codeVerifier !== undefined && { codeVerifier }) };
    return this.app.call('POST', `${AUTH}/oidc/token`, { body, headers });
  }

  /** Signs in and exchanges the code. */
  async tokens(name: string): Promise<Answer> {
    return this.exchange(IdentityFlows.getCode(await this.signIn(name)));
  }

  /** Describes a new person at the provider. @returns their name */
  person(claims: object): string {
    const name = `person-${this.server.claims.size + 1}-${this.provider}`;
    this.server.claims.set(name, claims);
    return name;
  }
}
