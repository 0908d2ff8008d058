import type { Schema } from './schema.js';

/** The format in a DTO that prevents a format by the field's name. */
const NO_FORMAT = 'text';
const DECIMAL = new Set(['double', 'float']);

const ID_NAME = /^id$|(Id|Ids|[a-z]By)$/;

/** Formats by the field's name. Validators and explicit formats in the DTO have priority. */
const FORMAT_BY_NAME: [name: RegExp, format: string][] = [
  [ID_NAME, 'uuid'],
  [/At$|DateTime$|^timestamp$/, 'date-time'],
  [/^dateOfBirth$|^valid(From|To)$/, 'date'],
  [/^email$/, 'email'],
  [/^url$|Url$/, 'uri-reference'],
];

/** Fields of these formats get no example: the id would not exist, and the day would be in the past. */
const FORMATS_WITHOUT_EXAMPLE = new Set(['uuid', 'date', 'date-time']);
const ID_OR_DAY = /[0-9a-f]{8}-[0-9a-f]{4}-7|^\d{4}-\d{2}-\d{2}/;

/**
 * Converts a schema of the Swagger plugin to OpenAPI 3.1: without `nullable` and without `allOf` or `oneOf` of a single schema;
 * integers as `integer`; with formats; fields with a default are not required.
 * @param name the name of the field that the schema describes
 */
export function normalize(schema: Schema, name = ''): Schema {
  const { nullable: isNullable, ...rest } = schema;
  const node: Schema = unwrapped(withNormalChildren(rest, name));
  if (node.type === 'number' && !isDecimal(node)) node.type = 'integer';
  if (DECIMAL.has(node.format ?? '')) delete node.format;
  if (node.type === 'string' && !node.enum) setFormat(node, name);
  moveExample(node, name);
  return isNullable ? nullable(node) : node;
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

/** Replaces `allOf: [x]` and the like by x. In OpenAPI 3.1, a `$ref` may have a description. */
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
 * Moves the default of a field into its description: type generators would make a field with a `default` required in requests.
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

/** Adds the first value of a list's or map's example to the schema of its members, which shows whether numbers are decimal. */
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

/** Moves `example` to `examples`. The Swagger plugin parses JSDoc's `@example 123` as a number also for strings. */
function moveExample(node: Schema, name: string): void {
  const { example } = node;
  delete node.example;
  if (example === undefined || example === null || FORMATS_WITHOUT_EXAMPLE.has(node.format ?? '')) return;
  if (ID_NAME.test(name)) return;
  if (typeof example === 'string' && ID_OR_DAY.test(example)) return;
  node.examples = [node.type === 'string' && typeof example !== 'string' ? JSON.stringify(example) : example];
}

function nullable(node: Schema): Schema {
  if (node.enum) return { ...node, type: [node.type as string, 'null'], enum: [...node.enum, null] };
  if (typeof node.type === 'string') return { ...node, type: [node.type, 'null'] };
  if (node.oneOf) return { ...node, oneOf: [...node.oneOf, { type: 'null' }] };
  if (node.$ref) {
    const { $ref, ...rest } = node;
    return { ...rest, anyOf: [{ $ref }, { type: 'null' }] };
  }
  // A schema without a type allows null.
  return node;
}
