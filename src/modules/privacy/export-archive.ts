import { PassThrough, Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ZipFile } from 'yazl';
import { ScansService } from '../scans/index.js';
import { ExportRepository, type ExportedScan } from './export.repository.js';
import { EXPORTED_TABLES, type ExportedTable } from './exported-tables.js';
import type { Person } from './people.repository.js';

const EXTENSIONS: Readonly<Record<string, string>> = { PNG: 'png', JPEG: 'jpg', WEBP: 'webp', DICOM: 'dcm' };

/** Writes the ZIP of everything about a person, while it is read: a JSON file for each kind of data, and the images. */
@Injectable()
export class ExportArchive {
  constructor(
    private readonly data: ExportRepository,
    private readonly scans: ScansService,
  ) {}

  /** The stream fails if a part cannot be read: an incomplete ZIP cannot be opened. */
  create(person: Person): Readable {
    const zip = new ZipFile();
    const output = zip.outputStream.pipe(new PassThrough());
    zip.on('error', (error: Error) => output.destroy(error));
    for (const table of EXPORTED_TABLES) {
      addLazily(zip, `${table.file}.json`, async () => Promise.resolve(Readable.from(this.toJson(table, person))));
    }
    void this.addScans(zip, person).then(
      () => zip.end(),
      (error: unknown) => output.destroy(error as Error),
    );
    return output;
  }

  /** Only the names of the files are held in memory. */
  private async addScans(zip: ZipFile, { clientId }: Person): Promise<void> {
    for await (const scan of this.data.scans(clientId)) {
      const name = exportedFile(scan);
      if (!name) continue;
      const path = `scans/${scan.id}.${EXTENSIONS[scan.format] ?? 'bin'}`;
      addLazily(zip, path, () => this.scans.openStored(scan.id, name));
    }
  }

  private async *toJson(table: ExportedTable, person: Person): AsyncGenerator<string, void> {
    let separator = '[\n';
    for await (const row of this.data.rows(table, person)) {
      yield separator + JSON.stringify(row);
      separator = ',\n';
    }
    yield separator === '[\n' ? '[]\n' : '\n]\n';
  }
}

/** As the API serves it: without metadata of the device, and DICOM without identity. */
const exportedFile = ({ files }: ExportedScan): 'deidentified' | 'served' | undefined =>
  (['deidentified', 'served'] as const).find((name) => files.includes(name));

function addLazily(zip: ZipFile, path: string, open: () => Promise<Readable>): void {
  zip.addReadStreamLazy(path, (done) => {
    open().then(
      (stream) => done(null, stream),
      (error: unknown) => done(error, Readable.from([])),
    );
  });
}
