import { nestedTooDeeply } from './body-limits.js';

/** White space, then a string, a punctuation character, or a literal or number. */
const TOKEN = /\s*("[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+)/y;

/** More than `checkJson` accepts, so that a body that it refuses can still be searched for an emergency. */
const MAX_DEPTH = 100;

/**
 * Parses JSON so that a field that occurs several times has the list of all its values. JSON.parse keeps only the last one, which
 * could hide a symptom. Returns undefined if no field is repeated with another value.
 * @param text valid JSON
 * @throws DomainError VALIDATION_ERROR for nesting that could overflow the stack
 */
export function withRepeatedFields(text: string): unknown {
  const parser = new RepeatedFieldParser(text);
  const value = parser.parse(parser.nextToken(), 0);
  return parser.hasRepeated ? value : undefined;
}

class RepeatedFieldParser {
  hasRepeated = false;
  private at = 0;

  constructor(private readonly text: string) {}

  nextToken(): string {
    TOKEN.lastIndex = this.at;
    const token = TOKEN.exec(this.text)?.[1];
    if (token === undefined) throw new SyntaxError('not valid JSON');
    this.at = TOKEN.lastIndex;
    return token;
  }

  parse(token: string, depth: number): unknown {
    if (depth > MAX_DEPTH) throw nestedTooDeeply();
    if (token === '{') return this.parseObject(depth);
    return token === '[' ? this.parseList(depth) : (JSON.parse(token) as unknown);
  }

  private parseList(depth: number): unknown[] {
    const values: unknown[] = [];
    for (let token = this.nextToken(); token !== ']'; token = this.nextToken()) {
      if (token !== ',') values.push(this.parse(token, depth + 1));
    }
    return values;
  }

  private parseObject(depth: number): object {
    const fields = new Map<string, FieldValues>();
    for (let token = this.nextToken(); token !== '}'; token = this.nextToken()) {
      if (token === ',') continue;
      const name = JSON.parse(token) as string;
      // The colon.
      this.nextToken();
      const value = this.parse(this.nextToken(), depth + 1);
      const known = fields.get(name);
      if (known) known.add(value);
      else fields.set(name, new FieldValues(value));
    }
    return Object.fromEntries([...fields].map(([name, { values }]) => [name, this.oneOrAll(values)]));
  }

  private oneOrAll(values: unknown[]): unknown {
    if (values.length === 1) return values[0];
    this.hasRepeated = true;
    return values;
  }
}

/** The different values of a field, in their order. */
class FieldValues {
  readonly values: unknown[];
  /** The values as JSON; undefined until the field is repeated. */
  private texts: Set<string> | undefined;

  constructor(first: unknown) {
    this.values = [first];
  }

  add(value: unknown): void {
    this.texts ??= new Set([JSON.stringify(this.values[0])]);
    const text = JSON.stringify(value);
    if (this.texts.has(text)) return;
    this.texts.add(text);
    this.values.push(value);
  }
}
