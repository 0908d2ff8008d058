import { Injectable } from '@nestjs/common';
import { AuditLinksRepository, type DayRange, type LinkedRow, type LinkPosition } from './audit-links.repository.js';
import { genesisHash, linkHash } from './link-hash.js';
import { NIL_ID } from '../../core/kernel/id.js';

const PAGE = 2_000;
const MAX_REPORTED = 100;
const DAY_MILLISECONDS = 86_400_000;

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
  unlinkedRows: number;
  brokenChains: number;
  /** The first broken link of each chain; at most 100. */
  broken: BrokenLink[];
}

export interface VerificationOptions {
  days?: DayRange;
  anchors?: readonly Anchor[];
  /** Gets the last link of each intact chain. */
  onHead?: (head: Anchor) => void;
}

/** The state of the chain that is being read. */
interface Reading extends LinkPosition {
  hash: Buffer;
  isBroken: boolean;
}

export const ALL_DAYS: DayRange = { from: '0001-01-01', to: '9999-12-31' };

/**
 * Verifies the chains of the audit log page by page. Rows that are linked meanwhile are appended to chains, so they never look like
 * a broken link.
 */
@Injectable()
export class AuditVerifierService {
  constructor(private readonly links: AuditLinksRepository) {}

  async verify({ days = ALL_DAYS, anchors = [], onHead }: VerificationOptions = {}): Promise<VerificationResult> {
    const result: VerificationResult = { chains: 0, linkedRows: 0, unlinkedRows: 0, brokenChains: 0, broken: [] };
    const missingAnchors = new Map(anchors.map((anchor) => [toKey(anchor), anchor]));
    const brokenChains = new Set<string>();
    const report = (broken: BrokenLink): void => {
      // Of each chain, only the first fault is reported.
      if (brokenChains.has(toChainKey(broken))) return;
      brokenChains.add(toChainKey(broken));
      if (result.broken.length < MAX_REPORTED) result.broken.push(broken);
    };
    const reportHead = (chain: Reading | null): void => {
      if (chain && !chain.isBroken) onHead?.({ ...toPosition(chain), hash: chain.hash.toString('hex') });
    };
    let chain: Reading | null = null;
    let after: LinkPosition = { clinicId: NIL_ID, day: '0001-01-01', position: 0 };
    let page: LinkedRow[];
    do {
      page = await this.links.page(after, days, PAGE);
      for (const link of page) {
        if (!chain || chain.clinicId !== link.clinicId || chain.day !== link.day) {
          reportHead(chain);
          chain = { clinicId: link.clinicId, day: link.day, position: 0, hash: genesisHash(link), isBroken: false };
          result.chains += 1;
        }
        result.linkedRows += 1;
        const anchor = missingAnchors.get(toKey(link));
        missingAnchors.delete(toKey(link));
        if (chain.isBroken) continue;
        const reason =
          findFault(chain, link) ?? (anchor && anchor.hash !== link.hash.toString('hex') ? 'ANCHOR_MISSING' : null);
        if (reason) report({ ...toExpected(chain, link, reason), reason });
        Object.assign(chain, { position: link.position, hash: link.hash, isBroken: reason !== null });
      }
      after = page.at(-1) ?? after;
    } while (page.length === PAGE);
    reportHead(chain);
    for (const anchor of [...missingAnchors.values()].sort((a, b) => a.position - b.position)) {
      if (anchor.day >= days.from && anchor.day <= days.to) {
        report({ ...toPosition(anchor), auditId: null, reason: 'ANCHOR_MISSING' });
      }
    }
    result.brokenChains = brokenChains.size;
    result.unlinkedRows = await this.countUnlinked(days);
    return result;
  }

  private async countUnlinked({ from, to }: DayRange): Promise<number> {
    const range = await this.links.timeRange();
    if (!range) return 0;
    const first = Math.max(Date.parse(from), range.from.getTime() - (range.from.getTime() % DAY_MILLISECONDS));
    const last = Math.min(Date.parse(to), range.to.getTime());
    let total = 0;
    for (let day = first; day <= last; day += DAY_MILLISECONDS) {
      total += await this.links.countUnlinked(new Date(day), new Date(day + DAY_MILLISECONDS));
    }
    return total;
  }
}

const toPosition = ({ clinicId, day, position }: LinkPosition): LinkPosition => ({ clinicId, day, position });

const toChainKey = ({ clinicId, day }: LinkPosition): string => `${clinicId} ${day}`;

const toKey = (link: LinkPosition): string => `${toChainKey(link)} ${link.position}`;

/** The position that should come next, if it is missing; otherwise that of the link. */
const toExpected = (chain: Reading, link: LinkedRow, reason: BreakReason): Omit<BrokenLink, 'reason'> =>
  reason === 'LINK_MISSING'
    ? { ...toPosition(chain), position: chain.position + 1, auditId: null }
    : { ...toPosition(link), auditId: link.auditId };

function findFault(chain: Reading, link: LinkedRow): BreakReason | null {
  if (link.position !== chain.position + 1) return 'LINK_MISSING';
  if (!link.previousHash.equals(chain.hash)) return 'LINK_CHANGED';
  if (!link.row) return 'ROW_MISSING';
  const isOfChain = link.rowClinicId === link.clinicId && link.rowDay === link.day;
  return isOfChain && linkHash(chain.hash, link.row).equals(link.hash) ? null : 'ROW_CHANGED';
}
