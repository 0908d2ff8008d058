/** White space, then a string, a punctuation character, or a literal or number. */
const TOKEN = /\s*("[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+)/y;

/**
 * Parses JSON so that a field that occurs several times has the list of all its values. JSON.parse keeps only the last one, which
 * could hide a symptom. Returns undefined if no field is repeated with another value.
 * @param text valid JSON without deep nesting
 */
export function withRepeatedFields(text: string): unknown {
  const parser = new RepeatedFieldParser(text);
  const value = parser.parse(parser.nextToken());
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

  parse(token: string): unknown {
    if (token === '{') return this.parseObject();
    return token === '[' ? this.parseList() : (JSON.parse(token) as unknown);
  }

  private parseList(): unknown[] {
    const values: unknown[] = [];
    for (let token = this.nextToken(); token !== ']'; token = this.nextToken()) {
      if (token !== ',') values.push(this.parse(token));
    }
    return values;
  }

  private parseObject(): object {
    const fields = new Map<string, unknown[]>();
    for (let token = this.nextToken(); token !== '}'; token = this.nextToken()) {
      if (token === ',') continue;
      const name = JSON.parse(token) as string;
      this.nextToken();
      const value = this.parse(this.nextToken());
      const known = fields.get(name);
      if (!known) fields.set(name, [value]);
      else if (!known.some((other) => JSON.stringify(other) === JSON.stringify(value))) known.push(value);
    }
    return Object.fromEntries([...fields].map(([name, values]) => [name, this.oneOrAll(values)]));
  }

  private oneOrAll(values: unknown[]): unknown {
    if (values.length === 1) return values[0];
    this.hasRepeated = true;
    return values;
  }
}
