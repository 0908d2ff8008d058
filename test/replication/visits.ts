/** What a patient knows of an appointment by the answers that they got. */
export interface KnownVisit {
  id: string;
  /** The acknowledged states, from the booking on. */
  states: AcknowledgedState[];
  /** A change that is not answered yet, which may or may not have happened. */
  pending: VisitState | undefined;
}

/** `null`: cancelled. */
export type VisitState = { start: number } | null;

interface AcknowledgedState {
  state: VisitState;
  /** A time of `performance.now()`. */
  at: number;
}

/** An appointment as it is stored. */
export interface StoredVisit {
  id: string;
  state: VisitState;
}

/** An acknowledged change that is not stored. */
export interface LostChange {
  visitId: string;
  at: number;
}

export const isSame = (a: VisitState, b: VisitState): boolean => a?.start === b?.start;

/** Acknowledged changes that are not stored. A pending change may be stored or not. */
export function findLost(known: readonly KnownVisit[], stored: readonly StoredVisit[]): LostChange[] {
  const byId = new Map(stored.map((visit) => [visit.id, visit]));
  return known.flatMap((visit) => {
    const found = byId.get(visit.id);
    const isKept = (state: VisitState): boolean => found !== undefined && isSame(found.state, state);
    if (visit.pending !== undefined && isKept(visit.pending)) return [];
    // A visit can return to an earlier time: the newest state that is stored counts.
    const kept = visit.states.findLastIndex(({ state }) => isKept(state));
    return visit.states.slice(kept + 1).map(({ at }) => ({ visitId: visit.id, at }));
  });
}
