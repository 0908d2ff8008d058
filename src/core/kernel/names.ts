/** Invisible characters, except joiners and variation selectors, which Persian, Indic, Mongolian and Japanese names need. */
const INVISIBLE =
  /(?!\u200c|\u200d|[\u180b-\u180d]|\u180f|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}])[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\ufff9-\ufffb]/gu;
/** U+2800 is a braille cell without dots. */
const VISIBLE = /(?!\u2800)[\p{L}\p{N}\p{P}\p{S}]/u;
const CONTROLS_AND_LINES = /[\p{Cc}\u2028\u2029]/u;

/** Invisible characters that browsers ignore in host names. */
const JOINERS = /\u200c|\u200d|[\ufe00-\ufe0f]/gu;
/** Browsers treat it as the dot of a host name (UTS 46). NFKC turns its half-width form, U+FF61, into it. */
const IDEOGRAPHIC_DOT = /\u3002/g;

// Each pattern checks only a few characters around a separator, so that matching is fast for every text.
const SCHEME = /:\/\/|(?<![\p{L}\p{N}])(?:https?|hxxps?|ftp|mailto|tel|sms|javascript|data):/iu;
const WWW = /(?<![\p{L}\p{N}])www\./iu;
const HOST_WITH_PATH = /[\p{L}\p{N}\p{M}-]\.\p{L}[\p{L}\p{M}]{1,62}(?::\d|[/?#\\])/u;
/** A lower-case word directly after a dot, unlike `St.John` or `J.R. Smith`. */
const HOST = /[\p{L}\p{N}\p{M}-]{2}\.\p{Ll}{2,63}(?![\p{L}\p{N}])/u;
/** For names in capitals or scripts without case, only known top-level domains: `د.محمد` is a doctor. */
const HOST_IN_KNOWN_DOMAIN =
  /[\p{L}\p{N}\p{M}]\.(?:com|net|org|info|biz|io|app|dev|xyz|link|click|online|site|shop|top|example|مصر|السعودية|امارات|موقع|شبكة|भारत|संगठन|कॉम|नेट)(?![\p{L}\p{N}\p{M}])/iu;
const IP_ADDRESS = /(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)/;
const MAILBOX = /\S@\S/;

/** Removes invisible characters and blanks at both ends. */
export const cleanName = (typed: string): string => typed.replace(INVISIBLE, '').trim();

export const hasVisibleCharacter = (name: string): boolean => VISIBLE.test(name.replace(INVISIBLE, ''));

/** Whether the name contains a control character, such as a line break. */
export const hasControlCharacter = (name: string): boolean => CONTROLS_AND_LINES.test(name);

/** Whether the name contains a URL: a scheme, `www.`, or a host with a path. */
export const hasUrl = (name: string): boolean => {
  const plain = toPlain(name);
  return [SCHEME, WWW, HOST_WITH_PATH].some((pattern) => pattern.test(plain));
};

/** Whether the name contains what a mail program may turn into a link: a URL, a host name, an IP or e-mail address. */
export const hasWebAddress = (name: string): boolean => {
  const plain = toPlain(name);
  return hasUrl(name) || [HOST, HOST_IN_KNOWN_DOMAIN, IP_ADDRESS, MAILBOX].some((pattern) => pattern.test(plain));
};

/** Adds spaces so that mail programs do not turn parts of a name into links: `evil.example` becomes `evil. example`. */
export const withoutLinks = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/:(?=\/\/)/g, ': ')
    .replace(
      /(?<=[\p{L}\p{N}\p{M}\u200c\u200d])[.\u3002](?=[\u200c\u200d]|[\p{L}\p{N}][\p{L}\p{N}\p{M}\u200c\u200d])/gu,
      '$& ',
    )
    .replace(/(?<=\S)@(?=\S)/g, ' @ ');

const toPlain = (name: string): string =>
  name.normalize('NFKC').replace(INVISIBLE, '').replace(JOINERS, '').replace(IDEOGRAPHIC_DOT, '.');

const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;
/** Characters that change the direction of the text around them. */
export const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/** A name or address as one line, without line breaks, which would end a header, and without direction marks. */
export const oneLine = (text: string): string => text.replace(BIDI_CONTROLS, '').replace(CONTROLS, ' ').trim();

/** A person's name as one line in which mail programs detect no link, because anybody can type any name. */
export const personName = (text: string): string => withoutLinks(oneLine(text));
