import { Zone } from '../../kernel/zone.js';
import { nameInRef, operationsIn, type ApiDocument, type Parameter, type Schema } from './schema.js';

const ANY_TEXT = 'Example';
const BODY_METHODS = new Set(['post', 'put', 'patch']);

/** Ids that the demo data always has, by the names of fields (`doctorId`), so that an example works as it stands. */
export type DemoIds = Readonly<Record<string, string>>;

/** Finds an example value of a field or parameter; undefined where none would work. */
type Find = (name: string, schema: Schema) => unknown;

/**
 * Gives parameters and bodies examples that work on the demo data: its ids, and days to come. Without `today` nothing
 * that depends on the day gets one. A body has one only if all of its required fields have.
 */
export function addExamples(document: ApiDocument, ids: DemoIds, today?: Date): void {
  const find: Find = (name, schema) => {
    if (name in ids) return ids[name];
    if (today && schema.format === 'date') return dayAfter(today, name === 'to' || name === 'validTo' ? 7 : 1);
    if (today && schema.format === 'date-time') return `${dayAfter(today, 3)}T09:00:00Z`;
    return schema.default ?? schema.examples?.[0];
  };
  for (const parameter of Object.values(document.components.parameters)) exemplify(parameter, find);
  for (const { path, method, operation } of operationsIn(document)) {
    operation.parameters = operation.parameters?.map((parameter) => withOwnId(document, parameter, path, ids));
    for (const parameter of operation.parameters ?? []) exemplify(parameter, find);
    const media = operation.requestBody?.content['application/json'];
    if (!media?.schema || !BODY_METHODS.has(method)) continue;
    const example = exampleOf(document, media.schema, find);
    if (example !== undefined) media.example = example;
  }
}

function exemplify(parameter: Parameter, find: Find): void {
  const { schema, name } = parameter;
  if (!schema || parameter.example !== undefined || schema.default !== undefined) return;
  const example = find(name, schema);
  // Filled in for the reader: so only what the call needs.
  if (example !== undefined && parameter.required) parameter.example = example;
}

/** `{id}` is shared by all routes; of `/api/v1/doctors/{id}/…` the demo has one. */
function withOwnId({ components }: ApiDocument, parameter: Parameter, path: string, ids: DemoIds): Parameter {
  const target = parameter.$ref ? components.parameters[nameInRef(parameter.$ref)] : parameter;
  const kind = `${/\/(\w+?)s\/\{id\}/.exec(path)?.[1] ?? ''}Id`;
  const isOwnId = target?.in === 'path' && target.name === 'id' && target.schema?.format === 'uuid';
  return isOwnId && kind in ids ? { ...target, example: ids[kind] } : parameter;
}

/** The required fields and those whose DTO has an example. */
function exampleOf(document: ApiDocument, schema: Schema, find: Find): unknown {
  const target = schema.$ref ? document.components.schemas[nameInRef(schema.$ref)] : schema;
  if (!target?.properties) return undefined;
  const example: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(target.properties)) {
    const isRequired = target.required?.includes(name) ?? false;
    if (!isRequired && !field.examples) continue;
    const value = find(name, field) ?? nested(document, field, find) ?? (isRequired ? anyText(field) : undefined);
    if (value !== undefined) example[name] = value;
    else if (isRequired) return undefined;
  }
  return Object.keys(example).length > 0 ? example : exampleOfChange(target, find);
}

/** Of a body that needs nothing and has no examples: the ids and times that may change. */
function exampleOfChange({ properties = {} }: Schema, find: Find): unknown {
  const values = Object.entries(properties).flatMap(([name, field]) => {
    const value = field.format ? find(name, field) : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return values.length > 0 ? Object.fromEntries(values) : undefined;
}

/** For free text any words will do. */
const anyText = ({ type, format, pattern, minLength = 0 }: Schema): string | undefined =>
  type === 'string' && !format && !pattern && minLength <= ANY_TEXT.length ? ANY_TEXT : undefined;

function nested(document: ApiDocument, field: Schema, find: Find): unknown {
  if (field.items) {
    const item = nested(document, field.items, find);
    return item === undefined ? undefined : [item];
  }
  const target = field.$ref ? document.components.schemas[nameInRef(field.$ref)] : undefined;
  if (target?.enum) return target.enum[0];
  return field.$ref ? exampleOf(document, field, find) : undefined;
}

function dayAfter(today: Date, days: number): string {
  const utc = Zone.of('UTC');
  return utc.addDays(utc.toDay(today.getTime()), days);
}
