import { send, toBooking, type Reply } from '../support/send.js';
import type { OwnProcess } from './own-process.js';
import { nextTime } from './population.js';
import type { World } from './world.js';

/** A booking that is in the log of the clients, like all others. */
export async function probeBooking(world: World, api: OwnProcess): Promise<Reply | null> {
  const { patients, visits, log } = world;
  const { clientId, token } = patients[visits.times % patients.length] as World['patients'][number];
  const { doctorId, start, startDateTime } = nextTime(visits);
  const operation = log.begin('book', { clientId, doctorId, start });
  const request = toBooking(token, operation.key, { serviceId: visits.serviceId, doctorId, startDateTime });
  const reply = await send(api, request, (problem) => world.problems.push(problem));
  if (reply?.status === 201) log.acknowledge(operation, reply.data.id);
  else if (reply?.status === 409) log.refuse(operation);
  else operation.unanswered += 1;
  return reply;
}

export const probeRead = (world: World, api: OwnProcess): Promise<Reply | null> => {
  const { token } = world.patients[0] as World['patients'][number];
  return send(api, { method: 'GET', path: 'appointments?limit=1', token }, (problem) => world.problems.push(problem));
};

export async function expectStatus(
  world: World,
  what: string,
  expected: readonly number[],
  call: () => Promise<{ status: number } | null>,
): Promise<void> {
  const answer = await call().catch(() => null);
  if (!expected.includes(answer?.status ?? 0)) world.problems.push(`${what} returned ${answer?.status ?? 'nothing'}`);
}
