import { Zone } from '../../kernel/zone.js';
import { nameInRef, operationsIn, type ApiDocument, type Parameter, type Schema } from './schema.js';

const ANY_TEXT = 'Example';
const BODY_METHODS = new Set(['post', 'put', 'patch']);

/** Ids that the demo data always has, by the names of fields (`doctorId`), so that an example works as it stands. */
export type DemoIds = Readonly<Record<string, string>>;

/** Finds the example value of a field or parameter; undefined if there is no value that would work. */
type FindValue = (name: string, schema: Schema) => unknown;

/**
 * Adds examples that work with the demo data to parameters and bodies: its ids, and days in the future. Without `today`, days and
 * instants get no examples. A body gets an example only if all its required fields have one.
 */
export function addExamples(document: ApiDocument, ids: DemoIds, today?: Date): void {
  const find: FindValue = (name, schema) => {
    if (name in ids) return ids[name];
    if (today && schema.format === 'date') return dayAfter(today, name === 'to' || name === 'validTo' ? 7 : 1);
    if (today && schema.format === 'date-time') return `${dayAfter(today, 3)}T09:00:00Z`;
    return schema.default ?? schema.examples?.[0];
  };
  for (const parameter of Object.values(document.components.parameters)) addExample(parameter, find);
  for (const { path, method, operation } of operationsIn(document)) {
    operation.parameters = operation.parameters?.map((parameter) => withDemoId(document, parameter, path, ids));
    for (const parameter of operation.parameters ?? []) addExample(parameter, find);
    const media = operation.requestBody?.content['application/json'];
    if (!media?.schema || !BODY_METHODS.has(method)) continue;
    const example = findObject(document, media.schema, find);
    if (example !== undefined) media.example = example;
  }
}

function addExample(parameter: Parameter, find: FindValue): void {
  const { schema, name } = parameter;
  if (!schema || parameter.example !== undefined || schema.default !== undefined) return;
  const example = find(name, schema);
  // The documentation fills examples into its form, so only required parameters get one.
  if (example !== undefined && parameter.required) parameter.example = example;
}

/** Replaces the shared parameter `{id}` of a path such as `/api/v1/things/{id}/…` by one with the demo id as its example. */
function withDemoId({ components }: ApiDocument, parameter: Parameter, path: string, ids: DemoIds): Parameter {
  const target = parameter.$ref ? components.parameters[nameInRef(parameter.$ref)] : parameter;
  const kind = `${/\/(\w+?)s\/\{id\}/.exec(path)?.[1] ?? ''}Id`;
  const isSharedId = target?.in === 'path' && target.name === 'id' && target.schema?.format === 'uuid';
  return isSharedId && kind in ids ? { ...target, example: ids[kind] } : parameter;
}

/** The example of an object: its required fields, and those whose DTO has an example. */
function findObject(document: ApiDocument, schema: Schema, find: FindValue): unknown {
  const target = schema.$ref ? document.components.schemas[nameInRef(schema.$ref)] : schema;
  if (!target?.properties) return undefined;
  const example: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(target.properties)) {
    const isRequired = target.required?.includes(name) ?? false;
    if (!isRequired && !field.examples) continue;
    const value = find(name, field) ?? findNested(document, field, find) ?? (isRequired ? anyText(field) : undefined);
    if (value !== undefined) example[name] = value;
    else if (isRequired) return undefined;
  }
  return Object.keys(example).length > 0 ? example : findChange(target, find);
}

/** The example of a body without required fields and examples: its fields with a format, such as ids and times. */
function findChange({ properties = {} }: Schema, find: FindValue): unknown {
  const values = Object.entries(properties).flatMap(([name, field]) => {
    const value = field.format ? find(name, field) : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return values.length > 0 ? Object.fromEntries(values) : undefined;
}

/** A text for fields that accept any text. */
const anyText = ({ type, format, pattern, minLength = 0 }: Schema): string | undefined =>
  type === 'string' && !format && !pattern && minLength <= ANY_TEXT.length ? ANY_TEXT : undefined;

function findNested(document: ApiDocument, field: Schema, find: FindValue): unknown {
  if (field.items) {
    const item = findNested(document, field.items, find);
    return item === undefined ? undefined : [item];
  }
  const target = field.$ref ? document.components.schemas[nameInRef(field.$ref)] : undefined;
  if (target?.enum) return target.enum[0];
  return field.$ref ? findObject(document, field, find) : undefined;
}

function dayAfter(today: Date, days: number): string {
  const utc = Zone.of('UTC');
  return utc.addDays(utc.toDay(today.getTime()), days);
}
