import { describe, expect, it } from 'vitest';
import { printableAddress, printableOriginal } from '../../../src/record/printable-address.ts';

function printed(address: string, smtputf8 = true): string {
  return printableAddress(Buffer.from(address, 'latin1'), smtputf8);
}

function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

describe('printableAddress', () => {
  it.each([
    ['', 'MAILER-DAEMON'],
    ['bob', 'bob'],
    ['bob@example.com', 'bob@example.com'],
    ['first.last+tag@example.com', 'first.last+tag@example.com'],
    ['two words@example.com', '"two words"@example.com'],
    ['a@b@c@d', '"a@b@c"@d'], // quote_822_local.ref
    ['a"b\\c@example.com', '"a\\"b\\\\c"@example.com'],
    ['.bob@example.com', '".bob"@example.com'],
    ['bob.@example.com', '"bob."@example.com'],
    ['b..b@example.com', '"b..b"@example.com'],
    ['@example.com', '""@example.com'],
    ['@relay:bob@example.com', '@relay:bob@example.com'],
    ['@relay:two words@example.com', '@relay:"two words"@example.com'],
    ['(a)@example.com', '"(a)"@example.com'],
    ['bob@[192.0.2.1]', 'bob@[192.0.2.1]'],
    ['[bob]', '"[bob]"'],
    ['tab\there@example.com', '"tab?here"@example.com'],
    ['cr\rhere@example.com', '"cr\\?here"@example.com'],
    ['bob@exa\x1b[2Jmple.com', 'bob@exa?[2Jmple.com'],
    ['bob\0@example.com', 'bob'], // a C string ends at NUL
    ['\0', 'MAILER-DAEMON'],
  ])('%j is shown as %j', (address, shown) => {
    expect(printed(address)).toBe(shown);
  });

  it.each(['jürgen@example.com', '用户@example.org', 'δοκιμή@example.net', '😀@example.com'])('%s stays', (address) => {
    expect(printed(utf8(address))).toBe(address);
    expect(printed(utf8(address), false)).toMatch(/^\?+@example\.(com|org|net)$|^j\?\?rgen@example\.com$/);
  });

  it.each([
    ['\xff', '?'],
    ['\xc3', '?'], // cut
    ['\xc3(', '"?("'],
    ['\xc0\xaf', '??'], // over-long
    ['\xe0\x80\xaf', '???'],
    ['\xed\xa0\x80', '???'], // surrogate
    ['\xf4\x90\x80\x80', '????'], // beyond U+10FFFF
    ['\xf5\x80\x80\x80', '????'],
    ['\xe2\x82', '??'],
  ])('%j is no UTF-8', (address, shown) => {
    expect(printed(address)).toBe(shown);
  });
});

describe('printableOriginal', () => {
  it.each([
    // A recipient that Postfix added; as postqueue -j of 3.11 prints it.
    ['', '""'],
    ['two words@example.com', '"two words"@example.com'],
  ])('%j', (address, expected) => {
    expect(printableOriginal(Buffer.from(address))).toBe(expected);
  });
});
