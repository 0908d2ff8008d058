/** White space, a text, one of the signs of JSON, or a word or number. */
const TOKEN = /\s*("[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+)/y;

/**
 * The value of a JSON text in which a field that is given more than once holds a list of its values. JSON.parse keeps only
 * the last one, and would lose a symptom that way. Undefined where no field is repeated with another value.
 * @param text valid JSON that is not nested deeply
 */
export function withRepeatedFields(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value(reader.next());
  return reader.foundRepeated ? value : undefined;
}

class Reader {
  foundRepeated = false;
  private at = 0;

  constructor(private readonly text: string) {}

  next(): string {
    TOKEN.lastIndex = this.at;
    const token = TOKEN.exec(this.text)?.[1];
    if (token === undefined) throw new SyntaxError('not valid JSON');
    this.at = TOKEN.lastIndex;
    return token;
  }

  value(token: string): unknown {
    if (token === '{') return this.fields();
    return token === '[' ? this.list() : (JSON.parse(token) as unknown);
  }

  private list(): unknown[] {
    const values: unknown[] = [];
    for (let token = this.next(); token !== ']'; token = this.next()) {
      if (token !== ',') values.push(this.value(token));
    }
    return values;
  }

  private fields(): object {
    const fields = new Map<string, unknown[]>();
    for (let token = this.next(); token !== '}'; token = this.next()) {
      if (token === ',') continue;
      const name = JSON.parse(token) as string;
      this.next();
      const value = this.value(this.next());
      const known = fields.get(name);
      if (!known) fields.set(name, [value]);
      else if (!known.some((each) => JSON.stringify(each) === JSON.stringify(value))) known.push(value);
    }
    return Object.fromEntries([...fields].map(([name, values]) => [name, this.oneOrAll(values)]));
  }

  private oneOrAll(values: unknown[]): unknown {
    if (values.length === 1) return values[0];
    this.foundRepeated = true;
    return values;
  }
}
