import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Documented {
  method: string;
  pattern: RegExp;
  path: string;
  operation: any;
}

export interface Exchange {
  method: string;
  url: string;
  status: number;
  contentType: string | null;
  /** The parsed JSON body, or the text. */
  body: unknown;
}

/**
 * Checks real responses against `openapi.json`: the status and the content type are documented, a JSON body is valid by its
 * schema and has no field that the schema does not name, and the error code is one that the operation lists.
 */
export class Contract {
  private readonly ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  private readonly validators = new Map<unknown, ValidateFunction>();
  private readonly operations: Documented[];

  constructor(readonly document: any) {
    addFormats.default(this.ajv);
    this.ajv.addVocabulary(['components']);
    this.ajv.addFormat('binary', true);
    // E-mail addresses may have names in any script.
    this.ajv.addFormat('email', /^[^@\s]+@[^@\s]+$/);
    this.ajv.addSchema(closed({ $id: 'api', components: document.components }) as object);
    this.operations = Object.entries<any>(document.paths)
      .flatMap(([path, methods]) =>
        Object.entries<any>(methods).map(([method, operation]) => ({
          method: method.toUpperCase(),
          path,
          operation,
          pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`),
        })),
      )
      // `/users/me` before `/users/{id}`.
      .sort((a, b) => placeholders(a.path) - placeholders(b.path));
  }

  static fromFile(file = 'openapi.json'): Contract {
    return new Contract(JSON.parse(readFileSync(file, 'utf8')));
  }

  find(method: string, url: string): Documented | undefined {
    const { pathname } = new URL(url, 'http://localhost');
    const wanted = method === 'HEAD' ? 'GET' : method;
    return this.operations.find((known) => known.method === wanted && known.pattern.test(pathname));
  }

  /** @returns the differences from the document; none for a route that is not in it */
  problems(exchange: Exchange): string[] {
    const known = this.find(exchange.method, exchange.url);
    if (!known) return [];
    const { status, contentType, body } = exchange;
    const documented = known.operation.responses[status];
    const name = `${known.method} ${known.path} ${status}`;
    if (!documented) return [`${name}: the status is not documented`];
    const response = this.resolve(documented);
    if (exchange.method === 'HEAD' || status === 304) return [];
    if (!response.content) return body === '' ? [] : [`${name}: a body is not documented`];
    const type = contentType?.split(';')[0]?.trim() ?? '';
    const media = response.content[type];
    if (!media) return [`${name}: the content type ${type || '(none)'} is not documented`];
    if (type !== 'application/json') return [];
    return [...this.mismatches(media.schema, body), ...unlistedCode(documented, response, body)].map(
      (problem) => `${name}: ${problem}`,
    );
  }

  private resolve(response: any): any {
    if (!response.$ref) return response;
    return this.document.components.responses[response.$ref.split('/').at(-1)];
  }

  private mismatches(schema: unknown, body: unknown): string[] {
    let validate = this.validators.get(schema);
    if (!validate) {
      validate = this.ajv.compile(closed(withBase(schema)) as object);
      this.validators.set(schema, validate);
    }
    if (validate(body)) return [];
    return (validate.errors ?? [])
      .slice(0, 5)
      .map(({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`);
  }
}

const placeholders = (path: string): number => path.split('{').length;

/** An error without an envelope has no code. Any other error code must be in the description of the operation. */
function unlistedCode(documented: any, response: any, body: any): string[] {
  const code: unknown = body?.error?.code;
  if (typeof code !== 'string') return [];
  const text: string = documented.description ?? response.description;
  return text.includes(`\`${code}\``) ? [] : [`the code ${code} is not listed`];
}

/** Makes the document's references absolute, so that a part of it can be compiled separately. */
function withBase(node: unknown): unknown {
  return mapped(node, (key, value) => (key === '$ref' && typeof value === 'string' ? `api${value}` : value));
}

/** Returns the same schemas, in which objects allow no additional fields unless they say so. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  const isObjectSchema = copy.type === 'object' && typeof copy.properties === 'object';
  return isObjectSchema && copy.additionalProperties === undefined ? { ...copy, additionalProperties: false } : copy;
}

function mapped(node: unknown, change: (key: string, value: unknown) => unknown): unknown {
  if (Array.isArray(node)) return node.map((item) => mapped(item, change));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, mapped(change(key, value), change)]));
}
