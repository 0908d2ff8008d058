import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../simulation/random.js';
import { eventually } from '../support/eventually.js';
import { send, toBooking } from '../support/send.js';
import { Boards } from './boards.js';
import { checkDeliveries } from './delivery-checker.js';
import type { Fault } from './fault.js';
import { checkInvariants, settle } from './invariants.js';
import { Load } from './load.js';
import { checkLog } from './log-checker.js';
import { probeBooking } from './probes.js';
import { readDeliveries, readMessages, readStored, toDeliveryIds } from './stored-state.js';
import type { World } from './world.js';

/** Acknowledged changes before a fault, and between two. */
const [BEFORE, BETWEEN] = [8, 3];
const REMINDERS = 3;
const REPLAYS = 5;
/** I10: processes are ready again, and a booking through each of them succeeds. Beside it, two starts of a process on this machine. */
const RECOVERED_WITHIN_SECONDS = 30;
/** Much later than that, so that the time is known. */
const MAX_RECOVERY_MILLISECONDS = 180_000;

/** A line of the table. */
export interface FaultResult {
  id: number;
  title: string;
  runs: number;
  acknowledged: number;
  lost: string[];
  duplicated: string[];
  /** Mails that came twice with one Message-ID. */
  copies: number;
  /** The longest, in seconds. */
  recovery: number;
  violations: string[];
  /** Why it was not run. */
  notRun: string | null;
}

/** Injects a fault several times while clients work, repairs it, and checks every invariant. */
export async function runFault(world: World, fault: Fault, seed: number): Promise<FaultResult> {
  const { id, title, runs } = fault;
  const result: FaultResult = {
    ...{ id, title, runs: 0, acknowledged: 0, lost: [], duplicated: [], copies: 0, recovery: 0, violations: [] },
    notRun: (await fault.unavailable?.(world)) ?? null,
  };
  if (result.notRun !== null) return result;
  const random = new Random(seed);
  const copiesBefore = countCopies(world);
  const firstOperation = world.log.operations.length;
  const boards = await Boards.open(world);
  const load = new Load(world, random);
  try {
    await load.waitForAcknowledged(BEFORE);
    await remind(world, load);
    for (; result.runs < runs; result.runs += 1) {
      result.recovery = Math.max(result.recovery, await injectOnce(world, fault, { load, random }));
      await load.waitForAcknowledged(BETWEEN);
    }
  } catch (error) {
    result.violations.push(`the fault ended with an error: ${String(error)}`);
  } finally {
    await load.stop();
  }
  result.violations.push(...(await settle(world)));
  result.violations.push(...(await boards.compare(world, firstOperation)));
  boards.close();
  await replay(world, random, firstOperation);
  result.copies = countCopies(world) - copiesBefore;
  await check(world, result);
  result.acknowledged = world.log.countAcknowledged(firstOperation);
  if (result.recovery > RECOVERED_WITHIN_SECONDS + 2 * world.startSeconds)
    result.violations.push(`I10: ready again after ${result.recovery.toFixed(1)} s`);
  result.violations.push(...world.problems.splice(0));
  return result;
}

/** @returns the seconds until everything works again */
export async function injectOnce(
  world: World,
  fault: Fault,
  { load, random }: { load: Load; random: Random },
): Promise<number> {
  const [least, most] = fault.lasts ?? [0, 0];
  let healedAt: number;
  try {
    await fault.inject(world, random);
    await sleep(least + random.below(most - least + 1));
    await fault.during?.(world, load);
  } finally {
    healedAt = performance.now();
    await fault.heal(world);
  }
  await waitForRecovery(world);
  return (performance.now() - healedAt) / 1_000;
}

/** Compares the log of the clients with the database, the deliveries with what the providers received, and checks the invariants. */
export async function check(
  world: World,
  result: Pick<FaultResult, 'lost' | 'duplicated' | 'violations'>,
): Promise<void> {
  const log = checkLog(world.log.operations, await readStored(world));
  const received = { mails: toDeliveryIds(world), messages: readMessages(world) };
  const deliveries = checkDeliveries(await readDeliveries(world), received);
  result.lost.push(...world.onlyNew([...log.lost, ...deliveries.lost]));
  result.duplicated.push(...world.onlyNew([...log.duplicated, ...deliveries.duplicated]));
  result.violations.push(...world.onlyNew(await checkInvariants(world)));
}

const countCopies = (world: World): number => {
  const ids = toDeliveryIds(world);
  return ids.length - new Set(ids).size;
};

/** Makes the reminder of some visits due that no client changes. */
async function remind(world: World, load: Load): Promise<void> {
  const ids = load.kept.slice(0, REMINDERS);
  const rows = await world.rows<{ id: string }>(
    `UPDATE planned_notification SET due_at = now() WHERE kind = 'APPOINTMENT_REMINDER' AND appointment_id = ANY ($1::uuid[])
     RETURNING appointment_id AS id`,
    ids,
  );
  for (const { id } of rows) world.remindedIds.add(id);
}

/** Waits until every process is ready, and a booking through each API process succeeds. @throws Error naming what does not */
export async function waitForRecovery(world: World): Promise<void> {
  await Promise.all(world.processes.map((process) => process.untilReady()));
  for (const api of world.apis)
    await eventually(async () => {
      const reply = await probeBooking(world, api);
      if (reply?.status !== 201)
        throw new Error(`a booking through ${api.name} returned ${reply?.status ?? 'nothing'} ${reply?.code ?? ''}`);
    }, MAX_RECOVERY_MILLISECONDS);
}

/** I3: repeats some acknowledged bookings with their keys; the answers are added to the log. */
async function replay(world: World, random: Random, since: number): Promise<void> {
  const booked = world.log.operations
    .slice(since)
    .filter(({ kind, outcome }) => kind === 'book' && outcome === 'acknowledged');
  for (let n = 0; n < REPLAYS; n += 1) {
    const operation = random.pick(booked);
    if (!operation) return;
    const { doctorId = '', start = 0, clientId } = operation.requested;
    const token = world.patients.find((patient) => patient.clientId === clientId)?.token as string;
    const { serviceId } = world.visits;
    const request = toBooking(token, operation.key, {
      serviceId,
      doctorId,
      startDateTime: new Date(start).toISOString(),
    });
    const api = random.pick(world.apis) as World['apis'][number];
    const reply = await send(api, request, (problem) => world.problems.push(problem));
    if (reply?.status === 201 && reply.isReplayed) operation.ids.push(reply.data.id);
    else world.problems.push(`I3: a repeated booking got ${reply?.status} ${reply?.code ?? ''} and was not replayed`);
  }
}
