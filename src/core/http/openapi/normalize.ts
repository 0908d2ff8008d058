import type { Schema } from './schema.js';

/** Written by a DTO to keep a string whose name looks like an id, an instant or an address free of a format. */
const NO_FORMAT = 'text';
const DECIMAL = new Set(['double', 'float']);

/** Formats that follow from a field's name. A validator or an explicit format in the DTO goes before them. */
const FORMAT_BY_NAME: [name: RegExp, format: string][] = [
  [/^id$|(Id|Ids|[a-z]By)$/, 'uuid'],
  [/At$|DateTime$|^timestamp$/, 'date-time'],
  [/^dateOfBirth$|^valid(From|To)$/, 'date'],
  [/^email$/, 'email'],
  [/^url$|Url$/, 'uri-reference'],
];

/** An example would be an id that nobody has, or a time that has passed. */
const WITHOUT_EXAMPLE = new Set(['uuid', 'date', 'date-time']);
const isId = (name: string): boolean => /^id$|(Id|Ids|[a-z]By)$/.test(name);
const WITH_ID_OR_DAY = /[0-9a-f]{8}-[0-9a-f]{4}-7|^\d{4}-\d{2}-\d{2}/;

/**
 * Brings a schema of the Swagger plugin into the form of OpenAPI 3.1: no `nullable`, no `allOf` or `oneOf` of one, whole
 * numbers as `integer`, formats, and no required field that has a default.
 * @param name the field that the schema describes
 */
export function normalize(schema: Schema, name = ''): Schema {
  const { nullable, ...rest } = schema;
  const node: Schema = unwrapped(withNormalChildren(rest, name));
  if (node.type === 'number' && !isDecimal(node)) node.type = 'integer';
  if (DECIMAL.has(node.format ?? '')) delete node.format;
  if (node.type === 'string' && !node.enum) setFormat(node, name);
  moveExample(node, name);
  return nullable ? orNull(node) : node;
}

function withNormalChildren(schema: Schema, name: string): Schema {
  const node = { ...schema };
  if (node.properties) {
    node.properties = Object.fromEntries(
      Object.entries(node.properties).map(([property, child]) => [property, normalize(child, property)]),
    );
    node.required = node.required?.filter((property) => node.properties?.[property]?.default === undefined);
    if (!node.required?.length) delete node.required;
    for (const property of Object.values(node.properties)) describeDefault(property);
  }
  if (node.items) node.items = normalize(withExampleOfMember(node.items, node.example), name);
  if (typeof node.additionalProperties === 'object') {
    node.additionalProperties = normalize(withExampleOfMember(node.additionalProperties, node.example));
  }
  for (const key of ['oneOf', 'anyOf', 'allOf'] as const) {
    if (node[key]) node[key] = node[key].map((child) => normalize(child, name));
  }
  return node;
}

/** `allOf: [x]` and the like as x; in OpenAPI 3.1 a `$ref` may have a description beside it. */
function unwrapped(schema: Schema): Schema {
  for (const key of ['oneOf', 'anyOf', 'allOf'] as const) {
    const [only, ...others] = schema[key] ?? [];
    if (!only || others.length > 0) continue;
    const { [key]: _, type, ...rest } = schema;
    return only.$ref ? { ...only, ...rest } : { ...(type !== undefined && { type }), ...only, ...rest };
  }
  if ((schema.$ref || schema.oneOf) && schema.type) {
    const { type: _, ...rest } = schema;
    return rest;
  }
  return schema;
}

/**
 * Generators of types take a field with a `default` for one that is always there, and make callers send it. So the
 * default of a field is told in words.
 */
function describeDefault(property: Schema): void {
  const { default: value } = property;
  delete property.default;
  if (value === undefined) return;
  const text = `Default: \`${JSON.stringify(value)}\`.`;
  property.description = property.description ? `${property.description} ${text}` : text;
}

const isDecimal = ({ format, example, minimum, maximum }: Schema): boolean =>
  DECIMAL.has(format ?? '') ||
  [example, minimum, maximum].some((value) => typeof value === 'number' && !Number.isInteger(value));

/** The example of a list or a map shows what its members are. */
function withExampleOfMember(member: Schema, example: unknown): Schema {
  const values: unknown[] = typeof example === 'object' && example !== null ? Object.values(example) : [];
  const [first] = values;
  return member.type === 'number' && typeof first === 'number'
    ? { ...member, example: member.example ?? first }
    : member;
}

function setFormat(node: Schema, name: string): void {
  if (node.format === NO_FORMAT) delete node.format;
  else if (!node.format && !node.pattern) {
    const format = FORMAT_BY_NAME.find(([pattern]) => pattern.test(name))?.[1];
    if (format) node.format = format;
  }
}

/** JSDoc's `@example 123` of a string is read as a number. */
function moveExample(node: Schema, name: string): void {
  const { example } = node;
  delete node.example;
  if (example === undefined || example === null || WITHOUT_EXAMPLE.has(node.format ?? '') || isId(name)) return;
  if (typeof example === 'string' && WITH_ID_OR_DAY.test(example)) return;
  node.examples = [node.type === 'string' && typeof example !== 'string' ? JSON.stringify(example) : example];
}

function orNull(node: Schema): Schema {
  if (node.enum) return { ...node, type: [node.type as string, 'null'], enum: [...node.enum, null] };
  if (typeof node.type === 'string') return { ...node, type: [node.type, 'null'] };
  if (node.oneOf) return { ...node, oneOf: [...node.oneOf, { type: 'null' }] };
  if (node.$ref) {
    const { $ref, ...rest } = node;
    return { ...rest, anyOf: [{ $ref }, { type: 'null' }] };
  }
  // Whatever it may be, null is among it.
  return node;
}
