/** Joiners and variation selectors are part of Persian, Indic, Mongolian and Japanese spellings and stay. */
const INVISIBLE =
  /(?!\u200c|\u200d|[\u180b-\u180d]|\u180f|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}])[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\ufff9-\ufffb]/gu;
/** U+2800 is a braille cell without dots. */
const VISIBLE = /(?!\u2800)[\p{L}\p{N}\p{P}\p{S}]/u;
const CONTROLS_AND_LINES = /[\p{Cc}\u2028\u2029]/u;

/** Hide a dot or a letter from whoever looks for a host name, but not from a browser. */
const JOINERS = /\u200c|\u200d|[\ufe00-\ufe0f]/gu;
/** Browsers take these for the dot of a host name (UTS 46); NFKC leaves only the first. */
const OTHER_DOTS = /[\u3002\uff61]/g;

// Each pattern looks at a few characters around its mark, so that no text keeps it busy.
const SCHEME = /:\/\/|(?<![\p{L}\p{N}])(?:https?|hxxps?|ftp|mailto|tel|sms|javascript|data):/iu;
const WWW = /(?<![\p{L}\p{N}])www\./iu;
const HOST_WITH_PATH = /[\p{L}\p{N}\p{M}-]\.\p{L}[\p{L}\p{M}]{1,62}(?::\d|[/?#\\])/u;
/** A lower-case word right behind a dot, unlike `St.John` or `J.R. Smith`. */
const HOST = /[\p{L}\p{N}\p{M}-]{2}\.\p{Ll}{2,63}(?![\p{L}\p{N}])/u;
/** Where capitals or a script without them tell nothing: `د.محمد` is a doctor. */
const HOST_IN_KNOWN_DOMAIN =
  /[\p{L}\p{N}\p{M}]\.(?:com|net|org|info|biz|io|app|dev|xyz|link|click|online|site|shop|top|example|مصر|السعودية|امارات|موقع|شبكة|भारत|संगठन|कॉम|नेट)(?![\p{L}\p{N}\p{M}])/iu;
const IP_ADDRESS = /(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)/;
const MAILBOX = /\S@\S/;

/** Removes invisible characters and blanks at both ends. */
export const cleanName = (typed: string): string => typed.replace(INVISIBLE, '').trim();

export const hasVisibleCharacter = (name: string): boolean => VISIBLE.test(name.replace(INVISIBLE, ''));

/** Whether the name holds a control character, such as a line break. */
export const hasControlCharacter = (name: string): boolean => CONTROLS_AND_LINES.test(name);

/** Whether the name holds a URL: a scheme, `www.`, or a host with a path. */
export const hasUrl = (name: string): boolean => {
  const plain = plainOf(name);
  return [SCHEME, WWW, HOST_WITH_PATH].some((pattern) => pattern.test(plain));
};

/** Whether the name holds what a mail program could turn into a link: a URL, a host name, an IP or e-mail address. */
export const hasWebAddress = (name: string): boolean => {
  const plain = plainOf(name);
  return hasUrl(name) || [HOST, HOST_IN_KNOWN_DOMAIN, IP_ADDRESS, MAILBOX].some((pattern) => pattern.test(plain));
};

/** A person's name in which no mail program finds a link: `evil.example` becomes `evil. example`. */
export const withoutLinks = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/:(?=\/\/)/g, ': ')
    .replace(
      /(?<=[\p{L}\p{N}\p{M}\u200c\u200d])[.\u3002](?=[\u200c\u200d]|[\p{L}\p{N}][\p{L}\p{N}\p{M}\u200c\u200d])/gu,
      '$& ',
    )
    .replace(/(?<=\S)@(?=\S)/g, ' @ ');

const plainOf = (name: string): string =>
  name.normalize('NFKC').replace(INVISIBLE, '').replace(JOINERS, '').replace(OTHER_DOTS, '.');
