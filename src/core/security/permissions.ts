import { ROLES, type Actor, type Role } from '../kernel/actor.js';

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
  'api-key:manage': MANAGERS,
  'webhook:manage': MANAGERS,
  'user:own': ROLES,
  'user:manage': MANAGERS,
  'client:read': CLINIC_STAFF,
  'client:write': DESK,
  'client:claim': ['CLIENT'],
  'client:merge': DESK,
  'guardian:manage': DESK,
  'guardian:own': ['CLIENT'],
  'client:invite': DESK,
  'doctor:write': MANAGERS,
  'doctor:video-link': ['DOCTOR', 'MANAGER', 'ADMIN'],
  'clinic:write': MANAGERS,
  'service:write': MANAGERS,
  'resource:read': CLINIC_STAFF,
  'resource:write': MANAGERS,
  'schedule:read': CLINIC_STAFF,
  'schedule:write': MANAGERS,
  'schedule:close': DESK,
  'appointment:read': ROLES,
  'appointment:book': ['CLIENT', 'STAFF', 'MANAGER', 'ADMIN'],
  'appointment:change': ROLES,
  'appointment:cancel': ['CLIENT', 'STAFF', 'MANAGER', 'ADMIN'],
  'appointment:bulk': DESK,
  'appointment:attend': CLINIC_STAFF,
  'day:read': CLINIC_STAFF,
  'queue:read': CLINIC_STAFF,
  'queue:manage': CLINIC_STAFF,
  'queue:board': DESK,
  'waitlist:read': ['CLIENT', 'STAFF', 'MANAGER', 'ADMIN'],
  'waitlist:change': ['CLIENT', 'STAFF', 'MANAGER', 'ADMIN'],
  'calendar:manage': ROLES,
  'referral:read': ROLES,
  'referral:write': CLINIC_STAFF,
  'payment:methods': ROLES,
  'payment:pay': ['CLIENT'],
  'payment:read': ['CLIENT', 'STAFF', 'MANAGER', 'ADMIN'],
  'payment:refund': MANAGERS,
  'ai:chat': ROLES,
  'faq:write': ['ADMIN'],
  'notification:own': ROLES,
  'notification:send': DESK,
  'notification:log': DESK,
  'ops:queues': ['ADMIN'],
  'list:export': MANAGERS,
  'report:read': MANAGERS,
  'list:import': MANAGERS,
  'audit:read': MANAGERS,
  'audit:verify': ['ADMIN'],
  'consent:record': ROLES,
  'client:break-glass': ['DOCTOR', 'STAFF'],
  'break-glass:read': ['CLIENT', 'MANAGER', 'ADMIN'],
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

const allows = (role: Role, permission: Permission): boolean =>
  (PERMISSIONS[permission] as readonly Role[]).includes(role);

/**
 * The permissions that an API key can have: the work of the front desk. Never accounts, sessions, keys, images, assessments, the chat,
 * a person's own settings, or the audit log. A key gets the same fields and lists as STAFF.
 */
export const API_KEY_PERMISSIONS = [
  'client:read',
  'client:write',
  'resource:read',
  'schedule:read',
  'appointment:read',
  'appointment:book',
  'appointment:change',
  'appointment:cancel',
  'appointment:attend',
  'queue:board',
  'notification:send',
  'notification:log',
] as const satisfies readonly Permission[];

export type ApiKeyPermission = (typeof API_KEY_PERMISSIONS)[number];

/** Whether an API key can have the permission. */
export const isForApiKeys = (permission: string): permission is ApiKeyPermission =>
  (API_KEY_PERMISSIONS as readonly string[]).includes(permission);

/** Whether the caller has the permission: by role and, for an API key, also by the key's own permissions. */
export const hasPermission = ({ role, apiKey }: Pick<Actor, 'role' | 'apiKey'>, permission: Permission): boolean =>
  allows(role, permission) && (!apiKey || permission === 'public' || apiKey.permissions.has(permission));
