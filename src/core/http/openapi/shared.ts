import { nameInRef, operationsIn, pascal, type ApiDocument, type Parameter, type Schema } from './schema.js';

/** A parameter that so many operations have is written once. */
const SHARED_FROM = 3;

/** Moves parameters that are the same in several operations to `components/parameters`. */
export function shareParameters(document: ApiDocument): void {
  const counts = new Map<string, number>();
  const keyOf = (parameter: Parameter): string => JSON.stringify(parameter);
  for (const { operation } of operationsIn(document)) {
    for (const parameter of operation.parameters ?? []) {
      counts.set(keyOf(parameter), (counts.get(keyOf(parameter)) ?? 0) + 1);
    }
  }
  const { parameters } = document.components;
  const names = new Map<string, string>();
  const byCount = [...counts].filter(([, count]) => count >= SHARED_FROM).sort(([, a], [, b]) => b - a);
  for (const [key] of byCount) {
    const parameter = JSON.parse(key) as Parameter;
    const name = `${pascal(parameter.name)}${parameter.in === 'path' ? 'Path' : ''}`;
    if (parameters[name]) continue;
    parameters[name] = parameter;
    names.set(key, name);
  }
  for (const { operation } of operationsIn(document)) {
    operation.parameters = operation.parameters?.map((parameter) => {
      const name = names.get(keyOf(parameter));
      return name ? ({ $ref: `#/components/parameters/${name}` } as Parameter) : parameter;
    });
    if (operation.parameters?.length === 0) delete operation.parameters;
  }
}

/** Unknown fields of a request are refused, and the schemas of bodies say so. */
export function closeRequests(document: ApiDocument): void {
  const { schemas } = document.components;
  const [inBodies, inAnswers] = [new Set<string>(), new Set<string>()];
  for (const { operation } of operationsIn(document)) {
    collect(operation.requestBody, schemas, inBodies);
    collect(operation.responses, schemas, inAnswers);
  }
  for (const name of inBodies) {
    const schema = schemas[name];
    if (schema?.properties && !inAnswers.has(name)) schema.additionalProperties = false;
  }
}

/** The names of the schemas that a part of the document refers to, directly or not. */
function collect(part: unknown, schemas: Record<string, Schema>, names: Set<string>): void {
  if (typeof part !== 'object' || part === null) return;
  for (const [key, value] of Object.entries(part)) {
    if (key !== '$ref' || typeof value !== 'string') collect(value, schemas, names);
    else if (value.includes('/schemas/') && !names.has(nameInRef(value))) {
      names.add(nameInRef(value));
      collect(schemas[nameInRef(value)], schemas, names);
    }
  }
}
