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
    const add = addTo(zip, output);
    zip.on('error', (error: Error) => output.destroy(error));
    for (const table of EXPORTED_TABLES) {
      add(`${table.file}.json`, () => Promise.resolve(Readable.from(this.toJson(table, person))));
    }
    void this.addScans(add, person).then(
      () => zip.end(),
      (error: unknown) => output.destroy(error as Error),
    );
    return output;
  }

  /** Only the names of the files are held in memory. */
  private async addScans(add: AddPart, { clientId }: Person): Promise<void> {
    for await (const scan of this.data.scans(clientId)) {
      const name = findServedFile(scan);
      if (!name) continue;
      add(`scans/${scan.id}.${EXTENSIONS[scan.format] ?? 'bin'}`, () => this.scans.openStored(scan.id, name));
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

/** The file that the API serves: without metadata of the device, and DICOM without identity. */
const findServedFile = ({ files }: ExportedScan): 'deidentified' | 'served' | undefined =>
  (['deidentified', 'served'] as const).find((name) => files.includes(name));

type AddPart = (path: string, open: () => Promise<Readable>) => void;

/** Returns a function that adds parts, which are opened one after the other. If the output is closed early, the open part is closed. */
function addTo(zip: ZipFile, output: Readable): AddPart {
  let current: Readable | null = null;
  output.once('close', () => current?.destroy());
  return (path, open) =>
    zip.addReadStreamLazy(path, (done) => {
      open().then(
        (stream) => {
          current = stream;
          if (output.destroyed) stream.destroy();
          else done(null, stream);
        },
        (error: unknown) => done(error, Readable.from([])),
      );
    });
}
