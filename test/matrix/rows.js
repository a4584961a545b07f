// What is tested where. A row without `node` has the system's own Node.js.

/** The main job, what the system has a say in, and all that the real Postfix judges: parts of paths of test files. */
const JOB = {
  projects: ['cli', 'postfix'],
  files: [
    'cli/main-job',
    'cli/rights',
    'cli/hostile-',
    'cli/owner-process',
    'cli/containers',
    'cli/disks',
    'cli/signals',
    'postfix/',
  ],
};
const ALL = { projects: ['unit', 'property', 'fault', 'cli', 'postfix'], files: [] };

export const ROWS = [
  { name: 'debian-11', suite: 'bullseye', node: 20, ...JOB },
  { name: 'debian-12', suite: 'bookworm', node: 20, ...JOB },
  { name: 'debian-13', suite: 'trixie', ...JOB },
  { name: 'debian-sid', suite: 'sid', ...JOB },
  { name: 'node-22', suite: 'bookworm', node: 22, ...ALL },
  { name: 'node-24', suite: 'bookworm', node: 24, ...ALL },
  { name: 'node-26', suite: 'bookworm', node: 26, ...ALL },
];
