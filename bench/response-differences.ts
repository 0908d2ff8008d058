import { isDeepStrictEqual } from 'node:util';
import type { ServerProcess } from './servers.js';
import { Calls, type WorkloadName } from './workloads.js';

interface Answer {
  status: number;
  data: unknown;
}

const SAMPLES = 25;
/** Fields that are not compared: the servers must do the same work, not return the same text. */
const IGNORED_FIELDS = new Set(['createdAt', 'updatedAt', 'version']);

/**
 * Compares sample responses of both servers before their speed is measured; none for workloads that write. Of `doctors`, only the
 * number and the fields of the items are compared.
 * @returns descriptions of the differences
 */
export async function findResponseDifferences(
  servers: ServerProcess[],
  workload: WorkloadName,
  secret: string,
  today: string,
): Promise<string[]> {
  const calls = new Calls(secret, today).reads(workload)?.slice(0, SAMPLES) ?? [];
  const found = new Set<string>();
  for (const { path, headers } of calls) {
    const answers: Answer[] = [];
    for (const { url } of servers) answers.push(await get(url + path, headers));
    const [ours, theirs] = answers as [Answer, Answer];
    if (ours.status !== 200 || theirs.status !== 200) found.add(`${workload}: ${ours.status} against ${theirs.status}`);
    else if (workload === 'doctors') compareLists(workload, ours.data, theirs.data, found);
    else if (!isDeepStrictEqual(ours.data, theirs.data))
      found.add(`${workload}: ${findDifference(ours.data, theirs.data)}`);
  }
  return [...found];
}

async function get(url: string, headers: Record<string, string>): Promise<Answer> {
  const response = await fetch(url, { headers });
  const { data } = (await response.json()) as { data?: unknown };
  return { status: response.status, data: pruned(data) };
}

/** Compares the lengths and the first items' fields: the order may differ between the servers. */
function compareLists(workload: string, ours: unknown, theirs: unknown, found: Set<string>): void {
  const [a, b] = [ours as object[], theirs as object[]];
  if (a.length !== b.length) found.add(`${workload}: ${a.length} against ${b.length} items`);
  const fields = (list: object[]): string =>
    Object.keys(list[0] ?? {})
      .sort()
      .join(' ');
  if (fields(a) !== fields(b)) found.add(`${workload}: fields ${fields(a)} against ${fields(b)}`);
}

function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !IGNORED_FIELDS.has(name)));
}

/** Describes how two different answers differ. */
export function findDifference(ours: unknown, theirs: unknown): string {
  if (Array.isArray(ours) && Array.isArray(theirs))
    return ours.length === theirs.length ? 'different items' : `${ours.length} against ${theirs.length} items`;
  const [a, b] = [ours, theirs] as [Record<string, unknown>, Record<string, unknown>];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => !isDeepStrictEqual(a[name], b[name]),
  );
  return `differs in ${names.join(', ')}`;
}
