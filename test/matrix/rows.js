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
