import { expect, it } from '@jest/globals';
import type { ColumnRepository } from '../../src/core/database/column-repository.js';
import type { Appointment } from '../../src/modules/appointments/appointment.entity.js';
import type { Client } from '../../src/modules/clients/client.entity.js';
import type { User } from '../../src/modules/users/user.entity.js';

/** Whether the compiler refuses to write the values. */
type Refused<Entity extends object, Values> = Values extends Parameters<ColumnRepository<Entity>['update']>[1]
  ? false
  : true;

/** The compiler checks the types of these values. */
const REFUSED = {
  email: true satisfies Refused<User, { email: string }>,
  phone: true satisfies Refused<User, { firstName: string; phone: string | null }>,
  dateOfBirth: true satisfies Refused<Client, { dateOfBirth: string }>,
  notes: true satisfies Refused<Appointment, { notes: null }>,
};
const ACCEPTED = {
  name: false satisfies Refused<User, { firstName: string; encryptedEmail: Buffer }>,
  sex: false satisfies Refused<Client, { sex: null }>,
};

it('a repository does not write the plain fields of encrypted columns', () => {
  expect(REFUSED).toEqual({ email: true, phone: true, dateOfBirth: true, notes: true });
  expect(ACCEPTED).toEqual({ name: false, sex: false });
});
