import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, hasExited } from '../../tools/services/children.js';
import { createDatabase, dropDatabase } from './app.js';
import { eventually, within } from './eventually.js';
import { isReady } from './readiness.js';

const START_WITHIN_MILLISECONDS = 60_000;

/** Runs the program of `npm start` with its own database and port. Needs `npm run build`. */
export class DemoServer {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly databaseName: string,
  ) {}

  static async start(): Promise<DemoServer> {
    const [folder, port, database] = await Promise.all([
      mkdtemp(join(tmpdir(), 'careslot-demo-')),
      freePort(0),
      createDatabase(),
    ]);
    const { PATH = '', HOME = '', REDIS_URL = '' } = process.env;
    const child = spawn(process.execPath, [resolve('dist/tools/start.js')], {
      cwd: folder,
      env: { PATH, HOME, REDIS_URL, DATABASE_URL: database.url, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const server = new DemoServer(`http://localhost:${port}`, child, folder, database.name);
    try {
      await eventually(() => server.assertReady(), START_WITHIN_MILLISECONDS);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  private async assertReady(): Promise<void> {
    if (!(await isReady(this.url))) throw new Error('the demo server is not ready');
  }

  async stop(): Promise<void> {
    if (!hasExited(this.child)) {
      const gone = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await within('the end of the demo', gone, START_WITHIN_MILLISECONDS);
    }
    await dropDatabase(this.databaseName);
    await rm(this.folder, { recursive: true, force: true });
  }
}
