/** The domains that messages are counted by, as qshape(1) takes them out of addresses. Pure. */

import type { CatalogueRecipient } from '../format/catalogue-line.ts';

/** Names that are longer are none: what is told of them is their end. */
const DOMAIN_MAXIMUM = 255;

/** empty_address_recipient (postconf(5)): what the null address is shown as. */
const NULL_ADDRESS = 'MAILER-DAEMON';

/** As qshape(1) takes it out of an address: lower case, without dots that are too many. A name without `@` is its own. */
export function domainOf(address: string): string {
  if (address === NULL_ADDRESS) {
    return address;
  }
  const domain = address
    .slice(address.lastIndexOf('@') + 1)
    .toLowerCase()
    .replaceAll('..', '.');
  const start = domain.startsWith('.') && domain.length > 1 ? 1 : 0;
  const end = domain.endsWith('.') && domain.length - start > 1 ? domain.length - 1 : domain.length;
  return copyOf(domain.slice(Math.max(start, end - DOMAIN_MAXIMUM), end));
}

/** A recipient whose bounce is pending is done (bounce(8)). */
export function isToDo({ delay_reason, bounce_reason }: CatalogueRecipient): boolean {
  return delay_reason !== undefined || bounce_reason === undefined;
}

/** A part of a text keeps all of it in memory; a copy does not. */
export function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
