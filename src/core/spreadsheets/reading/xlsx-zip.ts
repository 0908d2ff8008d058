import type { Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { DomainError } from '../../kernel/domain-error.js';
import { damaged, unreadable } from './unreadable.js';

const MAX_ENTRIES = 1_000;
/** Of all entries together. 200,000 rows with 20 columns have less than 200 MB of XML. */
const MAX_UNCOMPRESSED_BYTES = 512 * 1024 * 1024;
/** Sheets are compressed to a tenth, or to a hundredth if all of their rows are alike. */
const MAX_RATIO = 250;
/** Smaller entries may have any ratio. */
const SMALL_BYTES = 5 * 1024 * 1024;

const SPREADSHEETS: Readonly<Record<string, string>> = {
  'content.xml': 'is an OpenDocument file. Save it as .xlsx or csv.',
  'xl/workbook.bin': 'is a binary Excel file (.xlsb). Save it as .xlsx or csv.',
  'Index/Document.iwa': 'is a Numbers file. Export it as .xlsx or csv.',
};

/** The files in an xlsx file. Sizes are checked before anything is unpacked, and while it is: an entry never has more bytes than it declares. */
export class XlsxZip {
  private constructor(
    private readonly zip: ZipFile,
    private readonly entries: ReadonlyMap<string, Entry>,
  ) {}

  /** @throws DomainError VALIDATION_ERROR if it is no zip file, is too large when it is unpacked, or is another kind of file */
  static async open(path: string): Promise<XlsxZip> {
    const zip = await yauzl.openPromise(path, { autoClose: false, lazyEntries: true }).catch(() => {
      throw damaged();
    });
    try {
      return new XlsxZip(zip, await readEntries(zip));
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** @throws DomainError VALIDATION_ERROR if there is no such file, or its compression is unknown */
  async read(name: string): Promise<Readable> {
    const entry = this.entries.get(name);
    if (!entry || !entry.canDecodeFileData()) throw damaged();
    return this.zip.openReadStreamPromise(entry).catch(() => {
      throw damaged();
    });
  }

  close(): void {
    this.zip.close();
  }
}

async function readEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > MAX_ENTRIES) throw unreadable(`has more than ${MAX_ENTRIES} files in it`);
  const entries = new Map<string, Entry>();
  let total = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      total += entry.uncompressedSize;
      assertSize(entry, total);
      entries.set(entry.fileName, entry);
    }
  } catch (error) {
    throw error instanceof DomainError ? error : damaged();
  }
  for (const [name, message] of Object.entries(SPREADSHEETS)) if (entries.has(name)) throw unreadable(message);
  return entries;
}

function assertSize({ compressedSize, uncompressedSize }: Entry, total: number): void {
  const isDense = uncompressedSize > SMALL_BYTES && uncompressedSize > compressedSize * MAX_RATIO;
  if (isDense || total > MAX_UNCOMPRESSED_BYTES) throw unreadable('is too large when it is unpacked');
}
