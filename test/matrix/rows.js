// What is tested where. A row without `node` has the system's own Node.js.

/** The main job, and all that the real Postfix judges. */
const JOB = ['cli', 'postfix'];
const ALL = ['unit', 'property', 'fault', ...JOB];

export const ROWS = [
  { name: 'debian-11', suite: 'bullseye', node: 20, projects: JOB },
  { name: 'debian-12', suite: 'bookworm', node: 20, projects: JOB },
  { name: 'debian-13', suite: 'trixie', projects: JOB },
  { name: 'debian-sid', suite: 'sid', projects: JOB },
  { name: 'node-22', suite: 'bookworm', node: 22, projects: ALL },
  { name: 'node-24', suite: 'bookworm', node: 24, projects: ALL },
  { name: 'node-26', suite: 'bookworm', node: 26, projects: ALL },
];
