import type { Databases } from './databases.js';

/** Settings and servers that every mode of the benchmark needs. */
export interface Bench {
  databases: Databases;
  redisUrl: string;
  secret: string;
  today: string;
  dataDir: string;
  /** A shorter run for a first impression. */
  quick: boolean;
  /** Seconds of one measured run, and of the warm-up before the first. */
  seconds: number;
  warmUpSeconds: number;
  rounds: number;
  only: string[];
  profile: boolean;
}
