/**
 * Patterns of addresses and reasons. What they are matched against comes from strangers, so matching takes time in
 * proportion to the text, whatever the pattern: the patterns are RE2's, which has no back-references and no look-around,
 * and never backtracks.
 */

import { OperatorError } from '../errors.ts';

/** Whether a text fits. */
export type TextTest = (text: string) => boolean;

/** Characters of a pattern: what RE2 makes of it grows with them. */
const PATTERN_MAXIMUM = 1000;

/** What the null address is shown as (empty_address_recipient), and how it is written in an envelope. */
const NULL_ADDRESS = 'mailer-daemon';
const EMPTY_PATH = '<>';

/**
 * Compiles an address as it is, `@domain`, or `/regex/`: all without regard to case. An address may stand between `<` and
 * `>`. A domain means itself, not its sub-domains.
 *
 * @throws OperatorError `usage`
 */
export async function addressTest(text: string): Promise<TextTest> {
  if (text.startsWith('/')) {
    return reasonTest(text);
  }
  const wanted = withoutBrackets(text).toLowerCase();
  return wanted.startsWith('@')
    ? (address) => address.toLowerCase().endsWith(wanted)
    : (address) => address.toLowerCase() === wanted;
}

/**
 * Compiles `/regex/`, which may match anywhere in the text, without regard to case.
 *
 * @throws OperatorError `usage`
 */
export async function reasonTest(text: string): Promise<TextTest> {
  const [, pattern] = /^\/(.+)\/$/su.exec(text) ?? [];
  if (pattern === undefined) {
    throw new OperatorError('usage', `${text} is no pattern`, {
      nextStep: 'Put it between slashes: /timed out/.',
    });
  }
  if (pattern.length > PATTERN_MAXIMUM) {
    throw new OperatorError(
      'usage',
      `a pattern may have ${PATTERN_MAXIMUM} characters, this one has ${pattern.length}`,
    );
  }
  const { RE2JS, RE2JSException } = await import('re2js');
  try {
    const compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
    return (tested) => compiled.test(tested);
  } catch (error) {
    if (error instanceof RE2JSException) {
      throw new OperatorError('usage', `${text} can't be used: ${error.message}`, {
        nextStep: 'Patterns are those of RE2: without back-references and look-around.',
        cause: error,
      });
    }
    throw error;
  }
}

function withoutBrackets(text: string): string {
  return text === EMPTY_PATH ? NULL_ADDRESS : text.replace(/^<(.*)>$/su, '$1');
}
