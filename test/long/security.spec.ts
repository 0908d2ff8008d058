import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { freePort } from '../../tools/services/children.js';
import { builtPath } from '../../tools/test-build.js';
import { SocketServer } from '../../src/core/realtime/socket-server.js';
import { PRODUCTION, TestApp } from '../support/app.js';
import { eventually, within } from '../support/eventually.js';
import { png } from '../support/pictures.js';
import { ApiProcess } from '../support/processes.js';
import { findBookableService } from '../support/slots.js';

/** Security requirements whose tests need minutes, many bodies or the rights of root (docs/security.md). */

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start({ JWT_SECRET: PRODUCTION.JWT_SECRET });
});

afterAll(() => app.close());

const readStatus = async (pid: number, name: string): Promise<string> =>
  new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
const readRss = async (pid: number): Promise<number> => parseInt(await readStatus(pid, 'VmRSS'), 10) / 1024;

/** The CPU time of all threads of a process in milliseconds. */
async function readCpu(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

describe('a hostile body', () => {
  const deep = (n: number): string => `{"a":${'['.repeat(n)}${']'.repeat(n)}}`;
  const keys = JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, 1])));
  const BODIES: [string, string | Uint8Array, Record<string, string>?][] = [
    ['10 MB of JSON', JSON.stringify({ email: 'x'.repeat(10_000_000) })],
    ['50,000 levels', deep(50_000)],
    ['100,000 keys', keys],
    ['100,000 keys, compressed', gzipSync(keys), { 'content-encoding': 'gzip' }],
    ['a bomb of gzip', gzipSync(Buffer.alloc(512 * 1024 * 1024, 0x20)), { 'content-encoding': 'gzip' }],
    ['a name of 5 MB', JSON.stringify({ firstName: 'a.'.repeat(2_500_000) })],
  ];

  it('takes less than 200 ms of CPU time and 50 MB of memory, so it cannot delay others for longer (I-03)', async () => {
    const api = await ApiProcess.start({ ...app.environment, ...PRODUCTION, LOG_LEVEL: 'silent' });
    const send = async (body: string | Uint8Array, headers = {}): Promise<number> => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
      return (await fetch(`${api.url}/api/v1/auth/register`, init as RequestInit).catch(() => ({ status: 413 })))
        .status;
    };
    try {
      // What is compiled and loaded once does not count.
      for (const [, body, headers] of BODIES) await send(body, headers);
      const used: Record<string, object> = {};
      for (const [what, body, headers] of BODIES) {
        const [cpu, rss] = [await readCpu(api.pid), await readRss(api.pid)];
        const status = await send(body, headers);
        used[what] = { status, ms: (await readCpu(api.pid)) - cpu, mb: Math.round((await readRss(api.pid)) - rss) };
        expect({ what, ...used[what], isRefused: [400, 413].includes(status) }).toMatchObject({ isRefused: true });
      }
      process.stdout.write(`${JSON.stringify(used, null, 1)}\n`);
      const tooMuch = Object.entries<any>(used).filter(([, { ms, mb }]) => ms >= 200 || mb >= 50);
      expect(tooMuch).toEqual([]);
    } finally {
      await api.kill();
    }
  });
});

describe('a socket that does not read, or does not answer pings', () => {
  it('is closed within a minute, and nothing of it stays (W-05)', async () => {
    const [patient] = await app.patients(1);
    const { io } = app.app.get(SocketServer);
    const open = async (): Promise<WebSocket> => {
      const socket = new WebSocket(`${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
      socket.on('error', () => undefined);
      await within('a connection', once(socket, 'open'));
      socket.send(`40${JSON.stringify({ token: patient?.token })}`);
      return socket;
    };
    const sockets = [await open(), await open()];
    await eventually(async () => expect(io.engine.clientsCount).toBe(2));
    sockets[1]?.pause();
    // Pings are sent each 25 s, and their answers are awaited for 20 s.
    await eventually(async () => expect(io.engine.clientsCount).toBe(0), 60_000);
    expect(io.sockets.adapter.rooms.size).toBe(0);
    for (const socket of sockets) socket.terminate();
  });
});

/** All mounted file systems read-only, except new ones in memory for the folders of $WRITABLE; no root, no rights, no new ones. */
const HARDENED = `
  set -e
  cut -d' ' -f2 /proc/self/mounts | sort -r | while read point; do
    case "$point" in /proc*|/sys*|/dev*) ;; *) mount -o remount,bind,ro "$point" || true ;; esac
  done
  for folder in $WRITABLE; do mount -t tmpfs -o mode=1777,size=64m tmpfs "$folder"; done
  if touch "$FOLDER/written" / /usr/written 2>/dev/null; then echo 'the file system can be written' >&2; exit 9; fi
  exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"`;

// Only root can make the file system read-only for one process without another tool.
if (process.getuid?.() === 0) {
  describe('the API without rights on a read-only file system', () => {
    let child: ChildProcess;
    let folder: string;

    afterAll(async () => {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    });

    it('signs in, books, and stores an image in its only writable folder (C-04)', async () => {
      folder = await mkdtemp(join(tmpdir(), 'careslot-read-only-'));
      await chown(folder, 65534, 65534);
      const port = await freePort(0);
      const url = `http://127.0.0.1:${port}`;
      const settings = {
        ...app.environment,
        ...PRODUCTION,
        HOST: '127.0.0.1',
        PORT: String(port),
        STORAGE_DIR: folder,
      };
      child = spawn(
        'unshare',
        [
          '-m',
          '--propagation',
          'private',
          'sh',
          '-c',
          HARDENED,
          'sh',
          process.execPath,
          resolve(builtPath('src/main.ts')),
        ],
        { env: { PATH: process.env.PATH, ...settings, WRITABLE: folder, FOLDER: process.cwd() }, stdio: 'inherit' },
      );
      await eventually(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(200), 60_000);
      const pid = child.pid as number;
      expect(await readStatus(pid, 'Uid')).toMatch(/^65534\t65534\t65534/);
      expect(await readStatus(pid, 'NoNewPrivs')).toBe('1');
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
        expect({ set, rights: await readStatus(pid, set) }).toEqual({ set, rights: '0000000000000000' });
      const mounts = (await readFile(`/proc/${pid}/mounts`, 'utf8')).split('\n').map((line) => line.split(' '));
      const writable = mounts.filter(([, point = '', , options]) => options?.startsWith('rw') && point !== '');
      expect(writable.map(([, point]) => point).filter((point) => !/^\/(proc|sys|dev)/.test(point as string))).toEqual([
        folder,
      ]);
      const [patient] = await app.patients(1);
      const { serviceId, doctorId, slots } = await findBookableService(app, 'Video visit');
      const body = { serviceId, doctorId, startDateTime: slots[0] };
      const signedIn = await app.call('POST', `${url}/api/v1/auth/login`, {
        body: { email: 'patient@careslot.test', password: 'careslot-demo-1' },
      });
      const booked = await app.call('POST', `${url}/api/v1/appointments`, { token: patient?.token, body });
      const form = new FormData();
      form.append('file', new Blob([new Uint8Array(await png())], { type: 'image/png' }), 'a.png');
      const stored = await app.call('POST', `${url}/api/v1/scans`, { token: patient?.token, form });
      expect([signedIn.status, booked.status, stored.status]).toEqual([200, 201, 201]);
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await within('the end', gone, 30_000)).toEqual([0, null]);
    });
  });
}
