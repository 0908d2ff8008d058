import { nameInRef, operationsIn, pascal, refTo, type ApiDocument, type Schema } from './schema.js';

/** Where an enum occurs; its name is derived from this. */
interface Location {
  owner: string;
  property: string;
}

/**
 * Moves each enum into a named schema, once, and replaces its other occurrences by references. The name is the DTO's `enumName`, or
 * is derived from the first field with these values: `status` of `AppointmentView` becomes `AppointmentStatus`.
 */
export function nameEnums(document: ApiDocument): void {
  const { schemas } = document.components;
  const enums = new EnumNames(schemas);
  // Views first: their names are the shortest, and requests usually have the same values.
  const viewsFirst = Object.keys(schemas).sort((a, b) => Number(isView(b)) - Number(isView(a)));
  for (const name of viewsFirst) {
    const schema = schemas[name] as Schema;
    if (!schema.enum) schemas[name] = enums.replaceIn(schema, { owner: name, property: '' });
  }
  for (const { operation } of operationsIn(document)) {
    for (const parameter of operation.parameters ?? []) {
      if (!parameter.schema) continue;
      const location = { owner: pascal(operation.operationId), property: parameter.name };
      parameter.schema = enums.replaceIn(parameter.schema, location);
    }
  }
  Object.assign(schemas, enums.added);
}

/** The names of the enums of a document, by their values. */
class EnumNames {
  /** The schemas of the enums that did not have a name. */
  readonly added: Record<string, Schema> = {};
  private readonly names = new Map<string, string>();

  constructor(private readonly schemas: Record<string, Schema>) {
    for (const [name, schema] of Object.entries(schemas)) {
      if (schema.enum) this.names.set(toKey(schema.enum), name);
    }
  }

  /** Returns the schema with references instead of enums, at every depth. */
  replaceIn(schema: Schema, location: Location): Schema {
    const node = this.withReplacedChildren(schema, location);
    const values = node.enum?.filter((value) => value !== null).sort() ?? [];
    if (values.length < 2) return node;
    const { enum: _, type, ...rest } = node;
    const reference = refTo(this.findOrAdd(values, location));
    const isNullable = Array.isArray(type) && type.includes('null');
    return isNullable ? { ...rest, anyOf: [reference, { type: 'null' }] } : { ...rest, ...reference };
  }

  private withReplacedChildren(schema: Schema, location: Location): Schema {
    const node = { ...schema };
    const { owner } = location;
    if (node.properties) {
      const properties = Object.entries(node.properties);
      node.properties = Object.fromEntries(
        properties.map(([property, child]) => [property, this.replaceIn(child, { owner, property })]),
      );
    }
    if (node.items) node.items = this.replaceIn(node.items, { owner, property: singular(location.property) });
    for (const key of ['oneOf', 'anyOf', 'allOf'] as const) {
      if (node[key]) node[key] = node[key].map((child) => this.replaceIn(child, location));
    }
    return node;
  }

  private findOrAdd(values: unknown[], location: Location): string {
    const key = toKey(values);
    const name = this.names.get(key) ?? this.newName(values, location);
    this.names.set(key, name);
    if (!this.schemas[name]) {
      this.added[name] = { type: typeof values[0] === 'number' ? 'integer' : 'string', enum: values };
    }
    return name;
  }

  private newName(values: unknown[], { owner, property }: Location): string {
    const base =
      property === 'sort' ? toSortName(values) : `${owner.replace(/(View|Query|Body)$/, '')}${pascal(property)}`;
    let name = base;
    for (let count = 2; name in this.schemas || name in this.added; count += 1) name = `${base}${count}`;
    return name;
  }
}

const isView = (name: string): boolean => name.endsWith('View');

const toKey = (values: unknown[]): string => JSON.stringify(values.filter((value) => value !== null).sort());

/** Named by its values, because several lists have the same sort orders: `SortByCreatedAtOrName`. */
const toSortName = (values: unknown[]): string =>
  `SortBy${[...new Set(values.map((value) => pascal(String(value).replace('-', ''))))].sort().join('Or')}`;

const singular = (property: string): string => property.replace(/s$/, '');

/** The names of all schemas to which the document refers. */
export function referredSchemas(document: ApiDocument): Set<string> {
  const names = new Set<string>();
  JSON.stringify(document, (key, value: unknown) => {
    if (key === '$ref' && typeof value === 'string' && value.includes('/schemas/')) names.add(nameInRef(value));
    return value;
  });
  return names;
}
