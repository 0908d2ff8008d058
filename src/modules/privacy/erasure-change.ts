import type { Change } from '../../core/changes/change.js';
import type { Person } from './people.repository.js';

/** The audit row of an erasure. */
export const toErasureChange = ({ userId, clientId }: Person): Change => ({
  action: 'user.erased',
  objectType: 'user',
  objectId: userId,
  ...(clientId && { changes: { clientIds: [clientId] } }),
  event: null,
});
