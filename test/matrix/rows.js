// What is tested where. A row without `node` has the system's own Node.js.

/** The main job, the command, and all that the real Postfix judges. */
const WITH_POSTFIX = ['cli', 'postfix'];
/** What Node.js has a say in, too: where it is another one than the official 20, on which CI runs everything. */
const ALL = ['unit', 'property', 'fault', ...WITH_POSTFIX];

export const ROWS = [
  { name: 'debian-11', suite: 'bullseye', node: 20, projects: WITH_POSTFIX },
  { name: 'debian-12', suite: 'bookworm', node: 20, projects: WITH_POSTFIX },
  { name: 'debian-13', suite: 'trixie', projects: ALL },
  { name: 'debian-sid', suite: 'sid', projects: ALL },
  { name: 'node-22', suite: 'bookworm', node: 22, projects: ALL },
  { name: 'node-24', suite: 'bookworm', node: 24, projects: ALL },
  { name: 'node-26', suite: 'bookworm', node: 26, projects: ALL },
];

/** What a system and its Postfix judge: the main job, whose rights a command has, containers, and the real Postfix. */
const JUDGED_THERE = [
  'cli/demo',
  'cli/main-job',
  'cli/rights',
  'cli/owner-process',
  'cli/hostile-',
  'cli/containers',
  'postfix/',
];

/**
 * The projects that run in a row, and what the paths of their test files have in them. Without options it is what .ci/run
 * runs on Debian 13. Whoever names a project has all of it, whoever names paths all of them that the row's projects have.
 */
export function chosenTests(row, { everything, project, filter }) {
  if (project.length > 0) {
    return { projects: project, filters: filter };
  }
  return everything === true || filter.length > 0
    ? { projects: row.projects, filters: filter }
    : { projects: WITH_POSTFIX, filters: JUDGED_THERE };
}
