import { afterEach, expect, test } from '@jest/globals';
import { performance } from 'node:perf_hooks';
import { LEASE_SECONDS, type Delivery } from './deliveries.repository.js';
import { DeliveryLease } from './delivery-batch.js';

const delivery = { id: 'a', attempts: 1 } as Delivery;
const leases: DeliveryLease[] = [];

afterEach(() => leases.splice(0).forEach((lease) => lease.end()));

/** @param seconds how long ago the claim was sent */
function claimed(seconds: number): DeliveryLease {
  const claimedAt = performance.now() - seconds * 1000;
  const lease = new DeliveryLease({ renew: () => Promise.resolve([]) }, [delivery], claimedAt);
  leases.push(lease);
  return lease;
}

test('a lease holds its delivery until the result of the delivery is saved', () => {
  const lease = claimed(0);
  expect(lease.holds(delivery)).toBe(true);
  lease.release(delivery);
  expect(lease.holds(delivery)).toBe(false);
});

test('a lease has ended if the claim took as long as a lease lasts', () => {
  expect(claimed(LEASE_SECONDS).holds(delivery)).toBe(false);
});
