import { nameInRef, operationsIn, pascal, refTo, type ApiDocument, type Schema } from './schema.js';

type Place = { owner: string; property: string };

/**
 * Moves every list of allowed words into a schema of its own, once, and refers to it everywhere. A DTO names it by
 * `enumName`; otherwise the first field that has it does: `status` of `AppointmentView` gives `AppointmentStatus`.
 */
export function nameEnums(document: ApiDocument): void {
  const { schemas } = document.components;
  const names = new Map<string, string>();
  const added: Record<string, Schema> = {};
  for (const [name, schema] of Object.entries(schemas)) {
    if (schema.enum) names.set(keyOf(schema.enum), name);
  }

  const named = (schema: Schema, place: Place): Schema => {
    const node = withNamedChildren(schema, place);
    if (!node.enum || node.enum.filter((value) => value !== null).length < 2) return node;
    const { enum: values, type, ...rest } = node;
    const words = values.filter((value) => value !== null).sort();
    const known = names.get(keyOf(words)) ?? freeName(place, words);
    names.set(keyOf(words), known);
    if (!schemas[known]) added[known] = { type: typeof words[0] === 'number' ? 'integer' : 'string', enum: words };
    const isNullable = Array.isArray(type) && type.includes('null');
    return isNullable ? { ...rest, anyOf: [refTo(known), { type: 'null' }] } : { ...rest, ...refTo(known) };
  };

  const withNamedChildren = (schema: Schema, place: Place): Schema => {
    const node = { ...schema };
    if (node.properties) {
      node.properties = Object.fromEntries(
        Object.entries(node.properties).map(([property, child]) => [
          property,
          named(child, { owner: place.owner, property }),
        ]),
      );
    }
    if (node.items) node.items = named(node.items, { ...place, property: singular(place.property) });
    for (const key of ['oneOf', 'anyOf', 'allOf'] as const) {
      if (node[key]) node[key] = node[key].map((child) => named(child, place));
    }
    return node;
  };

  const freeName = ({ owner, property }: Place, words: unknown[]): string => {
    const base =
      property === 'sort' ? sortName(words) : `${owner.replace(/(View|Query|Body)$/, '')}${pascal(property)}`;
    const taken = (name: string): boolean => name in schemas || name in added;
    let name = base;
    for (let count = 2; taken(name); count += 1) name = `${base}${count}`;
    return name;
  };

  // Answers first: their names are the shortest, and requests mostly have the same words.
  const inOrder = Object.keys(schemas).sort((a, b) => Number(isAnswer(b)) - Number(isAnswer(a)));
  for (const name of inOrder) {
    const schema = schemas[name] as Schema;
    if (!schema.enum) schemas[name] = named(schema, { owner: name, property: '' });
  }
  for (const { operation } of operationsIn(document)) {
    for (const parameter of operation.parameters ?? []) {
      if (!parameter.schema) continue;
      parameter.schema = named(parameter.schema, { owner: pascal(operation.operationId), property: parameter.name });
    }
  }
  Object.assign(schemas, added);
}

const isAnswer = (name: string): boolean => name.endsWith('View');

const keyOf = (values: unknown[]): string => JSON.stringify(values.filter((value) => value !== null).sort());

/** Lists share their ways of sorting: `SortByCreatedAtOrName`. */
const sortName = (words: unknown[]): string =>
  `SortBy${[...new Set(words.map((word) => pascal(String(word).replace('-', ''))))].sort().join('Or')}`;

const singular = (property: string): string => property.replace(/s$/, '');

/** The names of all schemas that others, or an operation, refer to. */
export function referredSchemas(document: ApiDocument): Set<string> {
  const names = new Set<string>();
  JSON.stringify(document, (key, value: unknown) => {
    if (key === '$ref' && typeof value === 'string' && value.includes('/schemas/')) names.add(nameInRef(value));
    return value;
  });
  return names;
}
