import { Injectable } from '@nestjs/common';
import { ScansService } from '../scans/index.js';
import { ErasureRepository } from './erasure.repository.js';
import { PeopleRepository, type Person } from './people.repository.js';

/** What remains after the transaction of an erasure: the files, and the mark that everything is gone. */
@Injectable()
export class ErasureFiles {
  constructor(
    private readonly erasures: ErasureRepository,
    private readonly people: PeopleRepository,
    private readonly scans: ScansService,
  ) {}

  /** @returns whether all files are gone */
  purge({ clientId }: Person): Promise<boolean> {
    return clientId ? this.scans.purgeDeletedByClient(clientId) : Promise.resolve(true);
  }

  /**
   * The erasures that are not finished. Marks those of accounts that do not exist as finished: the list may be newer than the restored
   * database.
   */
  async *findUnfinished(): AsyncGenerator<Person & { erasedAt: Date }, void> {
    for await (const { userId, erasedAt } of this.erasures.findUnfinished()) {
      const person = await this.people.find(userId);
      if (person) yield { ...person, erasedAt };
      else await this.erasures.markFinished(userId, erasedAt);
    }
  }

  markFinished(userId: string, at: Date): Promise<void> {
    return this.erasures.markFinished(userId, at);
  }
}
