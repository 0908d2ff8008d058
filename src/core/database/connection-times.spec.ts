import { expect, test } from '@jest/globals';
import { registry } from '../metrics/registry.js';
import { measureWait } from './connection-times.js';

async function countWaits(): Promise<number | undefined> {
  const metric = await registry.getSingleMetric('careslot_db_connection_wait_seconds')?.get();
  const values = (metric?.values ?? []) as { metricName?: string; value: number }[];
  return values.find(({ metricName }) => metricName?.endsWith('_count'))?.value;
}

test('a wait for a connection is observed, also if it ends without a connection', async () => {
  const before = (await countWaits()) ?? 0;
  await measureWait(() => Promise.resolve('connection'));
  await expect(measureWait(() => Promise.reject(new Error('pool exhausted')))).rejects.toThrow('pool exhausted');
  expect(await countWaits()).toBe(before + 2);
});
