import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopWithNpm, readEnvFile } from './npm-script.js';
import { startServices } from './services/index.js';

/**
 * `npm run dev`: PostgreSQL and Redis once, then the API as `npm start` runs it, compiled and started again whenever a source
 * file changes. New migrations run at each start.
 */
const STOP_WITHIN_MILLISECONDS = 15_000;
const NEST = 'node_modules/@nestjs/cli/bin/nest.js';
const API = 'dist/tools/start.js';

stopWithNpm();
readEnvFile();
const services = await startServices({ dataDir: '.data', log: (line) => process.stdout.write(`${line}\n`) });
const env = {
  ...process.env,
  NODE_ENV: process.env.NODE_ENV ?? 'development',
  DATABASE_URL: services.databaseUrl,
  REDIS_URL: services.redisUrl,
  // Only this process ends with npm, and it ends the others.
  npm_lifecycle_event: undefined,
};

let isStopping = false;
const children: ChildProcess[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));

const compiler = run(['ignore', 'pipe', 'inherit'], NEST, 'build', '--watch', '--preserveWatchOutput');
let printed = '';
compiler.stdout?.on('data', (data: Buffer) => {
  process.stdout.write(data);
  if (children.length > 1) return;
  printed += data.toString();
  // `npm run dev -- --inspect` opens the API to a debugger.
  if (/Watching for file changes/.test(printed))
    run('inherit', '--watch', '--watch-preserve-output', '--enable-source-maps', ...process.argv.slice(2), API);
});

function run(stdio: StdioOptions, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio, env });
  child.once('exit', (code) => void stop(code ?? 1));
  children.push(child);
  return child;
}

async function stop(code: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await Promise.all(children.map(stopChild));
  await services.stop();
  process.exit(code);
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await Promise.race([gone, sleep(STOP_WITHIN_MILLISECONDS, undefined, { ref: false })]);
  child.kill('SIGKILL');
}
