interface Cookie {
  value: string;
  path: string;
}

export interface Page {
  status: number;
  url: string;
  headers: Headers;
  text: string;
}

const MAX_REDIRECTS = 20;

/** A browser with cookies for each origin and path. It follows redirects between the origins that it knows. */
export class Browser {
  private readonly jars = new Map<string, Map<string, Cookie>>();

  /** @param hosts where the servers of these origins are, such as `https://api.example.org` at `http://127.0.0.1:3000` */
  constructor(private readonly hosts: Record<string, string> = {}) {}

  /** Opens a page and follows redirects, until a page or an address of an unknown origin. */
  async open(url: string, form?: Record<string, string>): Promise<Page> {
    let page = await this.request(url, form);
    for (let n = 0; n < MAX_REDIRECTS; n += 1) {
      const location = page.headers.get('location');
      if (page.status < 300 || page.status >= 400 || location === null) return page;
      const next = new URL(location, page.url).href;
      if (!this.knows(next)) return { ...page, url: next };
      page = await this.request(next);
    }
    throw new Error(`too many redirects, the last one to ${page.url}`);
  }

  /** One request, without redirects. */
  async request(url: string, form?: Record<string, string>): Promise<Page> {
    const { origin, pathname, search } = new URL(url);
    const response = await fetch(`${this.hosts[origin] ?? origin}${pathname}${search}`, {
      redirect: 'manual',
      headers: { cookie: this.cookiesFor(origin, pathname) },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) this.store(origin, line);
    return { status: response.status, url, headers: response.headers, text: await response.text() };
  }

  cookies(url: string): string[] {
    const { origin, pathname } = new URL(url);
    return this.cookiesFor(origin, pathname).split('; ').filter(Boolean);
  }

  private knows(url: string): boolean {
    const { origin, hostname } = new URL(url);
    return origin in this.hosts || hostname === '127.0.0.1';
  }

  private cookiesFor(origin: string, pathname: string): string {
    return [...(this.jars.get(origin) ?? [])]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
  }

  private store(origin: string, line: string): void {
    const [pair = '', ...attributes] = line.split(/; */);
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(pair) ?? [];
    const get = (wanted: string): string | undefined =>
      attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const jar = this.jars.get(origin) ?? new Map<string, Cookie>();
    this.jars.set(origin, jar);
    const expires = get('expires');
    if (value === '' || (expires !== undefined && Date.parse(expires) <= Date.now())) jar.delete(name);
    else jar.set(name, { value, path: get('path') ?? '/' });
  }
}
