import type { Role } from '../kernel/actor.js';

const EVERYBODY: readonly Role[] = ['CLIENT', 'DOCTOR', 'STAFF', 'MANAGER', 'ADMIN'];
const DESK: readonly Role[] = ['STAFF', 'MANAGER', 'ADMIN'];
const CLINIC: readonly Role[] = ['DOCTOR', 'STAFF', 'MANAGER', 'ADMIN'];
const MANAGERS: readonly Role[] = ['MANAGER', 'ADMIN'];

/**
 * The one table of what a role may do; whose record it is decides the feature's policy. 'public' needs no token.
 * A route that names none of these does not boot.
 */
export const PERMISSIONS = {
  public: EVERYBODY,
  'session:own': EVERYBODY,
  'user:own': EVERYBODY,
  'user:manage': MANAGERS,
  'client:read': CLINIC,
  'client:write': DESK,
  'doctor:write': MANAGERS,
  'clinic:write': MANAGERS,
  'service:write': MANAGERS,
  'resource:read': CLINIC,
  'resource:write': MANAGERS,
  'schedule:read': CLINIC,
  'schedule:write': MANAGERS,
  'appointment:read': EVERYBODY,
  'appointment:book': ['CLIENT', 'STAFF', 'MANAGER', 'ADMIN'],
  'appointment:change': EVERYBODY,
  'appointment:cancel': ['CLIENT', 'STAFF', 'MANAGER', 'ADMIN'],
  'appointment:attend': CLINIC,
  'ai:chat': EVERYBODY,
  'faq:write': ['ADMIN'],
  'notification:own': EVERYBODY,
  'notification:send': DESK,
  'notification:log': DESK,
  'ops:queues': ['ADMIN'],
  'stroke:assess': EVERYBODY,
  'stroke:read': ['CLIENT', 'DOCTOR'],
  'favorite:own': ['CLIENT'],
  'outbox:manage': ['ADMIN'],
  // Images are health data: the desk hands them in and sees no more of them; ADMIN runs the system and sees none.
  'scan:upload': ['CLIENT', 'DOCTOR', 'STAFF', 'MANAGER'],
  'scan:read': ['CLIENT', 'DOCTOR'],
  'scan:delete': ['CLIENT', 'DOCTOR'],
  'scan:analyse': ['CLIENT', 'DOCTOR'],
  'scan:sign': ['DOCTOR'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;

export const allows = (role: Role, permission: Permission): boolean =>
  (PERMISSIONS[permission] as readonly Role[]).includes(role);
