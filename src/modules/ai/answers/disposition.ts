/** How urgent an answer is, the most urgent first. */
export const DISPOSITIONS = ['EMERGENCY', 'URGENT', 'ROUTINE', 'SELF_CARE', 'INFO'] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

/** Long enough for any tag; a model that has written so much without one has not written one. */
const LONGEST_TAG = 40;
const TAG = /^\s*\[{1,2}\s*(?:DISPOSITION\s*[:=]\s*)?([A-Za-z]+(?:[ _-][A-Za-z]+)?)\s*\]{1,2}[\s:.-]*/;

const known = (name: string | undefined): Disposition | undefined =>
  DISPOSITIONS.find((disposition) => disposition === name?.toUpperCase().replace(/[ -]/g, '_'));

/** Takes the tag `[[URGENT]]` off the head of a text that comes in pieces. Without one, or with an unknown: ROUTINE. */
export class DispositionReader {
  disposition: Disposition | null = null;
  private head = '';

  /** @returns the text that may be shown so far */
  push(text: string): string {
    if (this.disposition) return text;
    this.head += text;
    const said = this.head.trimStart();
    return said.includes('\n') || said.length >= LONGEST_TAG ? this.end() : '';
  }

  /** The answer is over, or its head is known. */
  end(): string {
    if (this.disposition) return '';
    const tag = TAG.exec(this.head);
    this.disposition = known(tag?.[1]) ?? 'ROUTINE';
    return tag ? this.head.slice(tag[0].length) : this.head.trimStart();
  }
}
