import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/core/config/config.js';
import { ScanSweep } from '../../src/modules/scans/scan-sweep.js';
import { SettableClock } from '../support/settable-clock.js';
import type { World } from './world.js';

/** The sweep leaves files alone that are younger than an hour. */
const AHEAD_MILLISECONDS = 2 * 3_600_000;

/**
 * Runs the sweep with a clock that is two hours ahead. Killed processes leave unfinished files: after the sweep, there is a folder for
 * each stored scan and nothing else (I8, I10).
 */
export async function checkSweep(world: World): Promise<string[]> {
  const clock = new SettableClock();
  clock.set(new Date(Date.now() + AHEAD_MILLISECONDS).toISOString());
  const { DATABASE_URL } = world.app.environment;
  const app = await createApp(loadConfig({ ...world.environment, DATABASE_URL, LOG_LEVEL: 'silent' }), clock);
  try {
    const { incomplete } = await app.get(ScanSweep).sweep();
    const rows = await world.rows<{ id: string }>('SELECT id FROM scan WHERE purged_at IS NULL');
    const stored = new Set(rows.map(({ id }) => id));
    const list = (folder: string): Promise<string[]> => readdir(join(world.files.folder, folder)).catch(() => []);
    const [scans, incoming] = [await list('scans'), await list('incoming')];
    return [
      ...incomplete.map((id) => `I8: files of the scan ${id} are missing`),
      ...scans.filter((id) => !stored.has(id)).map((id) => `I8: there are files of ${id}, which is no scan`),
      ...[...stored].filter((id) => !scans.includes(id)).map((id) => `I8: there are no files of the scan ${id}`),
      ...incoming.map((name) => `I10: the temporary folder ${name} was left`),
    ];
  } finally {
    await app.close();
  }
}
