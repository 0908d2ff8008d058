const LONGEST_WORD = 400;
const MOST_CHARACTERS = 8_000;
/** Control characters but for tab and newline, and marks that nobody sees but those that join letters. */
const UNSEEN = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]|(?![\u200C\u200D])\p{Cf}/gu;
const LINK = new RegExp(
  [
    '(?:https?|ftp|file|data|javascript|vbscript|mailto|tel|sms|intent|whatsapp):\\S*',
    '(?://|www\\.)\\S*',
    // Clients make links of these by themselves: a name with a path, and well-known ends of names.
    '(?<![\\p{L}\\p{N}])(?:[\\p{L}\\p{N}-]{1,63}\\.){1,5}(?:\\p{L}{2,24}(?::\\d+)?/\\S*|' +
      '(?:com|net|org|info|biz|io|co|me|app|dev|xyz|site|online|shop|link|click|top|ly|ru|cn|eg|ae|sa)(?![\\p{L}\\p{N}])\\S*)',
  ].join('|'),
  'giu',
);
const TAG = /\[{2}\s*(?:EMERGENCY|URGENT|ROUTINE|SELF[_ ]CARE|INFO)\s*\]{2}/giu;

/**
 * What a model wrote, as plain text that no page can take for markup and that leads nowhere: no tags, no links, no
 * images. Comes in pieces, so the last word is held back until it is whole.
 */
export class PlainText {
  text = '';
  private held = '';

  push(piece: string): string {
    const all = this.held + piece;
    const cut = Math.max(all.search(/\s\S*$/u) + 1, all.length - LONGEST_WORD);
    this.held = all.slice(cut);
    return this.add(all.slice(0, cut));
  }

  end(): string {
    const rest = this.held;
    this.held = '';
    return this.add(rest);
  }

  private add(words: string): string {
    const shown = plain(words).slice(0, MOST_CHARACTERS - this.text.length);
    this.text += shown;
    return shown;
  }
}

const plain = (words: string): string =>
  words
    .replace(UNSEEN, '')
    .replace(TAG, '')
    .replace(LINK, '[…]')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('](', '] (');
