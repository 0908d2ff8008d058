import { parseArgs } from 'node:util';
import { simulate } from './simulation.js';

const HELP = `npm run simulate -- [options]: random actions of a clinic's day, with every rule checked after each burst
  --seed n       default: 1. The same seed makes the same choices
  --actions n    default: 2000
  --burst n      actions at the same time; default: 8. With 1, the whole day repeats
  --date day     a local day of the clinic; default: the day after tomorrow
  --zone name    the clinic's time zone; default: Africa/Cairo
                 a day when the clocks change: --zone Europe/Berlin --date 2027-10-31 (or 2027-03-28)`;

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  actions: { type: 'string', default: '2000' },
  burst: { type: 'string', default: '8' },
  date: { type: 'string', default: new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10) },
  zone: { type: 'string', default: 'Africa/Cairo' },
  help: { type: 'boolean', default: false },
} as const;

const { values } = parseArgs({ options: OPTIONS });
if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const { seed, actions, burst, date, zone } = values;
const print = (line: string): boolean => process.stdout.write(`${line}\n`);
print(`a day in ${zone}, ${date}: ${actions} actions with seed ${seed}, ${burst} at a time`);
const result = await simulate({
  seed: Number(seed),
  actions: Number(actions),
  burst: Number(burst),
  date,
  timeZone: zone,
  log: print,
});
for (const [outcome, count] of Object.entries(result.tally)) print(`  ${outcome}: ${count}`);
print('mails:');
for (const [outcome, count] of Object.entries(result.mails)) print(`  ${outcome}: ${count}`);
for (const violation of result.violations) print(`VIOLATION ${violation}`);
print(`${result.actions} actions, ${result.violations.length} violations`);
process.exit(result.violations.length === 0 ? 0 : 1);
