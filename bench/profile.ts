// Reads the CPU profiles that `--profile` wrote: `node dist/bench/profile.js [folder or file]`. Prints the share of busy time by
// package and by function (own time, and time including calls).

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { short, table } from './report.js';

interface Node {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[];
}

interface Profile {
  nodes: Node[];
  samples: number[];
  timeDeltas: number[];
}

const IDLE = new Set(['(idle)', '(root)']);
const MAX_ROWS = 30;

function getPackage({ functionName, url }: Node['callFrame']): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native';
  const inModules = url.split('node_modules/').at(-1);
  if (inModules && inModules !== url) {
    const [scope = '', name = ''] = inModules.split('/');
    return scope.startsWith('@') ? `${scope}/${name}` : scope;
  }
  if (url.startsWith('node:')) return url;
  return url.split('/dist/').at(-1) ?? url;
}

async function print(file: string): Promise<void> {
  const { nodes, samples, timeDeltas } = JSON.parse(await readFile(file, 'utf8')) as Profile;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const own = new Map<string, number>();
  const packages = new Map<string, number>();
  const total = new Map<string, number>();
  let busy = 0;
  const add = (map: Map<string, number>, key: string, value: number): void =>
    void map.set(key, (map.get(key) ?? 0) + value);
  const getName = ({ callFrame }: Node): string =>
    `${callFrame.functionName || '(anonymous)'} ${getPackage(callFrame)}:${callFrame.lineNumber + 1}`;
  for (const [n, sample] of samples.entries()) {
    const node = byId.get(sample);
    const time = timeDeltas[n] ?? 0;
    if (!node || IDLE.has(node.callFrame.functionName)) continue;
    busy += time;
    add(own, getName(node), time);
    add(packages, getPackage(node.callFrame), time);
    const stack = new Set<string>();
    for (let at: Node | undefined = node; at; at = byId.get(parents.get(at.id) ?? -1)) stack.add(getName(at));
    for (const name of stack) add(total, name, time);
  }
  const top = (map: Map<string, number>): string[][] =>
    [...map]
      .sort((a, b) => b[1] - a[1])
      .slice(0, MAX_ROWS)
      .map(([name, time]) => [name, `${short((100 * time) / busy)} %`]);
  const parts = [
    `${file}: ${short(busy / 1e6)} s busy`,
    table(['package or file (own time)', 'share'], top(packages)),
    table(['function (own time)', 'share'], top(own)),
    table(['function (including calls)', 'share'], top(total)),
  ];
  process.stdout.write(`${parts.join('\n\n')}\n`);
}

const path = process.argv[2] ?? '.data/bench/profile';
const files = path.endsWith('.cpuprofile') ? [path] : (await readdir(path)).map((name) => join(path, name));
for (const file of files.filter((name) => name.endsWith('.cpuprofile')).sort()) await print(file);
