import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../fault.js';
import { send } from '../../support/send.js';
import type { World } from '../world.js';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
/** Offsets from the real time. Reminders are due three days later at the earliest. */
const JUMPS = ['+4d', '-2h'] as const;

/** Long enough for every periodic task that sends messages. */
const JUMP_MILLISECONDS = 6_000;

const clockFile = (world: World): string => join(world.folder, 'clock');

export const clockJumps: Fault = {
  ...{ id: 11, title: "the worker's clock jumps: 4 days ahead, 2 hours back", runs: 1, lasts: [0, 1_000] },
  notInSoak: 'it restarts the worker, whose memory is measured',
  unavailable: () => Promise.resolve(existsSync(LIBRARY) ? null : 'libfaketime is not installed'),
  inject: async (world) => {
    await writeFile(clockFile(world), '+0');
    await world.worker.stop();
    await world.worker.start({
      ...{ LD_PRELOAD: LIBRARY, FAKETIME_TIMESTAMP_FILE: clockFile(world) },
      ...{ FAKETIME_CACHE_DURATION: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    });
  },
  during: async (world, load) => {
    for (const jump of JUMPS) {
      await writeFile(clockFile(world), jump);
      await sleep(JUMP_MILLISECONDS);
      await load.waitForAcknowledged(5);
    }
  },
  heal: async (world) => {
    await world.worker.stop();
    await world.worker.start();
  },
};

/** Days on which clocks change, with the number of half hours that a clinic that is open all day has. */
const CHANGES = [
  { zone: 'Europe/Berlin', day: '2027-03-28', halfHours: 46 },
  { zone: 'Europe/Berlin', day: '2027-10-31', halfHours: 50 },
  { zone: 'America/New_York', day: '2027-03-14', halfHours: 46 },
  { zone: 'America/New_York', day: '2027-11-07', halfHours: 50 },
  { zone: 'Australia/Lord_Howe', day: '2027-04-04', halfHours: 49 },
  { zone: 'Australia/Lord_Howe', day: '2027-10-03', halfHours: 47 },
] as const;

/** The process's own zone says nothing about the clinic's times. */
export const clocksChange: Fault = {
  ...{ id: 12, title: 'days of clock changes, a process in another time zone', runs: 1 },
  notInSoak: 'most of its time are two restarts of API 1',
  inject: async (world) => {
    const [api] = world.apis as [World['apis'][number]];
    await api.stop();
    await api.start({ TZ: 'Pacific/Chatham' });
  },
  during: async (world) => {
    for (const { zone, day, halfHours } of CHANGES) {
      const serviceId = world.people.zoneServices.get(zone);
      const path = `availability?serviceId=${serviceId}&from=${day}&to=${day}`;
      const lists = await Promise.all(
        world.apis.map((api) => send(api, { method: 'GET', path }, (problem) => world.problems.push(problem))),
      );
      const [one, two] = lists.map((reply) => (reply?.data ?? []).map((slot: any) => slot.startDateTime as string));
      const problems = [
        ...(one.join() === two.join() ? [] : ['two processes list different times']),
        ...(new Set(one).size === one.length ? [] : ['a time is listed twice']),
        ...(one.length === halfHours ? [] : [`${one.length} times instead of ${halfHours}`]),
      ];
      world.problems.push(...problems.map((problem) => `${day} in ${zone}: ${problem}`));
    }
  },
  heal: async ({ apis: [api] }) => {
    await api?.stop();
    await api?.start();
  },
};
