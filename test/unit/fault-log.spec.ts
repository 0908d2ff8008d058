import { describe, expect, it, jest } from '@jest/globals';
import { ClientLog, type Operation, type RequestedChange } from '../faults/client-log.js';
import { checkDeliveries, type StoredDelivery } from '../faults/delivery-checker.js';
import { findGrowth } from '../faults/flatness.js';
import type { Sample } from '../faults/heap.js';
import { checkLog, type LogResult, type Stored, type StoredVisit } from '../faults/log-checker.js';
import { killProcess } from '../support/kill.js';

/** The checks of `npm run faults`, which starts processes and is not part of the tests (docs/faults.md). */

const NOTHING: Stored = { visits: [], scans: [], payments: [], messages: new Map() };
const [NINE, TEN] = [Date.UTC(2027, 0, 4, 9), Date.UTC(2027, 0, 4, 10)];
const REQUESTED = { clientId: 'mona', doctorId: 'doctor', start: NINE };
const VISIT: StoredVisit = { ...REQUESTED, id: 'visit', status: 'CONFIRMED', isPaid: false };

type Kind = Operation['kind'];

function acknowledged(log: ClientLog, kind: Kind, requested: RequestedChange, id = 'visit'): Operation {
  const operation = log.begin(kind, requested);
  log.acknowledge(operation, id);
  return operation;
}

const check = ({ operations }: ClientLog, stored: Partial<Stored>): Omit<LogResult, 'acknowledged'> => {
  const { lost, duplicated } = checkLog(operations, { ...NOTHING, ...stored });
  return { lost, duplicated };
};

const intact = { lost: [], duplicated: [] };
const lost = { lost: [expect.any(String)], duplicated: [] };
const duplicated = { lost: [], duplicated: [expect.any(String)] };

describe('the log of clients and the database agree', () => {
  it('if each acknowledged visit is stored as it was booked, moved or cancelled', () => {
    const log = new ClientLog();
    acknowledged(log, 'book', REQUESTED);
    expect(check(log, { visits: [VISIT] })).toEqual(intact);
    acknowledged(log, 'move', { ...REQUESTED, start: TEN, visitId: 'visit' });
    expect(check(log, { visits: [{ ...VISIT, start: TEN }] })).toEqual(intact);
    acknowledged(log, 'cancel', { clientId: 'mona', visitId: 'visit' });
    expect(check(log, { visits: [{ ...VISIT, start: TEN, status: 'CANCELLED' }] })).toEqual(intact);
  });

  it('if a change without an answer has happened, or not', () => {
    const log = new ClientLog();
    acknowledged(log, 'book', REQUESTED);
    log.begin('move', { ...REQUESTED, start: TEN, visitId: 'visit' });
    log.begin('book', { ...REQUESTED, clientId: 'omar' });
    log.begin('upload', { clientId: 'mona' });
    log.begin('message', { clientId: 'mona', userId: 'user' });
    for (const start of [NINE, TEN]) expect(check(log, { visits: [{ ...VISIT, start }] })).toEqual(intact);
    const visits = [VISIT, { ...VISIT, id: 'second', clientId: 'omar' }];
    const scans = [{ id: 'scan', clientId: 'mona' }];
    expect(check(log, { visits, scans, messages: new Map([['user', 1]]) })).toEqual(intact);
  });

  it('if what was refused after a call without an answer has happened', () => {
    const log = new ClientLog();
    const operation = log.begin('book', REQUESTED);
    operation.unanswered = 1;
    log.refuse(operation);
    expect(check(log, { visits: [VISIT] })).toEqual(intact);
  });
});

describe('a lossy world is found', () => {
  it.each<[string, Kind, RequestedChange]>([
    ['visit', 'book', REQUESTED],
    ['scan', 'upload', { clientId: 'mona' }],
    ['payment', 'pay', { clientId: 'mona', providerPaymentId: 'pay_1' }],
    ['message', 'message', { clientId: 'mona', userId: 'user' }],
  ])('if an acknowledged %s does not exist', (_what, kind, requested) => {
    const log = new ClientLog();
    acknowledged(log, kind, requested, 'missing');
    expect(check(log, {})).toEqual(lost);
  });

  it('if an acknowledged change was undone', () => {
    const log = new ClientLog();
    acknowledged(log, 'book', REQUESTED);
    acknowledged(log, 'cancel', { clientId: 'mona', visitId: 'visit' });
    expect(check(log, { visits: [VISIT] })).toEqual(lost);
  });

  it('if a visit is another one than was acknowledged', () => {
    const log = new ClientLog();
    acknowledged(log, 'book', REQUESTED);
    expect(check(log, { visits: [{ ...VISIT, doctorId: 'other' }] })).toEqual(lost);
    expect(check(log, { visits: [{ ...VISIT, start: TEN }] })).toEqual(lost);
  });
});

describe('a world that does things twice is found', () => {
  it('if one key got two answers', () => {
    const log = new ClientLog();
    log.acknowledge(acknowledged(log, 'book', REQUESTED), 'second');
    expect(check(log, { visits: [VISIT] })).toEqual(duplicated);
  });

  it('if something is stored that nobody asked for, or once more', () => {
    const log = new ClientLog();
    acknowledged(log, 'book', REQUESTED);
    acknowledged(log, 'upload', { clientId: 'mona' }, 'scan');
    acknowledged(log, 'message', { clientId: 'mona', userId: 'user' });
    const stored = { visits: [VISIT], scans: [{ id: 'scan', clientId: 'mona' }], messages: new Map([['user', 1]]) };
    expect(check(log, stored)).toEqual(intact);
    expect(check(log, { ...stored, visits: [VISIT, { ...VISIT, id: 'second' }] })).toEqual(duplicated);
    expect(check(log, { ...stored, scans: [...stored.scans, { id: 'second', clientId: 'mona' }] })).toEqual(duplicated);
    expect(check(log, { ...stored, messages: new Map([['user', 2]]) })).toEqual(duplicated);
  });

  it('if a refused booking is stored', () => {
    const log = new ClientLog();
    log.refuse(log.begin('book', REQUESTED));
    expect(check(log, { visits: [VISIT] })).toEqual(duplicated);
  });

  it('if a payment is recorded twice', () => {
    const log = new ClientLog();
    acknowledged(log, 'pay', { clientId: 'mona', providerPaymentId: 'pay_1' });
    const payment = { providerPaymentId: 'pay_1', visitId: 'visit', status: 'PAID' };
    expect(check(log, { payments: [payment] })).toEqual(intact);
    expect(check(log, { payments: [payment, payment] })).toEqual(duplicated);
  });
});

describe('deliveries', () => {
  const mail: StoredDelivery = {
    id: 'mail',
    userId: 'user',
    channel: 'EMAIL',
    state: 'SENT',
    providerId: '',
    attempts: 1,
  };
  const sms: StoredDelivery = { ...mail, id: 'sms', channel: 'SMS', providerId: 'SM1' };
  const received = { mails: ['mail'], messages: [{ sid: 'SM1', userId: 'user' }] };

  it('agree with what the providers received', () => {
    expect(checkDeliveries([mail, sms], received)).toEqual({ ...intact, copies: 0 });
  });

  it('are lost if they are stored as sent and never arrived', () => {
    const { lost: missing } = checkDeliveries([mail, sms], { mails: [], messages: [] });
    expect(missing).toHaveLength(2);
  });

  it('are duplicates if they arrived and are not stored, except copies of one mail', () => {
    expect(checkDeliveries([mail, sms], { ...received, mails: ['mail', 'mail'] })).toEqual({ ...intact, copies: 1 });
    const more = { mails: ['mail', 'other'], messages: [...received.messages, { sid: 'SM2', userId: 'user' }] };
    expect(checkDeliveries([mail, sms], more).duplicated).toHaveLength(2);
  });

  it('may have arrived without a result if the next attempt skipped them', () => {
    const skipped = { state: 'SKIPPED', attempts: 2, providerId: null };
    const rows = [mail, sms, { ...mail, ...skipped, id: 'other' }, { ...sms, ...skipped, id: 'second' }];
    const more = { mails: ['mail', 'other'], messages: [...received.messages, { sid: 'SM2', userId: 'user' }] };
    expect(checkDeliveries(rows, more)).toEqual({ ...intact, copies: 0 });
    const once = rows.map((row) => ({ ...row, attempts: 1 }));
    expect(checkDeliveries(once, more).duplicated).toHaveLength(2);
  });
});

describe('memory and open files of a soak', () => {
  const samples = (grow: (minute: number) => Partial<Sample>): Sample[] =>
    Array.from({ length: 20 }, (_, index) => ({
      ...{ minute: index / 2, heapMegabytes: 90 + (index % 3), megabytes: 200, files: 60 },
      ...grow(index / 2),
    }));

  it('are flat if they only come and go, or grow at first', () => {
    expect(
      findGrowth(
        'API',
        samples(() => ({})),
      ),
    ).toEqual([]);
    expect(
      findGrowth(
        'API',
        samples((minute) => ({ heapMegabytes: Math.min(90, 60 + minute * 20) })),
      ),
    ).toEqual([]);
    expect(
      findGrowth(
        'API',
        samples((minute) => ({ files: 60 + (minute % 2) * 25 })),
      ),
    ).toEqual([]);
  });

  it.each<[string, (minute: number) => Partial<Sample>]>([
    ['the heap', (minute) => ({ heapMegabytes: 90 + minute * 2 })],
    ['the memory', (minute) => ({ megabytes: 200 + minute * 10 })],
    ['open files', (minute) => ({ files: 60 + minute * 8 })],
  ])('are found to grow: %s', (_what, grow) => {
    expect(findGrowth('API', samples(grow))).toEqual([expect.stringMatching(/^API: /)]);
  });
});

describe('killing a process', () => {
  it('never reaches a group of processes', () => {
    const kill = jest.spyOn(process, 'kill').mockReturnValue(true);
    try {
      for (const pid of [0, -1, 1, Number.NaN]) expect(() => killProcess(pid)).toThrow('is not a process to kill');
      expect(kill).not.toHaveBeenCalled();
    } finally {
      kill.mockRestore();
    }
  });
});
