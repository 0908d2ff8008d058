import type { Role } from '../../src/core/kernel/actor.js';

/** Only in the default start, never in production. */
export const DEMO_PASSWORD = 'careslot-demo-1';

export interface DemoAccount {
  email: string;
  role: Role;
  firstName: string;
  lastName: string;
  /** Index of the clinic where the account works; null for none. */
  clinic: 0 | 1 | null;
  what: string;
}

export const DEMO_ACCOUNTS: DemoAccount[] = [
  { email: 'admin@careslot.test', role: 'ADMIN', firstName: 'Amira', lastName: 'Saleh', clinic: null, what: 'ADMIN' },
  {
    email: 'manager@careslot.test',
    role: 'MANAGER',
    firstName: 'Mahmoud',
    lastName: 'Fathy',
    clinic: 0,
    what: 'MANAGER, Cairo',
  },
  {
    email: 'staff@careslot.test',
    role: 'STAFF',
    firstName: 'Salma',
    lastName: 'Nabil',
    clinic: 0,
    what: 'STAFF, Cairo',
  },
  {
    email: 'doctor@careslot.test',
    role: 'DOCTOR',
    firstName: 'Laila',
    lastName: 'Mansour',
    clinic: 0,
    what: 'DOCTOR, Cairo',
  },
  {
    email: 'patient@careslot.test',
    role: 'CLIENT',
    firstName: 'Omar',
    lastName: 'Khaled',
    clinic: null,
    what: 'CLIENT, a patient',
  },
  {
    email: 'staff2@careslot.test',
    role: 'STAFF',
    firstName: 'Priya',
    lastName: 'Nair',
    clinic: 1,
    what: 'STAFF, Bengaluru',
  },
];
