import { nameInRef, operationsIn, type ApiDocument, type Schema } from './schema.js';

/** Declares in the schemas of request bodies that unknown fields are refused. */
export function refuseUnknownFields(document: ApiDocument): void {
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
