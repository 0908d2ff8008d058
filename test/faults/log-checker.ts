import type { Operation } from './client-log.js';

export interface StoredVisit {
  id: string;
  clientId: string;
  doctorId: string;
  /** Epoch milliseconds. */
  start: number;
  status: string;
  /** Booked by a payment. */
  isPaid: boolean;
}

export interface StoredPayment {
  providerPaymentId: string | null;
  visitId: string | null;
  status: string;
}

/** What the database has when everything due was done. */
export interface Stored {
  visits: readonly StoredVisit[];
  scans: readonly { id: string; clientId: string }[];
  payments: readonly StoredPayment[];
  /** The number of the clinic's messages to each account. */
  messages: ReadonlyMap<string, number>;
}

export interface LogResult {
  acknowledged: number;
  /** Acknowledged, and not stored. */
  lost: string[];
  /** Stored more often than asked for, or without being asked for; or a repetition had another answer. */
  duplicated: string[];
}

/** Compares what clients were told (I2, I3) with what is stored. */
export function checkLog(operations: readonly Operation[], stored: Stored): LogResult {
  const parts = [checkAnswers, checkVisits, checkBookings, checkScans, checkPayments, checkMessages].map((check) =>
    check(operations, stored),
  );
  return {
    acknowledged: operations.filter(({ outcome }) => outcome === 'acknowledged').length,
    lost: parts.flatMap(({ lost = [] }) => lost),
    duplicated: parts.flatMap(({ duplicated = [] }) => duplicated),
  };
}

type Part = Partial<Pick<LogResult, 'lost' | 'duplicated'>>;

const isAcknowledged = ({ outcome }: Operation): boolean => outcome === 'acknowledged';

/** A repetition has the answer of the first call. */
const checkAnswers = (operations: readonly Operation[]): Part => ({
  duplicated: operations
    .filter(({ ids }) => new Set(ids).size > 1)
    .map(({ kind, key, ids }) => `${kind} ${key} was answered with ${[...new Set(ids)].join(' and ')}`),
});

interface VisitState {
  start: number;
  isCancelled: boolean;
}

/** Each acknowledged visit has one of the states in which its operations can have left it. */
function checkVisits(operations: readonly Operation[], { visits }: Stored): Part {
  const byId = new Map(visits.map((visit) => [visit.id, visit]));
  const changes = new Map<string, Operation[]>();
  for (const operation of operations) {
    const { visitId } = operation.requested;
    if (visitId) changes.set(visitId, [...(changes.get(visitId) ?? []), operation]);
  }
  const lost = operations
    .filter(({ kind }) => kind === 'book')
    .filter(isAcknowledged)
    .flatMap(({ ids, requested }) => {
      const [id = ''] = ids;
      const visit = byId.get(id);
      if (!visit) return [`the visit ${id} was acknowledged and is not stored`];
      if (visit.clientId !== requested.clientId || visit.doctorId !== requested.doctorId)
        return [`the visit ${id} is stored for another patient or doctor`];
      const possible = possibleStates({ start: requested.start ?? 0, isCancelled: false }, changes.get(id) ?? []);
      const isCancelled = visit.status === 'CANCELLED';
      const isPossible = possible.some((state) => state.isCancelled === isCancelled && state.start === visit.start);
      return isPossible ? [] : [`the visit ${id} is ${visit.status} at ${new Date(visit.start).toISOString()}`];
    });
  return { lost };
}

function possibleStates(first: VisitState, changes: readonly Operation[]): VisitState[] {
  let states = [first];
  for (const { kind, outcome, requested } of changes) {
    if (outcome === 'refused') continue;
    const after = states.map((state) =>
      kind === 'cancel' ? { ...state, isCancelled: true } : { ...state, start: requested.start ?? state.start },
    );
    states = outcome === 'acknowledged' ? after : [...states, ...after];
  }
  return states;
}

/** Each stored visit was asked for by one booking or payment; of those without an answer, by one that can explain it. */
function checkBookings(operations: readonly Operation[], { visits }: Stored): Part {
  const bookings = operations.filter(({ kind }) => kind === 'book');
  const known = new Set(bookings.flatMap(({ ids }) => ids));
  const unanswered = bookings.filter(({ outcome }) => outcome === 'unknown');
  const duplicated: string[] = [];
  for (const { id, clientId, doctorId, start, isPaid } of visits) {
    if (isPaid || known.has(id)) continue;
    const index = unanswered.findIndex(
      ({ requested }) =>
        requested.clientId === clientId && requested.doctorId === doctorId && requested.start === start,
    );
    if (index < 0) duplicated.push(`the visit ${id} is stored, and nobody asked for it or it is stored twice`);
    else unanswered.splice(index, 1);
  }
  return { duplicated };
}

function checkScans(operations: readonly Operation[], { scans }: Stored): Part {
  const uploads = operations.filter(({ kind }) => kind === 'upload');
  const stored = new Set(scans.map(({ id }) => id));
  const known = new Set(uploads.flatMap(({ ids }) => ids));
  const lost = [...known]
    .filter((id) => !stored.has(id))
    .map((id) => `the scan ${id} was acknowledged and is not stored`);
  const unanswered = uploads.filter(({ outcome }) => outcome === 'unknown');
  const duplicated: string[] = [];
  for (const { id, clientId } of scans) {
    if (known.has(id)) continue;
    const index = unanswered.findIndex(({ requested }) => requested.clientId === clientId);
    if (index < 0) duplicated.push(`the scan ${id} is stored, and nobody uploaded it or it is stored twice`);
    else unanswered.splice(index, 1);
  }
  return { lost, duplicated };
}

/** An acknowledged webhook of a payment is recorded once, as paid. */
function checkPayments(operations: readonly Operation[], { payments }: Stored): Part {
  const lost: string[] = [];
  const duplicated: string[] = [];
  for (const { requested } of operations.filter(({ kind }) => kind === 'pay').filter(isAcknowledged)) {
    const id = requested.providerPaymentId;
    const found = payments.filter(({ providerPaymentId, status }) => providerPaymentId === id && status === 'PAID');
    if (found.length === 0) lost.push(`the payment ${id} was acknowledged and is not recorded`);
    if (found.length > 1) duplicated.push(`the payment ${id} is recorded ${found.length} times`);
  }
  return { lost, duplicated };
}

function checkMessages(operations: readonly Operation[], { messages }: Stored): Part {
  const sent = operations.filter(({ kind }) => kind === 'message');
  const lost: string[] = [];
  const duplicated: string[] = [];
  for (const userId of new Set([...messages.keys(), ...sent.map(({ requested }) => requested.userId ?? '')])) {
    const own = sent.filter(({ requested }) => requested.userId === userId);
    const least = own.filter(isAcknowledged).length;
    const most = least + own.filter(({ outcome }) => outcome === 'unknown').length;
    const count = messages.get(userId) ?? 0;
    if (count < least) lost.push(`${least} messages to ${userId} were acknowledged, ${count} are stored`);
    if (count > most) duplicated.push(`${count} messages to ${userId} are stored, at most ${most} were asked for`);
  }
  return { lost, duplicated };
}
