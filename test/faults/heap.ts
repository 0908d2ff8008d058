import { once } from 'node:events';
import WebSocket from 'ws';
import { eventually, within } from '../support/eventually.js';
import type { OwnProcess, Usage } from './own-process.js';

/** Memory and open files of a process after a garbage collection. */
export interface Sample extends Usage {
  minute: number;
  heapMegabytes: number;
}

/** The environment of a process with an inspector on this port. */
export const withInspector = (port: number): Record<string, string> => ({
  NODE_OPTIONS: `--inspect=127.0.0.1:${port}`,
});

/** Collects garbage in a process by its inspector, and measures it. */
export async function sampleHeap(process: OwnProcess, inspectorPort: number, minute: number): Promise<Sample> {
  const targets = await eventually(async () => (await fetch(`http://127.0.0.1:${inspectorPort}/json`)).json());
  const socket = new WebSocket((targets as { webSocketDebuggerUrl: string }[])[0]?.webSocketDebuggerUrl ?? '');
  try {
    await within('the inspector', once(socket, 'open'));
    await call(socket, 1, 'HeapProfiler.collectGarbage');
    const { usedSize } = (await call(socket, 2, 'Runtime.getHeapUsage')) as { usedSize: number };
    return { minute, heapMegabytes: usedSize / 1_048_576, ...(await process.usage()) };
  } finally {
    socket.close();
  }
}

async function call(socket: WebSocket, id: number, method: string): Promise<unknown> {
  const answered = within(method, once(socket, 'message'));
  socket.send(JSON.stringify({ id, method }));
  const [data] = (await answered) as [Buffer];
  return (JSON.parse(data.toString()) as { result: unknown }).result;
}
