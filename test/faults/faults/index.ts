import type { Fault } from '../fault.js';
import { restoredFromBackup } from './backups.js';
import { clientsSlow, reconnectStorm } from './clients.js';
import { clockJumps, clocksChange } from './clocks.js';
import * as database from './database.js';
import * as network from './network.js';
import { apiKilled, apiKilledAfterCommit, workerKilled, workerKilledAfterAcceptance } from './processes.js';
import { poisonedEvent, providersFail } from './providers.js';
import { redisFrozen, redisFull, redisKilled, redisPaused } from './redis.js';
import { migrated, rollingRestart } from './releases.js';
import { apiFrozen, everythingTwice, processorBusy, workerFrozen } from './repetitions.js';

/** In the order in which they are injected. */
export const FAULTS: readonly Fault[] = [
  ...[apiKilled, apiKilledAfterCommit, workerKilled, workerKilledAfterAcceptance],
  ...[database.connectionsTerminated, database.backendKilled, database.restartedFast, database.restartedImmediately],
  ...[database.clusterKilled, database.readOnly, database.filesFull, database.tablesFull],
  ...[database.tableLocked, database.connectionsExhausted],
  ...[redisKilled, redisFrozen, redisFull, redisPaused],
  ...[clockJumps, clocksChange, everythingTwice, clientsSlow],
  ...[network.databaseUnreachable, network.workerDatabaseUnreachable, network.redisUnreachable],
  ...[network.mailServerUnreachable, network.connectionsHalfOpen, network.connectionsReset, network.networkSlow],
  ...[reconnectStorm, rollingRestart, migrated, providersFail, poisonedEvent],
  ...[workerFrozen, apiFrozen, processorBusy, restoredFromBackup],
];
