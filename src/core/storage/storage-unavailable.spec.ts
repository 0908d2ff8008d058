import { writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { StorageUnavailable, translateDiskError } from './storage-unavailable.js';

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a full disk makes the storage unavailable', async () => {
  const error = await errorOf(writeFile('/dev/full', 'x'));
  expect(error).toMatchObject({ code: 'ENOSPC' });
  const translated = translateDiskError(error);
  expect(translated).toBeInstanceOf(StorageUnavailable);
  expect(translated).toMatchObject({ code: 'SERVICE_UNAVAILABLE', cause: error });
});

test('another error of a file stays as it is', async () => {
  const error = await errorOf(writeFile('/dev', 'x'));
  expect(error).toMatchObject({ code: 'EISDIR' });
  expect(translateDiskError(error)).toBe(error);
});
