import { createSecretKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DicomThreads } from '../../src/modules/scans/dicom/dicom-threads.js';
import type { DicomTask } from '../../src/modules/scans/dicom/read-and-deidentify.js';
import { dicom, fileWithManyUids } from '../support/dicom-files.js';

const NO_LIMIT = 600_000;
const threads = new DicomThreads();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-threads-'));
});
afterAll(async () => {
  await threads.onModuleDestroy();
  await rm(folder, { recursive: true, force: true });
});

async function taskFor(file: Buffer): Promise<DicomTask> {
  const path = join(folder, 'upload');
  await writeFile(path, file);
  return {
    path,
    deidentified: join(folder, 'deidentified'),
    maxBytes: 10_000_000,
    maxPixels: 1_000_000,
    maxFrames: 1,
    uidKey: createSecretKey(Buffer.alloc(32)),
    patient: { firstName: 'Mona', lastName: 'Ali', dateOfBirth: null, mrns: [] },
  };
}

it('a file that exceeds the time limit is refused, and the next file is read by another thread', async () => {
  const slow = await taskFor(fileWithManyUids(1_000_000));
  await expect(threads.run(slow, 1)).rejects.toMatchObject({
    code: 'UNPROCESSABLE_FILE',
    details: { reason: 'TOO_MANY_PARTS' },
  });
  expect(await threads.run(await taskFor(dicom()))).toMatchObject({ noPicture: null });
});

it('the main thread is free while a file is parsed for seconds', async () => {
  const before = performance.eventLoopUtilization();
  await threads.run(await taskFor(fileWithManyUids(1_000_000)), NO_LIMIT);
  expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
}, 60_000);
