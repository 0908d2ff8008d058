import { operationsIn, pascal, type ApiDocument, type Parameter } from './schema.js';

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
