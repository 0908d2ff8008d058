import { domainToASCII } from 'node:url';

/** Invisible characters: zero-width, soft hyphen, direction marks, fillers, annotation marks. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\ufff9-\ufffb]/gu;
/** Characters that a URL parser would not treat as a part of the host name. */
const NOT_HOST_CHARACTER = /[%/\\?#:@[\]\s]/;
const NEEDS_IDNA = /[^\x21-\x7e]|xn--/;
const QUOTED = /^"((?:[^"\\]|\\.)*)"$/su;
/** A local part that needs no quotes (RFC 5321, dot-string). */
const DOT_STRING = /^[^\s"(),:;<>@[\\\].]+(?:\.[^\s"(),:;<>@[\\\].]+)*$/u;

/**
 * Returns the canonical form of an e-mail address: no invisible characters, NFKC, lower case, the domain in ASCII (IDNA,
 * UTS 46), no unnecessary quotes (RFC 5321, 4.1.2). Each mailbox has one canonical form, which is stored. The database never
 * computes it, because PostgreSQL's lower() differs from JavaScript's.
 */
export function canonicalEmail(typed: string): string {
  const text = typed.normalize('NFKC').replace(INVISIBLE, '').toLowerCase().normalize('NFKC').trim();
  const at = text.lastIndexOf('@');
  return at < 0 ? text : `${unquoted(text.slice(0, at))}@${asciiDomain(text.slice(at + 1))}`;
}

function unquoted(local: string): string {
  const plain = QUOTED.exec(local)?.[1]?.replace(/\\(.)/gsu, '$1');
  return plain !== undefined && DOT_STRING.test(plain) ? plain : local;
}

/** Returns an invalid domain unchanged: validation rejects it. */
function asciiDomain(domain: string): string {
  if (!NEEDS_IDNA.test(domain) || NOT_HOST_CHARACTER.test(domain)) return domain;
  return domainToASCII(domain) || domain;
}

/** Returns the address in MAIL_FROM, which is `Name <address>` or only an address. */
export const mailAddress = (mailFrom: string): string => /<([^>]+)>/.exec(mailFrom)?.[1] ?? mailFrom.trim();
