import { randomUUID } from 'node:crypto';
import { DEMO_PASSWORD } from '../seed/accounts.js';
import { expectStatus, step, type Call } from './steps.js';
import { waitForAll, Watcher } from './watcher.js';

/** The signed-in demo users, with their tokens and open sockets. */
export interface DemoUsers {
  call: Call;
  url: string;
  staff: string;
  manager: string;
  clinicId: string;
  /** The doctor with the dashboard. */
  doctorId: string;
  /** Two dashboards, and later the patient's app. */
  watchers: Watcher[];
}

/** Signs the demo users in, and opens a dashboard for the front desk and one for the doctor. */
export async function signInDemoUsers(url: string, call: Call): Promise<DemoUsers> {
  const signIn = async (email: string): Promise<string> => {
    const answer = await call('POST', '/auth/login', { email, password: DEMO_PASSWORD });
    return expectStatus(answer, 200).accessToken as string;
  };
  const [staff, manager, doctor] = await step('the desk, a manager and a doctor sign in', () =>
    Promise.all(['staff', 'manager', 'doctor'].map((name) => signIn(`${name}@careslot.test`))),
  );
  const profile = expectStatus(await call('GET', '/auth/profile', undefined, doctor), 200);
  const watchers = await step('two dashboards open sockets', () =>
    Promise.all([
      Watcher.open("the desk's dashboard", url, staff as string),
      Watcher.open("the doctor's", url, doctor as string),
    ]),
  );
  return {
    call,
    url,
    staff: staff as string,
    manager: manager as string,
    clinicId: profile.clinicIds[0] as string,
    doctorId: profile.doctorId as string,
    watchers,
  };
}

/** A step that ends when every watcher has received the event. */
export const allReceive = (
  { watchers }: DemoUsers,
  event: string,
  matches: (data: any) => boolean,
  what = `all sockets get ${event}`,
): Promise<null> => step(what, async () => ({ note: await waitForAll(watchers, event, matches), value: null }));

const run = randomUUID().slice(0, 8);

/** The registration of a new patient; the address differs in each run. */
export const newPatient = (name: string) => ({
  email: `${name}.${run}@demo.test`,
  password: `quiet-river-${run}`,
  firstName: 'Demo',
  lastName: name,
});
