import type { QueryConfig } from 'pg';

/** Prepared statements: the same text has the same name on every connection. Texts must be constants of the code. */
export class Statements {
  private readonly names = new Map<string, string>();

  prepared(text: string, values: readonly unknown[]): QueryConfig {
    let name = this.names.get(text);
    if (!name) this.names.set(text, (name = `careslot_${this.names.size + 1}`));
    return { name, text, values: values as unknown[] };
  }
}
