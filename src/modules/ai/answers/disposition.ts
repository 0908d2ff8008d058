/** How urgent an answer is, the most urgent first. */
export const DISPOSITIONS = ['EMERGENCY', 'URGENT', 'ROUTINE', 'SELF_CARE', 'INFO'] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

/** Long enough for any tag; a model that has written so much without one has not written one. */
const LONGEST_TAG = 40;
/** `[[URGENT]]` as models write it: in bold, quoted, with one bracket; without any only in capitals and for itself. */
const TAG =
  /^[\s*_#>"'`]*(?:\[{1,2}\s*(?:DISPOSITION\s*[:=]\s*)?([A-Za-z]+(?:[ _-][A-Za-z]+)?)\s*\]{1,2}|(EMERGENCY|URGENT|ROUTINE|SELF[_ ]CARE|INFO)(?=[*_"'`]*\s*[:\n]))[\s:.*_"'`-]*/;
const THOUGHT = '<think>';
const THOUGHT_ENDS = '</think>';

const known = (name: string | undefined): Disposition | undefined =>
  DISPOSITIONS.find((disposition) => disposition === name?.toUpperCase().replace(/[ -]/g, '_'));

/**
 * Takes the tag `[[URGENT]]` off the head of a text that comes in pieces, and what a model thinks before it speaks.
 * Without a tag, or with an unknown: ROUTINE.
 */
export class DispositionReader {
  disposition: Disposition | null = null;
  private head = '';
  private thinks = false;

  /** @returns the text that may be shown so far */
  push(text: string): string {
    if (this.disposition) return text;
    this.head += text;
    this.skipThought();
    const said = this.head.trimStart();
    return !this.thinks && (said.includes('\n') || said.length >= LONGEST_TAG) ? this.end() : '';
  }

  /** The answer is over, or its head is known. */
  end(): string {
    if (this.disposition) return '';
    const tag = this.thinks ? null : TAG.exec(this.head);
    this.disposition = known(tag?.[1] ?? tag?.[2]) ?? 'ROUTINE';
    if (this.thinks) return '';
    return tag ? this.head.slice(tag[0].length) : this.head.trimStart();
  }

  /** Models that reason write it down first, where their server does not take it out. */
  private skipThought(): void {
    if (!this.thinks) this.thinks = this.head.trimStart().startsWith(THOUGHT);
    if (!this.thinks) return;
    const end = this.head.indexOf(THOUGHT_ENDS);
    this.thinks = end < 0;
    this.head = end < 0 ? this.head.slice(-THOUGHT_ENDS.length) : this.head.slice(end + THOUGHT_ENDS.length);
  }
}
