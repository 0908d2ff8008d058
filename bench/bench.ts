import type { Databases } from './databases.js';
import type { ServerProcess } from './servers.js';

/** Settings and databases that every part of the benchmark needs. */
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
  /** Of the growth part, where it differs from the default. */
  size: { appointments?: number; auditRows?: number };
}

/** Returns the names that `--only` selects; all if it is not given. @throws Error for an unknown name */
export function selectNames<Name extends string>(only: string[], all: readonly Name[]): Name[] {
  const unknown = only.filter((name) => !(all as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`--only: unknown ${unknown.join(', ')}. Choose from ${all.join(', ')}`);
  return all.filter((name) => only.length === 0 || only.includes(name));
}

/**
 * Runs the same load against each server in turn, in several rounds, so that other load on the machine affects all equally.
 * @returns the runs of each server
 */
export async function interleave<Run>(
  { rounds, seconds }: Bench,
  servers: ServerProcess[],
  run: (server: ServerProcess, seconds: number) => Promise<Run>,
): Promise<Run[][]> {
  const runs = servers.map((): Run[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, server] of servers.entries()) runs[index]?.push(await run(server, seconds));
  }
  return runs;
}
