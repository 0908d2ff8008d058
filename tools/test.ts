import { spawn } from 'node:child_process';
import { startServices } from './services/index.js';

/** Runs jest on services of its own, or on those of DATABASE_URL and REDIS_URL: `npm run jest -- booking`. */
const services = await startServices({ log: (line) => process.stderr.write(`${line}\n`) });
const jest = spawn(process.execPath, ['node_modules/jest/bin/jest.js', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: {
    ...process.env,
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
  },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => jest.kill(signal));
const code = await new Promise<number>((resolve) => jest.once('exit', (exitCode) => resolve(exitCode ?? 1)));
await services.stop();
process.exit(code);
