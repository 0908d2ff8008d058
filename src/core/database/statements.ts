import type { QueryConfig } from 'pg';

/** For the whole process: statements of several `Database`s meet on one connection, that of the transaction around them. */
const names = new Map<string, string>();

/** A prepared statement: the same text has the same name on every connection. Texts must be constants of the code. */
export function prepared(text: string, values: readonly unknown[]): QueryConfig {
  let name = names.get(text);
  if (!name) names.set(text, (name = `careslot_${names.size + 1}`));
  return { name, text, values: values as unknown[] };
}
