import { domainToASCII } from 'node:url';

/** Characters that nobody sees: zero-width, soft hyphen, direction marks, fillers, annotation marks. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\ufff9-\ufffb]/gu;
/** Characters that a URL parser would read as something other than a part of a host name. */
const NOT_OF_A_HOST = /[%/\\?#:@[\]\s]/;
const NEEDS_IDNA = /[^\x21-\x7e]|xn--/;
const QUOTED = /^"((?:[^"\\]|\\.)*)"$/su;
/** What needs no quotes (RFC 5321, dot-string). */
const DOT_STRING = /^[^\s"(),:;<>@[\\\].]+(?:\.[^\s"(),:;<>@[\\\].]+)*$/u;

/**
 * Returns the canonical form of an e-mail address: no invisible characters, NFKC, lower case, the domain in ASCII (IDNA,
 * UTS 46), no quotes that are not needed (RFC 5321, 4.1.2). One mailbox has one form. It is made here and stored; JavaScript's and PostgreSQL's lower() disagree, so the
 * database never makes it.
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

/** A domain that is not valid stays as it is: validation refuses it. */
function asciiDomain(domain: string): string {
  if (!NEEDS_IDNA.test(domain) || NOT_OF_A_HOST.test(domain)) return domain;
  return domainToASCII(domain) || domain;
}
