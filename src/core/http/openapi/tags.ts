import { operationsIn, type ApiDocument } from './schema.js';

export interface Tag {
  name: string;
  description: string;
}

/** The tags in the given order, then those of routes that are not in it. Paths follow the order of their tags. */
export function orderTags(document: ApiDocument, tags: readonly Tag[]): ApiDocument['tags'] {
  const used = new Set([...operationsIn(document)].flatMap(({ operation }) => operation.tags ?? []));
  const known = tags.filter(({ name }) => used.has(name));
  const names = known.map(({ name }) => name);
  const others = [...used].filter((name) => !names.includes(name));
  const rank = (path: string): number => {
    const [operation] = Object.values(document.paths[path] ?? {});
    const index = [...names, ...others].indexOf(operation?.tags?.[0] ?? '');
    return index < 0 ? used.size : index;
  };
  document.paths = Object.fromEntries(Object.entries(document.paths).sort(([a], [b]) => rank(a) - rank(b)));
  return [...known, ...others.map((name) => ({ name }))];
}
