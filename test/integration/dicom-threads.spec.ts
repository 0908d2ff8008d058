import { createSecretKey } from 'node:crypto';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DicomThreads } from '../../src/modules/scans/dicom/dicom-threads.js';
import type { DicomTask } from '../../src/modules/scans/dicom/read-and-deidentify.js';
import { deflated, dicom, element, fileWithManyUids } from '../support/dicom-files.js';
import { within } from '../support/eventually.js';

const NO_LIMIT = 600_000;
/** Turns of the event loop. They take milliseconds of processor time, the parse takes seconds. */
const TURNS = 200;
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

it('the main thread does other work while a file is parsed for seconds', async () => {
  const task = await taskFor(fileWithManyUids(1_000_000));
  const events: string[] = [];
  const parsed = threads.run(task, NO_LIMIT).then(() => events.push('parsed'));
  // Each turn waits for the event loop, which would stand still during a parse on the main thread.
  for (let turn = 0; turn < TURNS; turn += 1) await stat(task.path);
  events.push('other work');
  await within('the parsed file', parsed);
  expect(events).toEqual(['other work', 'parsed']);
});
