import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { AuditLinksRepository, type ChainHead, type NewLink, type UnlinkedRow } from './audit-links.repository.js';
import { genesisHash, linkHash, toChainKey, type Chain } from './link-hash.js';
import { DAY_MILLISECONDS, startOfUtcDay } from './utc-days.js';

/** The maximum number of rows that are linked in one transaction. */
const BATCH_ROWS = 1_000;

/**
 * Links audit rows into hash chains. Writers of audit rows never wait for it: it reads only committed rows, and finds those
 * without a link by comparison, not by an id or time up to which rows were linked. A row that is committed late, with an earlier
 * time than rows that are already linked, is appended to its chain.
 */
@Injectable()
export class AuditLinkerService {
  constructor(
    private readonly db: Database,
    private readonly links: AuditLinksRepository,
  ) {}

  /** Links the rows of a time range, in batches. @returns the number of linked rows; null if another process is linking */
  async link(from: Date, to: Date): Promise<number | null> {
    for (let total = 0; ;) {
      const count = await this.linkBatch(from, to);
      if (count === null) return null;
      total += count;
      if (count < BATCH_ROWS) return total;
    }
  }

  /**
   * Links all rows, one day after the other, so that each statement reads a bounded number of rows.
   * @returns the number of linked rows; null if another process is linking
   */
  async linkAll(): Promise<number | null> {
    const range = await this.links.findTimeRange();
    if (!range) return 0;
    let total = 0;
    for (let day = startOfUtcDay(range.from); day <= range.to.getTime(); day += DAY_MILLISECONDS) {
      const count = await this.link(toDate(day), toDate(day + DAY_MILLISECONDS));
      if (count === null) return null;
      total += count;
    }
    return total;
  }

  /** @returns the number of linked rows; null if another process is linking */
  private linkBatch(from: Date, to: Date): Promise<number | null> {
    return this.db.transaction(async () => {
      if (!(await this.links.tryLock())) return null;
      const rows = await this.links.findUnlinked(from, to, BATCH_ROWS);
      if (rows.length === 0) return 0;
      await this.links.insert(appendToChains(rows, await this.links.findHeads(toDistinctChains(rows))));
      return rows.length;
    });
  }
}

const toDate = (milliseconds: number): Date => new Date(milliseconds);

const toDistinctChains = (rows: readonly Chain[]): Chain[] => [
  ...new Map(rows.map((row) => [toChainKey(row), row])).values(),
];

/** @param known the last links of the chains that exist */
function appendToChains(rows: readonly UnlinkedRow[], known: readonly ChainHead[]): NewLink[] {
  const heads = new Map(known.map((head) => [toChainKey(head), { position: head.position, hash: head.hash }]));
  return rows.map(({ id, clinicId, day, row }) => {
    const chain = toChainKey({ clinicId, day });
    const { position, hash: previousHash } = heads.get(chain) ?? { position: 0, hash: genesisHash({ clinicId, day }) };
    const head = { position: position + 1, hash: linkHash(previousHash, row) };
    heads.set(chain, head);
    return { auditId: id, clinicId, day, previousHash, ...head };
  });
}
