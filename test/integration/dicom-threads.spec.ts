import { createSecretKey } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DicomThreads } from '../../src/modules/scans/dicom/dicom-threads.js';
import type { DicomTask } from '../../src/modules/scans/dicom/read-and-deidentify.js';
import { deflated, dicom, element, fileWithManyUids } from '../support/dicom-files.js';

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

it('a file without BitsStored has as many stored as allocated bits, in its attributes and in its format', async () => {
  const { facts, format } = await threads.run(await taskFor(dicom({ without: ['00280101', '00280102'] })));
  expect([facts.bitsStored, format.bitsStored]).toEqual([16, 16]);
});

it('a term that is not allowed counts as removed, not as kept', async () => {
  const { deidentification: before } = await threads.run(await taskFor(dicom()));
  const extra = { '20500020': element('CS', 'MONA') };
  const { deidentification: after } = await threads.run(await taskFor(dicom({ extra })));
  expect([after.kept - before.kept, after.removed - before.removed]).toEqual([0, 1]);
});

it('an error of the disk while a data set is inflated is not reported as a broken file', async () => {
  const task = await taskFor(deflated(dicom()));
  await mkdir(join(folder, 'inflated'));
  await expect(threads.run(task)).rejects.toMatchObject({ code: 'EISDIR' });
  await rm(join(folder, 'inflated'), { recursive: true });
  expect(await threads.run(task)).toMatchObject({ noPicture: null });
});

it('the main thread is free while a file is parsed for seconds', async () => {
  const before = performance.eventLoopUtilization();
  await threads.run(await taskFor(fileWithManyUids(1_000_000)), NO_LIMIT);
  expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
});
