/** How urgent an answer is, the most urgent first. */
export const DISPOSITIONS = ['EMERGENCY', 'URGENT', 'ROUTINE', 'SELF_CARE', 'INFO'] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

/** A model that has written this many characters without a tag has not written one. */
const MAX_TAG_CHARACTERS = 40;
/** `[[URGENT]]` as models write it: bold, quoted, with one bracket; without brackets only in capitals and alone on its line. */
const TAG =
  /^[\s*_#>"'`]*(?:\[{1,2}\s*(?:DISPOSITION\s*[:=]\s*)?([A-Za-z]+(?:[ _-][A-Za-z]+)?)\s*\]{1,2}|(EMERGENCY|URGENT|ROUTINE|SELF[_ ]CARE|INFO)(?=[*_"'`]*\s*[:\n]))[\s:.*_"'`-]*/;
const REASONING = '<think>';
const REASONING_END = '</think>';

const known = (name: string | undefined): Disposition | undefined =>
  DISPOSITIONS.find((disposition) => disposition === name?.toUpperCase().replace(/[ -]/g, '_'));

const tagOf = (head: string): Disposition | undefined => {
  const tag = TAG.exec(head);
  return known(tag?.[1] ?? tag?.[2]);
};

/**
 * Removes the tag `[[URGENT]]` and the reasoning (`<think>`) from the start of a streamed text. The disposition is ROUTINE if
 * the tag is missing or unknown.
 */
export class DispositionReader {
  disposition: Disposition | null = null;
  private head = '';
  private isThinking = false;

  /** @returns the text that may be shown so far */
  push(text: string): string {
    if (this.disposition) return text;
    this.head += text;
    this.skipReasoning();
    const start = this.head.trimStart();
    // An emergency does not wait for the end of its line: the model may write nothing more.
    const isComplete = start.includes('\n') || start.length >= MAX_TAG_CHARACTERS || tagOf(start) === 'EMERGENCY';
    return !this.isThinking && isComplete ? this.end() : '';
  }

  /** Call at the end of the text. @returns the rest that may be shown */
  end(): string {
    if (this.disposition) return '';
    const tag = this.isThinking ? null : TAG.exec(this.head);
    this.disposition = known(tag?.[1] ?? tag?.[2]) ?? 'ROUTINE';
    if (this.isThinking) return '';
    return tag ? this.head.slice(tag[0].length) : this.head.trimStart();
  }

  /** Models write their reasoning first, if their server does not remove it. */
  private skipReasoning(): void {
    if (!this.isThinking) this.isThinking = this.head.trimStart().startsWith(REASONING);
    if (!this.isThinking) return;
    const end = this.head.indexOf(REASONING_END);
    this.isThinking = end < 0;
    this.head = end < 0 ? this.head.slice(-REASONING_END.length) : this.head.slice(end + REASONING_END.length);
  }
}
