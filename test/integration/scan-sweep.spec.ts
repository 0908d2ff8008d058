import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { BlobStore } from '../../src/core/storage/blob-store.js';
import { ScanSweep } from '../../src/modules/scans/scan-sweep.js';
import { TestApp } from '../support/app.js';
import { FaultyBucket } from '../support/faulty-bucket.js';
import { png } from '../support/pictures.js';
import { secondApp } from '../support/second-app.js';
import { upload } from '../support/uploads.js';

const TWO_HOURS_AGO = Date.now() / 1000 - 7_200;

let app: TestApp;
let folder: string;
let token: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-sweep-'));
  app = await TestApp.start({ STORAGE_DIR: folder });
  const [patient] = await app.patients(1);
  token = patient?.token as string;
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

const uploadScan = async (): Promise<string> => (await upload(app, { token, bytes: await png() })).data.id;

async function age(...parts: string[]): Promise<void> {
  await utimes(join(folder, ...parts), TWO_HOURS_AGO, TWO_HOURS_AGO);
}

it('the sweep deletes files without rows and reports rows without files, except recent ones', async () => {
  const blobs = app.app.get(BlobStore);
  const [whole, emptied, partly, young] = [
    await uploadScan(),
    await uploadScan(),
    await uploadScan(),
    await uploadScan(),
  ];
  await app.db.query(`UPDATE scan SET created_at = now() - interval '2 hours' WHERE id <> $1`, [young]);
  await rm(join(folder, 'scans', emptied), { recursive: true });
  await rm(join(folder, 'scans', partly, 'served'));
  await rm(join(folder, 'scans', young), { recursive: true });

  const [orphan, fresh] = [newId(), newId()];
  for (const id of [orphan, fresh]) await blobs.put(`scans/${id}/served`, Readable.from(['x']));
  await age('scans', orphan, 'served');

  for (const name of ['left', 'current']) {
    await mkdir(join(folder, 'incoming', name));
    await writeFile(join(folder, 'incoming', name, 'upload'), 'x');
  }
  await age('incoming', 'left');

  const undeleted = await uploadScan();
  await app.db.query(`UPDATE scan SET deleted_at = now() WHERE id = $1`, [undeleted]);

  const swept = await app.app.get(ScanSweep).sweep();
  expect(swept).toEqual({ purged: 1, orphans: 1, leftovers: 1, incomplete: [emptied, partly] });
  expect(await readdir(join(folder, 'scans'))).toEqual([whole, partly, fresh].sort());
  expect(await readdir(join(folder, 'incoming'))).toEqual(['current']);
  expect(await app.app.get(ScanSweep).sweep()).toMatchObject({ purged: 0, orphans: 0, leftovers: 0 });
});

it('the sweep deletes the files of all deleted scans, of whatever number', async () => {
  const last = await uploadScan();
  await app.db.query(
    `INSERT INTO scan SELECT (jsonb_populate_record(s, jsonb_build_object('id',
       concat('00000000-0000-4000-8000-', lpad(n::text, 12, '0')), 'deleted_at', now()))).* FROM scan s, generate_series(1, 500) n
     WHERE s.id = $1`,
    [last],
  );
  await app.db.query('UPDATE scan SET deleted_at = now() WHERE id = $1', [last]);
  expect(await app.app.get(ScanSweep).sweep()).toMatchObject({ purged: 501 });
  expect(await readdir(join(folder, 'scans'))).not.toContain(last);
});

it('files that cannot be deleted do not stop the sweep, and the next sweep deletes them', async () => {
  const bucket = await FaultyBucket.start(join(folder, 's3'));
  const other = await secondApp(app, { STORAGE_DIR: folder, ...bucket.environment });
  try {
    const uploaded = async (): Promise<string> => (await upload(other, { token, bytes: await png() })).data.id;
    const [kept, deleted] = [await uploaded(), await uploaded()];
    await app.db.query(`UPDATE scan SET deleted_at = now() WHERE id = ANY ($1)`, [[kept, deleted]]);
    const orphans = [newId(), newId()] as const;
    for (const key of orphans.map((id) => `scans/${id}/served`)) {
      await other.app.get(BlobStore).put(key, Readable.from(['x']));
      await utimes(bucket.path(key), TWO_HOURS_AGO, TWO_HOURS_AGO);
    }
    const isKept = (key: string): boolean => [kept, orphans[0]].some((id) => key.startsWith(`scans/${id}/`));
    bucket.refuses = ({ method, key }) => method === 'DELETE' && isKept(key);
    const sweep = other.app.get(ScanSweep);
    expect(await sweep.sweep()).toMatchObject({ purged: 1, orphans: 1 });
    expect((await readdir(join(folder, 's3/scans/scans'))).sort()).toEqual([kept, orphans[0]].sort());
    bucket.refuses = () => false;
    expect(await sweep.sweep()).toMatchObject({ purged: 1, orphans: 1 });
    expect(await readdir(join(folder, 's3/scans'))).not.toContain('scans');
  } finally {
    await other.close();
    await bucket.close();
  }
});
