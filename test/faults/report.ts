import type { FaultResult } from './runner.js';

const HEADER = [
  'fault',
  'runs',
  'acknowledged',
  'lost',
  'duplicated',
  'copies of mails',
  'time to recovery',
  'violations',
];

/** The table of docs/faults.md: a line for each fault, of all rounds together. */
export function printTable(results: readonly FaultResult[], print: (line: string) => unknown): void {
  const byTitle = new Map<string, FaultResult[]>();
  for (const result of results) {
    const key = `${result.id} ${result.title}`;
    byTitle.set(key, [...(byTitle.get(key) ?? []), result]);
  }
  print(`| ${HEADER.join(' | ')} |`);
  print(`|${HEADER.map(() => ' --- ').join('|')}|`);
  for (const [title, rounds] of byTitle) {
    const [first] = rounds as [FaultResult];
    if (first.notRun !== null) {
      print(`| ${title} | not run: ${first.notRun} |${' |'.repeat(HEADER.length - 2)}`);
      continue;
    }
    const sum = (count: (result: FaultResult) => number): number =>
      rounds.reduce((total, one) => total + count(one), 0);
    const cells = [
      ...[sum(({ runs }) => runs), sum(({ acknowledged }) => acknowledged), sum(({ lost }) => lost.length)],
      ...[sum(({ duplicated }) => duplicated.length), sum(({ copies }) => copies)],
      `${Math.max(...rounds.map(({ recovery }) => recovery)).toFixed(1)} s`,
      sum(({ violations }) => violations.length),
    ];
    print(`| ${title} | ${cells.join(' | ')} |`);
  }
}

const MAX_PRINTED = 12;

/** Prints the first violations. */
export function printViolations(problems: readonly string[], print: (line: string) => unknown): void {
  for (const problem of problems.slice(0, MAX_PRINTED)) print(`VIOLATION ${problem}`);
  if (problems.length > MAX_PRINTED) print(`and ${problems.length - MAX_PRINTED} more violations`);
}
