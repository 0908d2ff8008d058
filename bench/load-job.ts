import type { LoadResult } from './http-load.js';
import type { WorkloadName } from './workloads.js';

/** One run of a load process, which then exits. */
export interface LoadJob {
  workload: WorkloadName;
  url: string;
  /** Seconds of the measurement, after the lead-in. */
  seconds: number;
  /** Seconds at the beginning whose responses are not counted. */
  leadInSeconds?: number;
  connections: number;
  /** Calls per second, at random times. Default: as many as possible. */
  rate?: number;
  secret: string;
  today: string;
  /** Clients in the database. */
  clients: number;
  /** The first call that no earlier run has made. */
  first: number;
}

export interface LoadOutcome extends LoadResult {
  /** Descriptions of wrong responses. */
  faults: string[];
  /** The first call for the next run. */
  next: number;
  /** CPU time of this process divided by the elapsed time. Near 1, the load process is the bottleneck, not the server. */
  loadCpuShare: number;
}
