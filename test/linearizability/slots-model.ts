import type { Model } from './checker.js';

/** What a client asks of one doctor's times, which are numbered. `visit` is the client's own name for an appointment. */
export type SlotsInput =
  | { kind: 'book'; visit: string; slot: number }
  | { kind: 'move'; visit: string; slot: number }
  | { kind: 'cancel'; visit: string }
  /** Reads the appointment. */
  | { kind: 'look'; visit: string }
  /** Reads the doctor's free times. */
  | { kind: 'free' };

export type SlotsOutput =
  | { kind: 'done' }
  /** The time belongs to another appointment. */
  | { kind: 'taken' }
  /** The appointment is cancelled. */
  | { kind: 'gone' }
  /** Where the appointment is; null if it is cancelled. */
  | { kind: 'seen'; slot: number | null }
  | { kind: 'listed'; slots: readonly number[] };

export interface SlotsState {
  /** The appointment that has each time. */
  slots: readonly (string | null)[];
  /** The appointments that were booked, ascending: a repetition with the same Idempotency-Key books nothing. */
  booked: readonly string[];
}

/** The times of one doctor. */
export const slotsModel = (count: number): Model<SlotsState, SlotsInput, SlotsOutput> => ({
  initial: { slots: Array.from({ length: count }, () => null), booked: [] },
  key: ({ slots, booked }) => `${slots.join()};${booked.join()}`,
  step: (state, input, output) => {
    switch (input.kind) {
      case 'book':
        return book(state, input, output);
      case 'move':
        return move(state, input, output);
      case 'cancel':
        return cancel(state, input, output);
      case 'look':
        return look(state, input, output);
      case 'free':
        return listFree(state, output);
    }
  },
});

type Of<Kind extends SlotsInput['kind']> = Extract<SlotsInput, { kind: Kind }>;
type Step<Kind extends SlotsInput['kind']> = (
  state: SlotsState,
  input: Of<Kind>,
  output: SlotsOutput | undefined,
) => SlotsState | null;

const put = (slots: SlotsState['slots'], at: number, visit: string | null): SlotsState['slots'] =>
  slots.with(at, visit);

const book: Step<'book'> = (state, { visit, slot }, output) => {
  const isRepeated = state.booked.includes(visit);
  const isFree = state.slots[slot] === null;
  if (output?.kind === 'taken') return isRepeated || isFree ? null : state;
  if (isRepeated) return state;
  if (!isFree) return output ? null : state;
  return { slots: put(state.slots, slot, visit), booked: [...state.booked, visit].sort() };
};

const move: Step<'move'> = (state, { visit, slot }, output) => {
  const from = state.slots.indexOf(visit);
  const owner = state.slots[slot];
  if (output?.kind === 'gone') return from < 0 ? state : null;
  if (output?.kind === 'taken') return from >= 0 && owner !== null && owner !== visit ? state : null;
  if (from >= 0 && (owner === null || owner === visit))
    return { ...state, slots: put(put(state.slots, from, null), slot, visit) };
  return output ? null : state;
};

const cancel: Step<'cancel'> = (state, { visit }, output) => {
  const at = state.slots.indexOf(visit);
  if (output?.kind === 'gone') return at < 0 ? state : null;
  if (at >= 0) return { ...state, slots: put(state.slots, at, null) };
  return output ? null : state;
};

const look: Step<'look'> = (state, { visit }, output) => {
  if (output?.kind !== 'seen') return state;
  const at = state.slots.indexOf(visit);
  return (at < 0 ? null : at) === output.slot ? state : null;
};

function listFree(state: SlotsState, output: SlotsOutput | undefined): SlotsState | null {
  if (output?.kind !== 'listed') return state;
  const free = state.slots.flatMap((visit, index) => (visit === null ? [index] : []));
  return free.join() === output.slots.join() ? state : null;
}
