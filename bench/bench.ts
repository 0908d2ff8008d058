import type { Databases } from './databases.js';

/** What every mode of the bench needs. */
export interface Bench {
  databases: Databases;
  redisUrl: string;
  secret: string;
  today: string;
  dataDir: string;
  /** Less of everything, for a first look. */
  quick: boolean;
  /** Seconds of one measured run, and of the warm-up before the first. */
  seconds: number;
  warmUpSeconds: number;
  rounds: number;
  only: string[];
  profile: boolean;
}
