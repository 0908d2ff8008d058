const LONGEST_WORD = 400;
const MOST_CHARACTERS = 8_000;
/** Control characters but for tab and newline, and those that turn the direction of the text around. */
const UNSEEN = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFEFF]/gu;
const LINK = /(?:https?:|data:|javascript:|\/\/|www\.)\S*/giu;

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
  words.replace(UNSEEN, '').replace(LINK, '[…]').replaceAll('<', '‹').replaceAll('>', '›').replaceAll('](', '] (');
