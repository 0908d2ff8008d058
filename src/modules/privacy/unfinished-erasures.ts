import { Injectable } from '@nestjs/common';
import { ScansService } from '../scans/index.js';
import { ErasureRepository } from './erasure.repository.js';
import { PeopleRepository, type Person } from './people.repository.js';

/** What remains after the transaction of an erasure: deleting the files, and marking the erasure as finished. */
@Injectable()
export class UnfinishedErasures {
  constructor(
    private readonly erasures: ErasureRepository,
    private readonly people: PeopleRepository,
    private readonly scans: ScansService,
  ) {}

  /** Deletes the person's files. @returns whether all are gone */
  deleteFiles({ clientId }: Person): Promise<boolean> {
    return clientId ? this.scans.purgeDeletedByClient(clientId) : Promise.resolve(true);
  }

  /**
   * The erasures that are not finished. Marks those of accounts that do not exist as finished: the list may be newer than the restored
   * database.
   */
  async *findAll(): AsyncGenerator<Person & { erasedAt: Date }, void> {
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
