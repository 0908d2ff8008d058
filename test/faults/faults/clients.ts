import { connect, type Socket } from 'node:net';
import { eventually } from '../../support/eventually.js';
import { SocketClient } from '../../support/sockets.js';
import { startStalledUpload } from '../../support/uploads.js';
import type { Fault } from '../fault.js';
import { expectStatus, probeRead } from '../probes.js';
import type { World } from '../world.js';

const [SLOW_HEADERS, HALF_OPEN, STALLED_UPLOADS] = [60, 200, 5];
const BYTE_EVERY_MILLISECONDS = 1_000;
const HEAD = 'GET /api/v1/doctors HTTP/1.1\r\nHost: clinic.example\r\nX-Slow: ';

let sockets: Socket[] = [];
let timer: NodeJS.Timeout | undefined;

const open = (port: number): Socket => connect(port, '127.0.0.1').on('error', () => undefined);

export const clientsSlow: Fault = {
  ...{
    id: 14,
    title: 'slow headers, stalled uploads, half-open and unread connections',
    runs: 1,
    lasts: [6_000, 9_000],
  },
  inject: async (world) => {
    const [api] = world.apis as [World['apis'][number]];
    const [patient] = world.patients as [World['patients'][number]];
    const slow = Array.from({ length: SLOW_HEADERS }, () => open(api.port));
    for (const socket of slow) socket.write(HEAD);
    const unread = open(api.port);
    unread.pause();
    for (let n = 0; n < 500; n += 1) unread.write('GET /api/v1/doctors HTTP/1.1\r\nHost: clinic.example\r\n\r\n');
    const halfOpen = Array.from({ length: HALF_OPEN }, () => open(api.port));
    const uploads = await Promise.all(
      Array.from({ length: STALLED_UPLOADS }, () => startStalledUpload(api.port, patient.token)),
    );
    sockets = [...slow, unread, ...halfOpen, ...uploads];
    timer = setInterval(() => {
      for (const socket of slow) socket.write('x');
    }, BYTE_EVERY_MILLISECONDS);
  },
  during: async (world, load) => {
    for (const api of world.apis)
      await expectStatus(world, 'a read beside slow clients', [200], () => probeRead(world, api));
    await load.waitForAcknowledged(8);
  },
  heal: async () => {
    clearInterval(timer);
    for (const socket of sockets.splice(0)) socket.destroy();
  },
};

const DASHBOARDS = 200;
const BACK_WITHIN_SECONDS = 30;

const dashboards: SocketClient[] = [];

export const reconnectStorm: Fault = {
  ...{ id: 16, title: `API killed, ${DASHBOARDS} sockets reconnect`, runs: 1, lasts: [200, 1_000] },
  notInSoak: 'most of its time is the opening of the sockets',
  inject: async (world) => {
    const [api] = world.apis as [World['apis'][number]];
    const options = { transports: ['websocket'], reconnectionDelay: 200, reconnectionDelayMax: 2_000 };
    for (const { token } of Array.from({ length: DASHBOARDS / world.patients.length }, () => world.patients).flat())
      dashboards.push(await SocketClient.connected(api.url, token, options));
    await api.kill();
    world.kills += 1;
  },
  heal: async (world) => {
    const [api] = world.apis as [World['apis'][number]];
    await api.start();
    const countMissing = (): number => dashboards.filter(({ socket }) => !socket.connected).length;
    await eventually(async () => {
      if (countMissing() > 0) throw new Error('not all sockets are back');
    }, BACK_WITHIN_SECONDS * 1_000).catch(() => undefined);
    const missing = countMissing();
    if (missing > 0)
      world.problems.push(`I9: ${missing} of ${DASHBOARDS} sockets are not back after ${BACK_WITHIN_SECONDS} s`);
    for (const dashboard of dashboards.splice(0)) dashboard.close();
  },
};
