/** How urgent an answer is, the most urgent first. */
export const DISPOSITIONS = ['EMERGENCY', 'URGENT', 'ROUTINE', 'SELF_CARE', 'INFO'] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

/** A tag must be complete within this many characters. */
const MAX_START_CHARACTERS = 40;
/**
 * `[[URGENT]]` in the forms that models write: bold, quoted, with one bracket, or without brackets in capitals before a colon
 * or a line end.
 */
const TAG =
  /^[\s*_#>"'`]*(?:\[{1,2}\s*(?:DISPOSITION\s*[:=]\s*)?([A-Za-z]+(?:[ _-][A-Za-z]+)?)\s*\]{1,2}|(EMERGENCY|URGENT|ROUTINE|SELF[_ ]CARE|INFO)(?=[*_"'`]*\s*[:\n]))[\s:.*_"'`-]*/;
const REASONING = '<think>';
const REASONING_END = '</think>';

/** The disposition of a matched tag; undefined if there is no tag or its name is unknown. */
function parseTag(tag: RegExpExecArray | null): Disposition | undefined {
  const name = (tag?.[1] ?? tag?.[2])?.toUpperCase().replace(/[ -]/g, '_');
  return DISPOSITIONS.find((disposition) => disposition === name);
}

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
    // After an emergency tag the model may write nothing more.
    const isEmergency = parseTag(TAG.exec(start)) === 'EMERGENCY';
    const isComplete = isEmergency || start.includes('\n') || start.length >= MAX_START_CHARACTERS;
    return !this.isThinking && isComplete ? this.end() : '';
  }

  /** Call at the end of the text. @returns the rest that may be shown */
  end(): string {
    if (this.disposition) return '';
    const tag = this.isThinking ? null : TAG.exec(this.head);
    this.disposition = parseTag(tag) ?? 'ROUTINE';
    if (this.isThinking) return '';
    return tag ? this.head.slice(tag[0].length) : this.head.trimStart();
  }

  /** Some servers do not remove the reasoning that a model writes first. */
  private skipReasoning(): void {
    if (!this.isThinking) this.isThinking = this.head.trimStart().startsWith(REASONING);
    if (!this.isThinking) return;
    const end = this.head.indexOf(REASONING_END);
    this.isThinking = end < 0;
    this.head = end < 0 ? this.head.slice(-REASONING_END.length) : this.head.slice(end + REASONING_END.length);
  }
}
