import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../simulation/random.js';
import { eventually } from '../support/eventually.js';
import { StoredState } from './checks.js';
import type { DatabasePair, ReplicatedInstallation } from './installation.js';
import { PatientClient } from './patient-client.js';
import { findLost, type KnownVisit } from './visits.js';

export type Mode = 'synchronous' | 'asynchronous';

export interface RoundOptions {
  round: number;
  mode: Mode;
  random: Random;
  patients: number;
  /** What the patients of earlier rounds know. Those of this round are added. */
  known: KnownVisit[];
}

export interface RoundResult {
  summary: string;
  violations: string[];
}

const [ACKNOWLEDGED_BEFORE, ACKNOWLEDGED_AFTER] = [150, 60];
const [MIN_STALL_MILLISECONDS, MAX_STALL_MILLISECONDS] = [200, 800];

/**
 * Patients book, move and cancel. The network between the servers fails, a moment later the primary is killed, the replica is promoted,
 * and the address of the primary moves to it. At the end, everything that a patient knows is compared with what is stored, and the
 * killed server joins again.
 */
export async function runRound(
  pair: DatabasePair,
  installation: ReplicatedInstallation,
  { round, mode, random, patients, known }: RoundOptions,
): Promise<RoundResult> {
  const isSynchronous = mode === 'synchronous';
  await pair.setSynchronous(isSynchronous);
  const load = await startLoad(installation, { round, random, patients });
  await load.untilAcknowledged(ACKNOWLEDGED_BEFORE + random.below(ACKNOWLEDGED_BEFORE));

  const { stall, killedAt, promotedAt } = await failOver(pair, random);
  const acknowledged = load.acknowledged;
  const stored = new StoredState(pair.primary.server, installation.databaseName, installation.serviceId);
  const lost = findLost(load.visits, await stored.findVisits());
  if (!isSynchronous) await load.accept(stored);
  pair.moveAddress();
  const movedAt = performance.now();
  await load.untilAcknowledged(acknowledged + 1);
  const servedAt = performance.now();
  await load.untilAcknowledged(acknowledged + ACKNOWLEDGED_AFTER);
  const unexpected = await load.stop();

  known.push(...load.visits);
  const violations = await stored.findFaults(known);
  if (isSynchronous) {
    violations.push(...lost.map(({ visitId }) => `an acknowledged change of ${visitId} was lost by the promotion`));
    violations.push(...unexpected);
  }
  await stored.untilPublished();
  await untilReady(installation);
  const unfenced = await pair.isOldPrimaryWritable();
  if (isSynchronous && unfenced) violations.push('the old primary acknowledged a change without its replica');
  await pair.rejoin();
  await untilReplicaIsRead(pair, installation);

  const firstLost = Math.min(...lost.map(({ at }) => at));
  const seconds = (from: number, to: number): string => `${((to - from) / 1_000).toFixed(2)} s`;
  return {
    violations,
    summary: [
      `${load.acknowledged} changes acknowledged, ${acknowledged} of them before the kill`,
      `${lost.length} lost${lost.length > 0 ? ` (of the last ${seconds(firstLost, killedAt)})` : ''}`,
      `replication stalled for ${(stall / 1_000).toFixed(2)} s before the kill`,
      `promoted ${seconds(killedAt, promotedAt)} after the kill`,
      `first answer ${seconds(movedAt, servedAt)} after the address moved`,
      `the old primary without fencing ${unfenced ? 'accepted' : 'did not acknowledge'} a write`,
    ].join('; '),
  };
}

interface FailOver {
  /** Milliseconds. */
  stall: number;
  killedAt: number;
  promotedAt: number;
}

/** The network between the servers fails, a moment later the primary is killed, and the replica is promoted. */
async function failOver(pair: DatabasePair, random: Random): Promise<FailOver> {
  const stall = MIN_STALL_MILLISECONDS + random.below(MAX_STALL_MILLISECONDS - MIN_STALL_MILLISECONDS);
  pair.primary.replicationProxy.stall();
  await pause(stall);
  const killedAt = performance.now();
  await pair.killPrimary();
  await pair.promote();
  return { stall, killedAt, promotedAt: performance.now() };
}

const untilReady = (installation: ReplicatedInstallation): Promise<void> =>
  eventually(async () => {
    if (!(await installation.areReady())) throw new Error('API or worker are not ready');
  });

/** The reads of the API go to the server that joined as a replica. */
async function untilReplicaIsRead(pair: DatabasePair, installation: ReplicatedInstallation): Promise<void> {
  await pair.primary.server.waitFor(pair.replica.server.name);
  const before = await installation.countReplicaReads();
  await eventually(async () => {
    if ((await installation.countReplicaReads()) <= before) throw new Error('no export was read from the replica');
  });
}

class Load {
  constructor(private readonly clients: readonly PatientClient[]) {}

  get acknowledged(): number {
    return this.clients.reduce((sum, client) => sum + client.acknowledged, 0);
  }

  get visits() {
    return this.clients.flatMap(({ visits }) => visits);
  }

  /** @throws Error also if a patient gave up before */
  async untilAcknowledged(count: number): Promise<void> {
    const reached = eventually(async () => {
      if (this.acknowledged < count) throw new Error(`${this.acknowledged} of ${count} changes are acknowledged`);
    }, 60_000);
    await Promise.race([reached, Promise.all(this.clients.map(({ running }) => running))]);
  }

  /** What was lost is gone: the patients continue from what is stored. */
  async accept(stored: StoredState): Promise<void> {
    const visits = await stored.findVisits();
    for (const client of this.clients) client.accept(visits);
  }

  /** @returns answers that no request should have had */
  async stop(): Promise<string[]> {
    await Promise.all(this.clients.map((client) => client.stop()));
    return this.clients.flatMap(({ unexpected }) => unexpected);
  }
}

async function startLoad(
  installation: ReplicatedInstallation,
  { round, random, patients }: Pick<RoundOptions, 'round' | 'random' | 'patients'>,
): Promise<Load> {
  const { app, api, clinic, serviceId } = installation;
  const people = await app.patients(patients);
  const starts = installation.getStarts(round);
  return new Load(
    people.map(({ token }, index) => {
      const practice = { url: api.url, serviceId, doctorId: clinic.doctorIds[index] ?? '', starts };
      return new PatientClient(practice, new Random(random.below(2 ** 31)), token);
    }),
  );
}
