import { loadEnvFile } from '../src/core/config/environment.js';

/**
 * Reads `.env`. If it sets DATABASE_URL but not NODE_ENV, it probably belongs to a production system. Then the process exits, because
 * that database must not get demo data and accounts with a published password.
 */
export function readEnvFile(): void {
  const given = process.env.DATABASE_URL;
  loadEnvFile();
  if (process.env.DATABASE_URL === given || process.env.NODE_ENV !== undefined) return;
  process.stderr.write(
    '.env sets DATABASE_URL, and this command would fill that database with demo data. Set NODE_ENV=development in .env if you want that, or run npm run start:prod.\n',
  );
  process.exit(1);
}

/** Stops this process when npm's shell ends: npm sends SIGTERM to that shell, which does not pass it on to this process. */
export function stopWithNpm(): void {
  const parent = process.ppid;
  if (!process.env.npm_lifecycle_event) return;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}
