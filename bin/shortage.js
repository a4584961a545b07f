// What every command takes of the system, looked at before anything is loaded: it would end half-way otherwise, at any place.

import { closeSync, openSync } from 'node:fs';

/** EX_OSERR: the system refuses what every command takes. */
export const REFUSED = 71;
/** More than the command and two threads have open at once while they load; and so many that nothing ends half-way. */
const DESCRIPTORS = 48;

/** What is lacking, with the next step; undefined: nothing is. */
export function shortage() {
  return goneDirectory() ?? fewDescriptors();
}

/** No thread starts there, and what a relative name means nobody can tell. */
function goneDirectory() {
  try {
    process.cwd();
    return undefined;
  } catch (error) {
    return `the working directory is gone (${error.code}). Change into one that is there: cd /`;
  }
}

/** The modules are files, too: with too few descriptors it would end at any of them. */
function fewDescriptors() {
  const opened = [];
  try {
    while (opened.length < DESCRIPTORS) {
      opened.push(openSync('/dev/null'));
    }
    return undefined;
  } catch (error) {
    return error.code === 'EMFILE'
      ? `too few files may be open at once: ${DESCRIPTORS} are needed, and ${opened.length} are left (EMFILE). Allow more: ulimit -n 256`
      : undefined;
  } finally {
    for (const descriptor of opened) {
      closeSync(descriptor);
    }
  }
}
