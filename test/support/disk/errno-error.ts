import { constants } from 'node:os';

/** An error as node:fs throws it. */
export function errnoError(code: string, syscall: string, path?: string): NodeJS.ErrnoException {
  const numbers: Readonly<Record<string, number>> = constants.errno;
  const number = numbers[code];
  if (number === undefined) {
    throw new TypeError(`${code} is no errno of this system`);
  }
  const subject = path === undefined ? '' : ` '${path}'`;
  return Object.assign(withoutStack(`${code}: simulated, ${syscall}${subject}`), {
    code,
    errno: -number,
    syscall,
    ...(path === undefined ? {} : { path }),
  });
}

/** Nobody looks at it, and a simulated disk makes a million such errors. */
function withoutStack(message: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new Error(message);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
