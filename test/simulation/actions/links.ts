import { LinkTokens, type Link } from '../../../src/modules/notifications/link-tokens.js';
import type { KnownVisit } from '../snapshot.js';
import type { Random } from '../random.js';
import type { World } from '../world.js';
import type { Action } from './action.js';

interface Page {
  status: number;
  /** The times that can be chosen. */
  times: string[];
}

const toPage = async (response: Response): Promise<Page> => ({
  status: response.status,
  times: [...(await response.text()).matchAll(/name="start" value="([^"]+)"/g)].map(([, value]) => value ?? ''),
});

const toAddress = ({ app }: World, link: Link): string =>
  `${app.url}${new URL(app.app.get(LinkTokens, { strict: false }).url(link)).pathname}`;

/** Presses the button of the page behind a link in a message. */
export async function pressLink(world: World, link: Link, form: Record<string, string> = {}): Promise<Page> {
  return toPage(await fetch(toAddress(world, link), { method: 'POST', body: new URLSearchParams(form) }));
}

type VisitAction = 'confirm' | 'cancel' | 'reschedule' | 'rebook';

/** @param expected the statuses of the page after the button was pressed */
const byLink = (
  action: VisitAction,
  { weight, from, expected }: { weight: number; from: (visit: KnownVisit, now: number) => boolean; expected: number[] },
): Action => ({
  name: `${action} by link`,
  weight,
  prepare(world, { visits }, random) {
    const visit = random.pick(visits.filter((one) => from(one, world.now)));
    const chosen = random.next();
    if (!visit) return null;
    const link = { action, appointmentId: visit.id, start: visit.start, ...asGuardian(world, visit, random) };
    return async () => {
      const start = CHOOSES_TIME.includes(action) ? await chooseTime(world, link, chosen) : null;
      const { status } = await pressLink(world, link, start === null ? {} : { start });
      world.count(`${action} by link`, String(status));
      if (!expected.includes(status)) world.problems.push(`${action} by link: the page has status ${status}`);
    };
  },
});

const CHOOSES_TIME: readonly VisitAction[] = ['reschedule', 'rebook'];

/** The guardian of a child gets links, too. */
function asGuardian(world: World, { clientId }: KnownVisit, random: Random): { guardianUserId?: string } {
  const guardian = world.patients.find(({ childId }) => childId === clientId);
  return guardian && random.next() < 0.5 ? { guardianUserId: guardian.userId } : {};
}

/** One of the times on the page; null if it has none. */
async function chooseTime(world: World, link: Link, chosen: number): Promise<string | null> {
  const { times } = await toPage(await fetch(toAddress(world, link)));
  return times[Math.floor(chosen * times.length)] ?? null;
}

const isUpcoming = ({ status, start }: KnownVisit, now: number): boolean => status === 'CONFIRMED' && start > now;
const isCancelled = ({ status, start }: KnownVisit, now: number): boolean => status === 'CANCELLED' && start > now;

// 410: the visit was changed in the meantime. 422: too late, or the clinic must be called. 409: the time was taken. 400: no time was free.
export const confirmByLink = byLink('confirm', { weight: 3, from: isUpcoming, expected: [200, 410] });
export const cancelByLink = byLink('cancel', { weight: 3, from: isUpcoming, expected: [200, 410, 422] });
export const moveByLink = byLink('reschedule', { weight: 4, from: isUpcoming, expected: [200, 400, 409, 410, 422] });
export const rebookByLink = byLink('rebook', { weight: 4, from: isCancelled, expected: [200, 400, 409, 410, 422] });
