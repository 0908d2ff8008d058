import type { Fault } from '../fault.js';
import { apiKilled, apiKilledAfterCommit, workerKilled, workerKilledAfterAcceptance } from './processes.js';

export const FAULTS: readonly Fault[] = [apiKilled, apiKilledAfterCommit, workerKilled, workerKilledAfterAcceptance];
