import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from '../../tools/services/children.js';

test('waiting for a server ends at once if a signal has killed its process', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const refused = (): Promise<void> => Promise.reject(new Error('connection refused'));
  await expect(waitFor('The server', child, refused)).rejects.toThrow('The server exited with SIGKILL');
});
