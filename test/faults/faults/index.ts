import type { Fault } from '../fault.js';
import { restoredFromBackup } from './backups.js';
import { clientsSlow, reconnectStorm } from './clients.js';
import { clockJumps, clocksChange } from './clocks.js';
import * as database from './database.js';
import * as network from './network.js';
import {
  apiFrozen,
  apiKilled,
  apiKilledAfterCommit,
  processorBusy,
  workerFrozen,
  workerKilled,
  workerKilledAfterAcceptance,
} from './processes.js';
import { poisonedEvent, providersFail } from './providers.js';
import { redisFrozen, redisFull, redisKilled, redisPaused } from './redis.js';
import { migrated, rollingRestart } from './releases.js';
import { everythingTwice } from './repetitions.js';

/** In the order in which they are injected: those that start no process first. */
export const FAULTS: readonly Fault[] = [
  ...[database.clusterKilled, database.backendKilled, redisKilled, database.connectionsTerminated],
  ...[
    database.restartedFast,
    database.restartedImmediately,
    database.readOnly,
    database.filesFull,
    database.tablesFull,
  ],
  ...[database.tableLocked, database.connectionsExhausted, redisFrozen, redisFull, redisPaused],
  ...[network.databaseUnreachable, network.workerDatabaseUnreachable, network.redisUnreachable],
  ...[network.mailServerUnreachable, network.connectionsHalfOpen, network.connectionsReset, network.networkSlow],
  ...[providersFail, poisonedEvent, clientsSlow, apiFrozen, processorBusy, migrated, restoredFromBackup],
  ...[apiKilled, apiKilledAfterCommit, workerKilled, workerKilledAfterAcceptance, reconnectStorm],
  ...[everythingTwice, workerFrozen, clockJumps, clocksChange, rollingRestart],
];
