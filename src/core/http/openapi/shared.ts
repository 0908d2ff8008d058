import { nameInRef, operationsIn, pascal, type ApiDocument, type Parameter, type Schema } from './schema.js';

/** The number of operations from which a parameter is shared. */
const MIN_OPERATIONS = 3;

/** Moves parameters that several operations have to `components/parameters`. */
export function shareParameters(document: ApiDocument): void {
  const counts = new Map<string, number>();
  const toKey = (parameter: Parameter): string => JSON.stringify(parameter);
  for (const { operation } of operationsIn(document)) {
    for (const parameter of operation.parameters ?? []) {
      const key = toKey(parameter);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const { parameters } = document.components;
  const names = new Map<string, string>();
  const byCount = [...counts].filter(([, count]) => count >= MIN_OPERATIONS).sort(([, a], [, b]) => b - a);
  for (const [key] of byCount) {
    const parameter = JSON.parse(key) as Parameter;
    const name = `${pascal(parameter.name)}${parameter.in === 'path' ? 'Path' : ''}`;
    if (parameters[name]) continue;
    parameters[name] = parameter;
    names.set(key, name);
  }
  for (const { operation } of operationsIn(document)) {
    operation.parameters = operation.parameters?.map((parameter) => {
      const name = names.get(toKey(parameter));
      return name ? ({ $ref: `#/components/parameters/${name}` } as Parameter) : parameter;
    });
    if (operation.parameters?.length === 0) delete operation.parameters;
  }
}

/** Declares in the schemas of request bodies that unknown fields are refused. */
export function closeRequests(document: ApiDocument): void {
  const { schemas } = document.components;
  const [inBodies, inAnswers] = [new Set<string>(), new Set<string>()];
  for (const { operation } of operationsIn(document)) {
    collectNames(operation.requestBody, schemas, inBodies);
    collectNames(operation.responses, schemas, inAnswers);
  }
  for (const name of inBodies) {
    const schema = schemas[name];
    if (schema?.properties && !inAnswers.has(name)) schema.additionalProperties = false;
  }
}

/** Adds the names of all schemas to which a part of the document refers, directly or indirectly. */
function collectNames(part: unknown, schemas: Record<string, Schema>, names: Set<string>): void {
  if (typeof part !== 'object' || part === null) return;
  for (const [key, value] of Object.entries(part)) {
    if (key !== '$ref' || typeof value !== 'string') collectNames(value, schemas, names);
    else if (value.includes('/schemas/') && !names.has(nameInRef(value))) {
      names.add(nameInRef(value));
      collectNames(schemas[nameInRef(value)], schemas, names);
    }
  }
}
