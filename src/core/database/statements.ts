import type { QueryConfig } from 'pg';

/** Shared by all instances of `Database`, because their statements may run on the same connection. */
const names = new Map<string, string>();

/** A prepared statement. The same text gets the same name. Texts must be constants: names are never forgotten. */
export function prepared(text: string, values: readonly unknown[]): QueryConfig {
  let name = names.get(text);
  if (!name) names.set(text, (name = `careslot_${names.size + 1}`));
  return { name, text, values: values as unknown[] };
}
