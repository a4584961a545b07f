/** The release of a Postfix, by its mail_version. */

export type Release = readonly [major: number, minor: number];

/** mail_version is `3.7.11`, or `3.12-20260821` for a snapshot. */
export function releaseOf(mailVersion: string): Release | undefined {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})(?!\d)/u.exec(mailVersion) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

/** Whether one release is older than the other. */
export function isBefore([major, minor]: Release, [otherMajor, otherMinor]: Release): boolean {
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
