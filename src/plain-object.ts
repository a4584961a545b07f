/** What a text of JSON, or a message of another process, may be: an object with members of any kind. Pure. */

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
