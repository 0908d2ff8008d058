import { Injectable } from '@nestjs/common';
import { NIL_ID } from '../../core/kernel/id.js';
import { AuditLinksRepository, type DayRange, type LinkedRow, type LinkPosition } from './audit-links.repository.js';
import { genesisHash, linkHash, toChainKey } from './link-hash.js';
import { DAY_MILLISECONDS, startOfUtcDay } from './utc-days.js';

const PAGE_ROWS = 2_000;
const MAX_REPORTED_LINKS = 100;

/**
 * LINK_MISSING: a position is missing. LINK_CHANGED: the link does not continue the previous one. ROW_MISSING: the audit row was
 * deleted. ROW_CHANGED: the audit row has another hash, or belongs to another chain. ANCHOR_MISSING: the chain is shorter than its
 * anchor, or has another hash there.
 */
export type BreakReason = 'LINK_MISSING' | 'LINK_CHANGED' | 'ROW_MISSING' | 'ROW_CHANGED' | 'ANCHOR_MISSING';

/** The first broken link of a chain. */
export interface BrokenLink extends LinkPosition {
  auditId: string | null;
  reason: BreakReason;
}

/** The last link of a chain at some time, stored outside of the database. */
export interface Anchor extends LinkPosition {
  /** In hex. */
  hash: string;
}

export interface VerificationResult {
  chains: number;
  linkedRows: number;
  /** Of these, rows of archived months: only their links were verified. */
  archivedRows: number;
  unlinkedRows: number;
  brokenChains: number;
  /** The first broken link of each chain; at most 100. */
  broken: BrokenLink[];
}

interface VerificationOptions {
  days?: DayRange;
  anchors?: readonly Anchor[];
  /** Gets the last link of each intact chain. */
  onHead?: (head: Anchor) => void;
}

/** The last link that was read of a chain. */
interface ChainState extends LinkPosition {
  hash: Buffer;
  isBroken: boolean;
}

const ALL_DAYS: DayRange = { from: '0001-01-01', to: '9999-12-31' };

/**
 * Verifies the chains of the audit log page by page. Rows that are linked meanwhile are appended to chains, so they never look like
 * a broken link.
 */
@Injectable()
export class AuditVerifierService {
  constructor(private readonly links: AuditLinksRepository) {}

  async verify({ days = ALL_DAYS, anchors = [], onHead }: VerificationOptions = {}): Promise<VerificationResult> {
    const reader = new ChainReader(anchors, onHead);
    let after: LinkPosition = { clinicId: NIL_ID, day: '0001-01-01', position: 0 };
    let page: LinkedRow[];
    do {
      page = await this.links.findPage(after, days, PAGE_ROWS);
      for (const link of page) reader.accept(link);
      after = page.at(-1) ?? after;
    } while (page.length === PAGE_ROWS);
    return { ...reader.finish(days), unlinkedRows: await this.countUnlinked(days) };
  }

  private async countUnlinked({ from, to }: DayRange): Promise<number> {
    const range = await this.links.findTimeRange();
    if (!range) return 0;
    const first = Math.max(Date.parse(from), startOfUtcDay(range.from));
    const last = Math.min(Date.parse(to), range.to.getTime());
    let total = 0;
    for (let day = first; day <= last; day += DAY_MILLISECONDS) {
      total += await this.links.countUnlinked(new Date(day), new Date(day + DAY_MILLISECONDS));
    }
    return total;
  }
}

/** Verifies links in the order of chains and positions. */
class ChainReader {
  private chain: ChainState | null = null;
  private chains = 0;
  private linkedRows = 0;
  private archivedRows = 0;
  private readonly broken = new Map<string, BrokenLink>();
  private readonly missingAnchors: Map<string, Anchor>;

  constructor(
    anchors: readonly Anchor[],
    private readonly onHead: VerificationOptions['onHead'],
  ) {
    this.missingAnchors = new Map(anchors.map((anchor) => [toPositionKey(anchor), anchor]));
  }

  accept(link: LinkedRow): void {
    this.linkedRows += 1;
    if (link.isArchived) this.archivedRows += 1;
    const anchor = this.missingAnchors.get(toPositionKey(link));
    this.missingAnchors.delete(toPositionKey(link));
    const chain = this.openChain(link);
    if (chain.isBroken) return;
    const isOtherThanAnchor = anchor !== undefined && anchor.hash !== link.hash.toString('hex');
    const reason = findFault(chain, link) ?? (isOtherThanAnchor ? 'ANCHOR_MISSING' : null);
    if (reason) this.reportBroken({ ...toExpected(chain, link, reason), reason });
    this.chain = { ...toPosition(link), hash: link.hash, isBroken: reason !== null };
  }

  /** After the last link. @param days whose anchors must have been found */
  finish(days: DayRange): Omit<VerificationResult, 'unlinkedRows'> {
    this.closeChain();
    for (const anchor of [...this.missingAnchors.values()].sort((a, b) => a.position - b.position)) {
      if (anchor.day >= days.from && anchor.day <= days.to) {
        this.reportBroken({ ...toPosition(anchor), auditId: null, reason: 'ANCHOR_MISSING' });
      }
    }
    const { chains, linkedRows, archivedRows, broken } = this;
    return {
      chains,
      linkedRows,
      archivedRows,
      brokenChains: broken.size,
      broken: [...broken.values()].slice(0, MAX_REPORTED_LINKS),
    };
  }

  /** Returns the chain of the link: the current one or, after closing that, a new one. */
  private openChain(link: LinkedRow): ChainState {
    const { chain } = this;
    if (chain && toChainKey(chain) === toChainKey(link)) return chain;
    this.closeChain();
    this.chains += 1;
    const { clinicId, day } = link;
    return { clinicId, day, position: 0, hash: genesisHash(link), isBroken: false };
  }

  /** Of each chain, only the first fault is reported. */
  private reportBroken(link: BrokenLink): void {
    if (!this.broken.has(toChainKey(link))) this.broken.set(toChainKey(link), link);
  }

  /** Passes the last link of the current chain on, if the chain is intact. */
  private closeChain(): void {
    const { chain } = this;
    if (chain && !chain.isBroken) this.onHead?.({ ...toPosition(chain), hash: chain.hash.toString('hex') });
  }
}

const toPosition = ({ clinicId, day, position }: LinkPosition): LinkPosition => ({ clinicId, day, position });

const toPositionKey = (link: LinkPosition): string => `${toChainKey(link)} ${link.position}`;

/** The position that should come next, if it is missing; otherwise that of the link. */
const toExpected = (chain: ChainState, link: LinkedRow, reason: BreakReason): Omit<BrokenLink, 'reason'> =>
  reason === 'LINK_MISSING'
    ? { ...toPosition(chain), position: chain.position + 1, auditId: null }
    : { ...toPosition(link), auditId: link.auditId };

function findFault(chain: ChainState, link: LinkedRow): BreakReason | null {
  if (link.position !== chain.position + 1) return 'LINK_MISSING';
  if (!link.previousHash.equals(chain.hash)) return 'LINK_CHANGED';
  if (link.isArchived) return null;
  if (!link.row) return 'ROW_MISSING';
  const isOfChain = link.rowClinicId === link.clinicId && link.rowDay === link.day;
  return isOfChain && linkHash(chain.hash, link.row).equals(link.hash) ? null : 'ROW_CHANGED';
}
