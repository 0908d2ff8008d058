import { randomUUID } from 'node:crypto';
import { DEMO_PASSWORD } from '../seed/accounts.js';
import { expectStatus, step, type Call } from './steps.js';
import { allSaw, Watcher } from './watcher.js';

/** Those of the demo data who watch and work in the story. */
export interface Cast {
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

/** Signs them in, and opens a dashboard for the desk and one for the doctor. */
export async function castOf(url: string, call: Call): Promise<Cast> {
  const signIn = async (email: string): Promise<string> => {
    const answer = await call('POST', '/auth/login', { email, password: DEMO_PASSWORD });
    return expectStatus(answer, 200).accessToken as string;
  };
  const [staff, manager, doctor] = await step('the desk, a manager and a doctor sign in', () =>
    Promise.all(['staff', 'manager', 'doctor'].map((name) => signIn(`${name}@careslot.test`))),
  );
  const profile = expectStatus(await call('GET', '/auth/profile', undefined, doctor), 200);
  const watchers = await step('two dashboards open their sockets', () =>
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

/** A step that is done when everybody has seen it. */
export const everybodySees = (
  { watchers }: Cast,
  event: string,
  fits: (data: any) => boolean,
  what = `everybody sees ${event}`,
): Promise<null> => step(what, async () => ({ note: await allSaw(watchers, event, fits), value: null }));

const run = randomUUID().slice(0, 8);

/** Registration of somebody new in each run. */
export const someone = (name: string) => ({
  email: `${name}.${run}@demo.test`,
  password: `quiet-river-${run}`,
  firstName: 'Demo',
  lastName: name,
});
