/**
 * PM2: `pm2 start deploy/pm2/ecosystem.config.cjs` in the folder of CareSlot. Both processes read `.env` there.
 * PM2's cluster mode is not used: it has no sticky sessions, which Socket.io needs for clients that poll.
 */
const { resolve } = require('node:path');

const shared = {
  cwd: resolve(__dirname, '../..'),
  exec_mode: 'fork',
  instances: 1,
  autorestart: true,
  exp_backoff_restart_delay: 500,
  max_memory_restart: '1G',
  // A second process on the same port would only fail.
  watch: false,
  merge_logs: true,
};

module.exports = {
  apps: [
    {
      ...shared,
      name: 'careslot-api',
      script: 'dist/src/main.js',
      env: { NODE_ENV: 'production', JOBS_IN_PROCESS: 'false' },
      // Milliseconds. PM2 sends SIGINT: more than SHUTDOWN_DRAIN_SECONDS (2) and the 12 s in which the process closes.
      kill_timeout: 20000,
    },
    {
      ...shared,
      name: 'careslot-worker',
      script: 'dist/src/worker.js',
      env: { NODE_ENV: 'production' },
      // A worker closes within 10 s.
      kill_timeout: 15000,
    },
  ],
};
