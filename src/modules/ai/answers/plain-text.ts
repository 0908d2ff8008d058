/** A longer word is not held back until it is complete. */
const MAX_WORD_CHARACTERS = 400;
/** The rest of a longer answer is dropped. */
const MAX_CHARACTERS = 8_000;
/** Control characters except tab and newline, and invisible characters except those that join letters. */
const INVISIBLE = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]|(?![\u200C\u200D])\p{Cf}/gu;
const LINK = new RegExp(
  [
    '(?:https?|ftp|file|data|javascript|vbscript|mailto|tel|sms|intent|whatsapp):\\S*',
    '(?://|www\\.)\\S*',
    // Clients also show these as links: a domain with a path, and a domain with a well-known ending.
    '(?<![\\p{L}\\p{N}])(?:[\\p{L}\\p{N}-]{1,63}\\.){1,5}(?:\\p{L}{2,24}(?::\\d+)?/\\S*|' +
      '(?:com|net|org|info|biz|io|co|me|app|dev|xyz|site|online|shop|link|click|top|ly|ru|cn|eg|ae|sa)(?![\\p{L}\\p{N}])\\S*)',
  ].join('|'),
  'giu',
);
const TAG = /\[{2}\s*(?:EMERGENCY|URGENT|ROUTINE|SELF[_ ]CARE|INFO)\s*\]{2}/giu;

/** Converts streamed text to plain text: no markup, links or images. Holds the last word back until it is complete. */
export class PlainTextConverter {
  text = '';
  private held = '';

  push(piece: string): string {
    const all = this.held + piece;
    const cut = Math.max(all.search(/\s\S*$/u) + 1, all.length - MAX_WORD_CHARACTERS);
    this.held = all.slice(cut);
    return this.add(all.slice(0, cut));
  }

  end(): string {
    const rest = this.held;
    this.held = '';
    return this.add(rest);
  }

  private add(words: string): string {
    const shown = toPlainText(words).slice(0, MAX_CHARACTERS - this.text.length);
    this.text += shown;
    return shown;
  }
}

const toPlainText = (words: string): string =>
  words
    .replace(INVISIBLE, '')
    .replace(TAG, '')
    .replace(LINK, '[…]')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('](', '] (');
