/** Errors on their way between threads or processes, where copying would strip them of class and code. */

import {
  ArchiveError,
  type ArchiveErrorCode,
  BusyError,
  type BusyErrorCode,
  InterruptedError,
  type InterruptedState,
  OperatorError,
  type OperatorErrorCode,
  PostsnapError,
  type Remedy,
  SystemError,
  type SystemErrorCode,
} from '../errors.ts';

/** Plain data that stands for an error. */
export type PlainError = (
  | { readonly kind: 'archive'; readonly code: ArchiveErrorCode }
  | { readonly kind: 'operator'; readonly code: OperatorErrorCode }
  | { readonly kind: 'busy'; readonly code: BusyErrorCode }
  | { readonly kind: 'system'; readonly code: SystemErrorCode; readonly errno: string }
  | { readonly kind: 'interrupted'; readonly state?: InterruptedState }
  /** A call that the system refused, and that nobody has put into words. */
  | { readonly kind: 'call'; readonly code: string; readonly number: number }
  | { readonly kind: 'bug'; readonly name: string; readonly stack?: string | undefined }
) &
  PlainDetails;

interface PlainDetails {
  readonly message: string;
  readonly path?: string;
  readonly nextStep?: string;
  readonly remedy?: Remedy;
}

export function encodeError(error: unknown): PlainError {
  if (error instanceof PostsnapError) {
    return { ...kindOf(error), ...detailsOf(error) };
  }
  if (error instanceof Error && isFailedCall(error)) {
    return { kind: 'call', code: error.code, number: error.errno, message: error.message };
  }
  if (error instanceof Error) {
    return { kind: 'bug', name: error.name, message: error.message, stack: error.stack };
  }
  return { kind: 'bug', name: 'Error', message: String(error) };
}

function isFailedCall(error: Error): error is Error & { readonly code: string; readonly errno: number } {
  return 'code' in error && 'errno' in error && typeof error.code === 'string' && typeof error.errno === 'number';
}

function kindOf(error: PostsnapError): PlainError {
  const { message } = error;
  if (error instanceof ArchiveError) {
    return { kind: 'archive', code: error.code, message };
  }
  if (error instanceof OperatorError) {
    return { kind: 'operator', code: error.code, message };
  }
  if (error instanceof BusyError) {
    return { kind: 'busy', code: error.code, message };
  }
  if (error instanceof SystemError) {
    return { kind: 'system', code: error.code, errno: error.errno, message };
  }
  return error instanceof InterruptedError
    ? { kind: 'interrupted', message, ...(error.state === undefined ? {} : { state: error.state }) }
    : { kind: 'bug', name: error.name, message, stack: error.stack };
}

function detailsOf({ message, path, nextStep, remedy }: PostsnapError): PlainDetails {
  return {
    message,
    ...(path === undefined ? {} : { path }),
    ...(nextStep === undefined ? {} : { nextStep }),
    ...(remedy === undefined ? {} : { remedy }),
  };
}

export function decodeError(plain: PlainError): Error {
  switch (plain.kind) {
    case 'archive':
      return new ArchiveError(plain.code, plain.message, plain);
    case 'operator':
      return new OperatorError(plain.code, plain.message, plain);
    case 'busy':
      return new BusyError(plain.code, plain.message, plain);
    case 'system':
      return new SystemError(plain.code, plain.message, plain);
    case 'interrupted':
      return new InterruptedError(plain.message, plain);
    case 'call':
      return Object.assign(new Error(plain.message), { code: plain.code, errno: plain.number });
    case 'bug':
      return decodeBug(plain);
  }
}

function decodeBug({ name, message, stack }: PlainError & { readonly kind: 'bug' }): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) {
    error.stack = stack;
  }
  return error;
}
