import { ROLES, type Role } from '../kernel/actor.js';

const DESK: readonly Role[] = ['STAFF', 'MANAGER', 'ADMIN'];
const CLINIC_STAFF: readonly Role[] = ['DOCTOR', 'STAFF', 'MANAGER', 'ADMIN'];
const MANAGERS: readonly Role[] = ['MANAGER', 'ADMIN'];

/**
 * The roles of each permission. Whether a user may access a certain record is decided by the policy of the feature. `public` needs no
 * token. The application does not start if a route has no permission.
 */
export const PERMISSIONS = {
  public: ROLES,
  'session:own': ROLES,
  'user:own': ROLES,
  'user:manage': MANAGERS,
  'client:read': CLINIC_STAFF,
  'client:write': DESK,
  'doctor:write': MANAGERS,
  'clinic:write': MANAGERS,
  'service:write': MANAGERS,
  'resource:read': CLINIC_STAFF,
  'resource:write': MANAGERS,
  'schedule:read': CLINIC_STAFF,
  'schedule:write': MANAGERS,
  'appointment:read': ROLES,
  'appointment:book': ['CLIENT', 'STAFF', 'MANAGER', 'ADMIN'],
  'appointment:change': ROLES,
  'appointment:cancel': ['CLIENT', 'STAFF', 'MANAGER', 'ADMIN'],
  'appointment:attend': CLINIC_STAFF,
  'ai:chat': ROLES,
  'faq:write': ['ADMIN'],
  'notification:own': ROLES,
  'notification:send': DESK,
  'notification:log': DESK,
  'ops:queues': ['ADMIN'],
  'audit:read': MANAGERS,
  'audit:verify': ['ADMIN'],
  'stroke:assess': ROLES,
  'stroke:read': ['CLIENT', 'DOCTOR'],
  'favorite:own': ['CLIENT'],
  'outbox:manage': ['ADMIN'],
  // Images are health data: the front desk may only upload them, and ADMIN has no access.
  'scan:upload': ['CLIENT', 'DOCTOR', 'STAFF', 'MANAGER'],
  'scan:read': ['CLIENT', 'DOCTOR'],
  'scan:delete': ['CLIENT', 'DOCTOR'],
  'scan:analyse': ['CLIENT', 'DOCTOR'],
  'scan:sign': ['DOCTOR'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;

export const allows = (role: Role, permission: Permission): boolean =>
  (PERMISSIONS[permission] as readonly Role[]).includes(role);
