import type { TestApp, TestPatient } from './app.js';
import type { TestClinic } from './clinic.js';

type Person = Pick<TestPatient, 'clientId'>;

/** Registers a child and a parent at the clinic, whose front desk makes the parent a guardian. */
export async function linkGuardian(app: TestApp, clinic: TestClinic, child: Person, parent: Person): Promise<void> {
  await app.db.query(
    `INSERT INTO client_clinic (client_id, clinic_id, registered_at) SELECT id, $2, now() FROM unnest($1::uuid[]) AS id`,
    [[child.clientId, parent.clientId], clinic.id],
  );
  const [path, token] = [`/api/v1/clients/${child.clientId}`, clinic.staff];
  for (const [method, url, body] of [
    ['PUT', path, { dateOfBirth: '2020-05-06' }],
    ['POST', `${path}/guardians`, { clientId: parent.clientId }],
  ] as const) {
    const answer = await app.call(method, url, { token, body });
    if (answer.status >= 300) throw new Error(`${method} ${url} returned ${answer.status} ${answer.code}`);
  }
}
