import { newId } from '../../src/core/kernel/id.js';
import {
  book,
  bulkMove,
  cancel,
  close,
  closeDoctor,
  hold,
  onOneAppointment,
  OTHER_DOCTOR,
  reschedule,
  type Operation,
  type Send,
} from './operations.js';
import type { Scene } from './scene.js';

/** Two operations that touch the same time. */
export interface Scenario {
  name: string;
  prepare: (scene: Scene) => Promise<Send[]>;
}

const LATER = { doctor: 0, hour: 2 } as const;
const LATE = { doctor: 0, hour: 3 } as const;

/** Each wants the first doctor at the hour of the slot, has it, or closes it. `patient` is one of its own. */
const FOR_THE_SLOT: Record<string, (patient: number) => Operation> = {
  book: (patient) => book(patient),
  hold: (patient) => hold(patient),
  reschedule: (patient) => reschedule(patient, patient === 0 ? LATER : LATE),
  cancel: (patient) => cancel(patient),
  'bulk move': (patient) => bulkMove(patient, OTHER_DOCTOR),
  close: () => close(),
  'close the doctor': () => closeDoctor(),
};

const pairOf =
  (first: Operation, second: Operation) =>
  (scene: Scene): Promise<Send[]> =>
    inTurn(scene, [first, second]);

async function inTurn(scene: Scene, operations: readonly Operation[]): Promise<Send[]> {
  const sends: Send[] = [];
  for (const operation of operations) sends.push(await operation(scene));
  return sends;
}

const toPairs = (names: readonly string[]): [string, string][] =>
  names.flatMap((first, index) => names.slice(index).map((second): [string, string] => [first, second]));

/** Two of these need the slot to be theirs already, or are done by one front desk: see the scenarios below. */
const NOT_WITH_ITSELF = new Set(['cancel cancel', 'bulk move bulk move', 'close close the doctor']);

/** Every pair of operations that want the same time. */
const PAIRS: Scenario[] = toPairs(Object.keys(FOR_THE_SLOT))
  .filter((names) => !NOT_WITH_ITSELF.has(names.join(' ')))
  .map(([first, second]) => ({
    name: `${first}, ${second}`,
    prepare: pairOf(
      (FOR_THE_SLOT[first] as (n: number) => Operation)(0),
      (FOR_THE_SLOT[second] as (n: number) => Operation)(1),
    ),
  }));

const here = { doctor: 0, hour: 1 } as const;

const OTHERS: Scenario[] = [
  { name: 'cancel, cancel of one appointment', prepare: onOneAppointment(0, ['cancel', 'cancel']) },
  { name: 'reschedule, cancel of one appointment', prepare: onOneAppointment(0, ['reschedule', 'cancel']) },
  { name: 'reschedule, reschedule of one appointment', prepare: onOneAppointment(0, ['reschedule', 'reschedule']) },
  { name: 'bulk move, reschedule of one appointment', prepare: onOneAppointment(0, ['bulk', 'reschedule']) },
  { name: 'bulk move, cancel of one appointment', prepare: onOneAppointment(0, ['bulk', 'cancel']) },
  { name: 'bulk move, bulk move of one appointment', prepare: onOneAppointment(0, ['bulk', 'bulk']) },
  {
    name: 'reschedule, reschedule that exchange two doctors',
    prepare: pairOf(reschedule(0, here, OTHER_DOCTOR), reschedule(1, OTHER_DOCTOR, here)),
  },
  {
    name: 'bulk move, bulk move that exchange two doctors',
    prepare: pairOf(bulkMove(0, here, 1), bulkMove(1, OTHER_DOCTOR, 0)),
  },
  {
    name: 'reschedule, bulk move that exchange two doctors',
    prepare: pairOf(reschedule(0, here, OTHER_DOCTOR), bulkMove(1, OTHER_DOCTOR, 0)),
  },
  { name: 'book, book of one patient with two doctors', prepare: pairOf(book(0), book(0, OTHER_DOCTOR)) },
  { name: 'book, hold of one patient with two doctors', prepare: pairOf(book(0), hold(0, OTHER_DOCTOR)) },
  { name: 'hold, hold of one patient with two doctors', prepare: pairOf(hold(0), hold(0, OTHER_DOCTOR)) },
  {
    name: 'book, reschedule of one patient with two doctors',
    prepare: pairOf(book(0, OTHER_DOCTOR), reschedule(0, LATER)),
  },
  {
    name: 'book, book with one Idempotency-Key',
    prepare: (scene) => {
      const key = newId();
      return inTurn(scene, [book(0, here, key), book(0, here, key)]);
    },
  },
];

export const SCENARIOS: readonly Scenario[] = [...PAIRS, ...OTHERS];

/** Three operations for the same time. At most one has it already, and one moves visits of the other doctor. */
export function threeOf(names: readonly [string, string, string]): Scenario {
  const operations = names.map((name, patient) => (FOR_THE_SLOT[name] as (n: number) => Operation)(patient));
  return { name: names.join(', '), prepare: (scene) => inTurn(scene, operations) };
}

/** The operations that several sessions can do for the same time. */
export const REPEATABLE = ['book', 'hold', 'close', 'close the doctor'] as const;
export const ONCE = ['reschedule', 'cancel', 'bulk move'] as const;
