/**
 * `npm run dev`: starts PostgreSQL and Redis once, then the API like `npm start`. When a source file changes, compiles and starts the
 * API again. New migrations run at each start.
 */

import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { stopWithNpm, readEnvFile } from './npm-script.js';
import { stopChild } from './services/children.js';
import { startServices } from './services/index.js';

const STOP_WITHIN_MILLISECONDS = 15_000;
const NEST = 'node_modules/@nestjs/cli/bin/nest.js';
const API = 'dist/tools/start.js';

stopWithNpm();
readEnvFile();
let isStopping = false;
const children: ChildProcess[] = [];
const starting = startServices({ dataDir: '.data', log: (line) => process.stdout.write(`${line}\n`) });
// A signal during the start waits until the start has finished, then stops everything.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));
const services = await starting;
const env = {
  ...process.env,
  NODE_ENV: process.env.NODE_ENV ?? 'development',
  DATABASE_URL: services.databaseUrl,
  REDIS_URL: services.redisUrl,
  // Only this process watches npm. It stops the others.
  npm_lifecycle_event: undefined,
};

if (!isStopping) compileAndRun();

function compileAndRun(): void {
  const compiler = run(['ignore', 'pipe', 'inherit'], NEST, 'build', '--watch', '--preserveWatchOutput');
  let printed = '';
  compiler.stdout?.on('data', (data: Buffer) => {
    process.stdout.write(data);
    if (children.length > 1) return;
    printed += data.toString();
    // `npm run dev -- --inspect` lets a debugger attach to the API.
    if (/Watching for file changes/.test(printed))
      run('inherit', '--watch', '--watch-preserve-output', '--enable-source-maps', ...process.argv.slice(2), API);
  });
}

function run(stdio: StdioOptions, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio, env });
  child.once('exit', (code) => void stop(code ?? 1));
  children.push(child);
  return child;
}

async function stop(code: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await Promise.all(children.map((child) => stopChild(child, 'SIGTERM', STOP_WITHIN_MILLISECONDS)));
  await (await starting).stop();
  process.exit(code);
}
