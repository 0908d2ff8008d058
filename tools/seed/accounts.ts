import type { Role } from '../../src/core/kernel/actor.js';

/** Only for `npm start` in development, never in production. */
export const DEMO_PASSWORD = 'careslot-demo-1';

interface DemoAccount {
  email: string;
  role: Role;
  firstName: string;
  lastName: string;
  /** Index of the clinic where the account works; null for none. */
  clinic: 0 | 1 | null;
  /** Printed at the start. */
  description: string;
}

export const DEMO_ACCOUNTS: DemoAccount[] = [
  {
    email: 'admin@careslot.test',
    role: 'ADMIN',
    firstName: 'Amira',
    lastName: 'Saleh',
    clinic: null,
    description: 'ADMIN',
  },
  {
    email: 'manager@careslot.test',
    role: 'MANAGER',
    firstName: 'Mahmoud',
    lastName: 'Fathy',
    clinic: 0,
    description: 'MANAGER, Cairo',
  },
  {
    email: 'staff@careslot.test',
    role: 'STAFF',
    firstName: 'Salma',
    lastName: 'Nabil',
    clinic: 0,
    description: 'STAFF, Cairo',
  },
  {
    email: 'doctor@careslot.test',
    role: 'DOCTOR',
    firstName: 'Laila',
    lastName: 'Mansour',
    clinic: 0,
    description: 'DOCTOR, Cairo',
  },
  {
    email: 'patient@careslot.test',
    role: 'CLIENT',
    firstName: 'Omar',
    lastName: 'Khaled',
    clinic: null,
    description: 'CLIENT, a patient',
  },
  {
    email: 'staff2@careslot.test',
    role: 'STAFF',
    firstName: 'Priya',
    lastName: 'Nair',
    clinic: 1,
    description: 'STAFF, Bengaluru',
  },
];
