import { Injectable } from '@nestjs/common';
import { RecordHash } from '../../core/changes/record-hash.js';

/** E-mail addresses and telephone numbers, which identify people without an id. */
const CONTACT = /@|^\+\d/;

/** The keys of records as they are stored. */
@Injectable()
export class StoredKeys {
  constructor(private readonly hashes: RecordHash) {}

  /** An id stays as it is; an address is replaced by a keyed hash, because it is personal. */
  async toStored(key: string): Promise<string> {
    return CONTACT.test(key) ? ((await this.hashes.compute({ key })) as string).slice(2) : key;
  }

  /** The checksum of a record, by which a change is found. Keyed, because records have health data. */
  async computeChecksum(values: object): Promise<Buffer> {
    const sorted = Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
    return Buffer.from(((await this.hashes.compute(sorted)) as string).slice(2), 'hex');
  }
}
