import { expect, it } from '@jest/globals';
import { Counter, Gauge, Registry } from 'prom-client';
import { mergeMetrics, toText } from './process-metrics.js';

/** The metrics of a process, as it sends them to the primary. */
async function toMessage(requests: number, lagSeconds: number): Promise<string> {
  const registers = [new Registry()] as [Registry];
  new Counter({ name: 'requests', help: 'Requests', labelNames: ['value'], registers }).inc({ value: 'a' }, requests);
  new Gauge({ name: 'lag', help: 'Lag', aggregator: 'max', registers }).set(lagSeconds);
  return toText(await registers[0].getMetricsAsJSON());
}

it('metrics of several processes are merged, also a lag that only one process does not know', async () => {
  const { body } = await mergeMetrics([await toMessage(2, Infinity), await toMessage(3, 0.5)]);
  expect(body).toContain('requests{value="a"} 5\n');
  expect(body).toContain('lag +Inf\n');
});
