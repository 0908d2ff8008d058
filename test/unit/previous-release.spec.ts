import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { findDifferentPackages, requireCommit } from '../../tools/previous-release/checkout.js';

it('is named by the full hash of a commit', () => {
  expect(readFileSync('test/previous-release', 'utf8')).toMatch(/^[0-9a-f]{40}\n$/);
});

it('is asked for in a clone that does not have it', () => {
  expect(() => requireCommit('0'.repeat(40))).toThrow(/does not have the previous release.*git fetch --unshallow/);
});

it('shares packages only if those that it names have the same versions', () => {
  const lockfile = (versions: Record<string, string>) => ({
    packages: {
      '': { dependencies: { pg: '8.23.1' }, devDependencies: { jest: '30.5.2' } },
      ...Object.fromEntries(
        Object.entries(versions).map(([name, version]) => [`node_modules/${name}`, { version }] as const),
      ),
    },
  });
  const previous = lockfile({ pg: '8.23.1', jest: '30.5.2', 'pg-pool': '3.0.0' });
  expect(findDifferentPackages(previous, lockfile({ pg: '8.23.1', jest: '30.5.2', zod: '4.0.0' }))).toEqual([]);
  expect(findDifferentPackages(previous, lockfile({ pg: '8.24.0' }))).toEqual(['pg', 'jest']);
});
