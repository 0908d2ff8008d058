import { Contract } from './contract.js';

/**
 * Knows every text that the API accepts, by `openapi.json`: string fields of bodies, and the query parameters in which people type.
 * Records which of them a test has sent, and with which values.
 */
export class WrittenTexts {
  private readonly contract = Contract.fromFile();
  private readonly values = new Map<string, Set<string>>();

  record(method: string, url: string, body?: object): void {
    const operation = this.contract.find(method, url);
    if (!operation) throw new Error(`${method} ${url} is not in openapi.json`);
    const { searchParams } = new URL(url, 'http://localhost');
    const sent = [...flatten(body ?? {}), ...[...searchParams].map(([name, value]) => [`?${name}`, value] as const)];
    for (const [name, value] of sent) {
      const field = `${method} ${operation.path} ${name}`;
      this.values.set(field, (this.values.get(field) ?? new Set()).add(value));
    }
  }

  /** The fields in which a personal text can be written. */
  get personalFields(): string[] {
    return this.fields.filter((field) => !NOT_PERSONAL.some(({ pattern }) => pattern.test(field)));
  }

  /** Those of them in which nothing was sent. */
  get missing(): string[] {
    return this.personalFields.filter((field) => !this.values.has(field));
  }

  /** The values that were sent in personal fields, and passwords. */
  get personalValues(): string[] {
    const fields = [...this.personalFields, ...this.fields.filter((field) => SECRET.test(field))];
    return [...new Set(fields.flatMap((field) => [...(this.values.get(field) ?? [])]))];
  }

  /** Patterns that no longer match a field. */
  get outdatedPatterns(): string[] {
    const { fields } = this;
    return NOT_PERSONAL.filter(({ pattern }) => !fields.some((field) => pattern.test(field))).map(({ why }) => why);
  }

  /** Such as `POST /api/v1/clients notes` and `DELETE /api/v1/appointments/{id} ?reason`. */
  private get fields(): string[] {
    const { document } = this.contract;
    const found = new Set<string>();
    for (const [path, methods] of Object.entries<any>(document.paths)) {
      // The same routes with another prefix, and the mailbox of developers.
      if (path.startsWith('/api/main/') || path.startsWith('/dev/')) continue;
      for (const [method, operation] of Object.entries<any>(methods)) {
        const add = (name: string): unknown => found.add(`${method.toUpperCase()} ${path} ${name}`);
        const body = resolve(document, operation.requestBody);
        for (const { schema } of Object.values<any>(body?.content ?? {})) findTexts(document, schema, '').forEach(add);
        for (const parameter of operation.parameters ?? []) {
          const { in: place, name } = resolve(document, parameter);
          if (place === 'query' && TYPED_PARAMETERS.includes(name)) add(`?${name}`);
        }
      }
    }
    return [...found];
  }
}

/** The others are filters by codes, ids and times. */
const TYPED_PARAMETERS = ['q', 'reason'];

const SECRET = / (?:password|currentPassword|newPassword)$/;

/** Fields that are no health data and no contact of a person. A new field must be sent by the test, or listed here. */
const NOT_PERSONAL: { why: string; pattern: RegExp }[] = [
  { why: 'names, which stay readable (docs/encryption.md)', pattern: /[ .](?:firstName|lastName|name)$/ },
  { why: 'settings of an account', pattern: /[ .](?:locale|timeZone|role)$/ },
  { why: 'secrets and codes of sign-in', pattern: / (?:\w*[pP]assword|otp|token|\w+Token|code|codeVerifier)$/ },
  { why: 'the browser at an identity provider', pattern: / (?:codeChallenge|returnUrl)$/ },
  {
    why: 'the public catalogue',
    pattern: / \/api\/(?:v1\/)?(?:exports\/)?(?:clinics|doctors|services|resources|faqs)(?:\/| )/,
  },
  {
    why: 'images, from which scans-canary.spec.ts tests that texts are removed',
    pattern: / (?:file|files\[\]|image|scan|kind)$/,
  },
  { why: 'codes and numbers of an assessment', pattern: /\/ai\/(?:stroke-)?assessment / },
  { why: 'the days of a series', pattern: /\/series rrule$/ },
  { why: 'times of a day', pattern: /\/preferences quietHours\.|\/waitlist (?:start|end)Time$/ },
  {
    why: 'the days of a change, a referral or an entry of the waitlist',
    pattern: / (?:(?:to\.)?date|from|to|validFrom|validTo)$/,
  },
  { why: 'the version of a text to which a person consents', pattern: /\/consents version$/ },
  { why: 'numbers of the payment provider', pattern: /\/payments\/verify (?:orderId|paymentId|signature)$/ },
  { why: 'headers of a file, which are stored encrypted', pattern: /\/imports(?: mapping$|\/\{id\}\/mapping )/ },
  { why: 'the address of another system', pattern: /\/webhooks(?:\/\{id\})? url$/ },
  { why: 'time and doctor of a booking', pattern: /\/bookings (?:date|time|doctorName|doctorSpecialty)$/ },
];

const resolve = (document: any, part: any): any =>
  part?.$ref
    ? part.$ref
        .split('/')
        .slice(1)
        .reduce((at: any, key: string) => at[key], document)
    : part;

/** The paths of the fields with free text: no enumeration, id or instant. */
function findTexts(document: any, reference: any, path: string): string[] {
  const schema = resolve(document, reference);
  if (!schema) return [];
  const inside = (part: any, name: string): string[] => findTexts(document, part, path ? `${path}.${name}` : name);
  const isText = [schema.type].flat().includes('string');
  const isCode = schema.enum || schema.const !== undefined || ['uuid', 'date-time'].includes(schema.format);
  return [
    ...(isText && !isCode ? [path] : []),
    ...['allOf', 'anyOf', 'oneOf'].flatMap((key) =>
      (schema[key] ?? []).flatMap((part: any) => findTexts(document, part, path)),
    ),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, part]) => inside(part, name)),
    ...(schema.items ? findTexts(document, schema.items, `${path}[]`) : []),
  ];
}

function flatten(value: object, path = ''): (readonly [string, string])[] {
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) => {
    const inside = Array.isArray(value) ? `${path}[]` : path ? `${path}.${name}` : name;
    if (typeof part === 'string') return [[inside, part] as const];
    return typeof part === 'object' && part !== null ? flatten(part, inside) : [];
  });
}
