import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { freePort, hasExited } from '../../tools/services/children.js';
import { builtPath } from '../../tools/test-build.js';
import { ConfigSchema } from '../../src/core/config/config.js';
import { eventually, within } from './eventually.js';
import { isReady } from './readiness.js';

const START_WITHIN_MILLISECONDS = 60_000;
const END_WITHIN_MILLISECONDS = 30_000;

/** A real process of CareSlot, which a test can kill. */
export class TestProcess {
  protected readonly child: ChildProcess;
  private written = '';
  private readonly closed: Promise<unknown>;

  /**
   * @param entry such as `src/worker.ts`
   * @param output a file for its output; default: `log`
   * @param folder the working directory, whose `.env` is read; without it no `.env` is read
   * @param release the folder of another release, which is compiled there
   */
  constructor(
    entry: string,
    env: Record<string, string>,
    output: 'pipe' | number = 'pipe',
    folder?: string,
    release = '.',
  ) {
    const { PATH = '', HOME = '' } = process.env;
    // An empty variable counts as not set, and it overrides a setting of the developer's .env.
    const blank = Object.fromEntries(Object.keys(ConfigSchema.shape).map((name) => [name, '']));
    this.child = spawn(process.execPath, [resolve(release, builtPath(entry))], {
      env: { PATH, HOME, ...(!folder && blank), ...env },
      cwd: folder ?? release,
      stdio: ['ignore', output, output === 'pipe' ? 'inherit' : output],
    });
    this.closed = once(this.child, 'close');
    this.child.stdout?.on('data', (data: Buffer) => (this.written += data.toString()));
  }

  /** The lines of its log, as objects. */
  get logLines(): Record<string, unknown>[] {
    return this.written
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The port on which it listens, from its log. */
  listeningPort(): Promise<number> {
    return eventually(() => {
      const line = this.logLines.find(({ msg }) => String(msg).includes('listening'));
      if (!line && this.hasEnded) throw new Error('the process has ended');
      return line ? Promise.resolve(Number(line.port)) : Promise.reject(new Error('the process does not listen yet'));
    }, START_WITHIN_MILLISECONDS);
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /** Everything that it wrote to stdout. */
  get log(): string {
    return this.written;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Sends SIGKILL: no handler runs, and nothing is finished. */
  async kill(): Promise<void> {
    if (this.hasEnded) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await within('the end of a killed process', gone);
  }

  /**
   * @param signals how many times SIGTERM is sent
   * @returns the exit code
   * @throws Error if it has not ended after `withinMs`
   */
  async stop(signals = 1, withinMs = END_WITHIN_MILLISECONDS): Promise<number | null> {
    const gone = once(this.child, 'exit');
    for (let n = 0; n < signals; n += 1) this.child.kill('SIGTERM');
    await within('the end of a process after SIGTERM', gone, withinMs);
    return this.child.exitCode;
  }

  /** Waits until it exits by itself and all of its output is read. */
  async exitCode(): Promise<number | null> {
    await within('the end of a process', this.closed, START_WITHIN_MILLISECONDS);
    return this.child.exitCode;
  }

  protected get hasEnded(): boolean {
    return hasExited(this.child);
  }
}

/** An API process on its own port. */
export class ApiProcess extends TestProcess {
  readonly url: string;

  private constructor(
    env: Record<string, string>,
    readonly port: number,
    output?: number,
    release?: string,
  ) {
    super('src/main.ts', { ...env, HOST: '127.0.0.1', PORT: String(port) }, output, undefined, release);
    this.url = `http://127.0.0.1:${port}`;
  }

  /**
   * @param port the port of a killed process that this one replaces
   * @param release the folder of another release
   */
  static async start(
    env: Record<string, string>,
    port?: number,
    output?: number,
    release?: string,
  ): Promise<ApiProcess> {
    const api = new ApiProcess(env, port ?? (await freePort(0)), output, release);
    await api.ready();
    return api;
  }

  private async ready(): Promise<void> {
    const isServing = await eventually(async () => {
      if (this.hasEnded) return false;
      if (!(await isReady(this.url))) throw new Error('the API is not ready');
      return true;
    }, START_WITHIN_MILLISECONDS).catch(() => false);
    if (isServing) return;
    await this.kill();
    throw new Error('the API did not start');
  }
}
