import { installedRelease } from './version.ts';

/** A line of master.cf(5): name, type, private, unprivileged, chroot, wakeup, maxproc, command. */
interface Service {
  readonly name: string;
  readonly line: string;
}

// No service is chrooted: a private queue directory has no etc/ or lib/ in it.
const SERVICES: readonly Service[] = [
  { name: 'pickup', line: 'pickup unix n - n 60 1 pickup' },
  { name: 'cleanup', line: 'cleanup unix n - n - 0 cleanup' },
  { name: 'qmgr', line: 'qmgr unix n - n 300 1 qmgr' },
  { name: 'tlsmgr', line: 'tlsmgr unix - - n 1000? 1 tlsmgr' },
  { name: 'rewrite', line: 'rewrite unix - - n - - trivial-rewrite' },
  { name: 'bounce', line: 'bounce unix - - n - 0 bounce' },
  { name: 'defer', line: 'defer unix - - n - 0 bounce' },
  { name: 'trace', line: 'trace unix - - n - 0 bounce' },
  { name: 'verify', line: 'verify unix - - n - 1 verify' },
  { name: 'flush', line: 'flush unix n - n 1000? 0 flush' },
  { name: 'proxymap', line: 'proxymap unix - - n - - proxymap' },
  { name: 'proxywrite', line: 'proxywrite unix - - n - 1 proxymap' },
  { name: 'smtp', line: 'smtp unix - - n - - smtp' },
  { name: 'relay', line: 'relay unix - - n - - smtp' },
  { name: 'showq', line: 'showq unix n - n - - showq' },
  { name: 'error', line: 'error unix - - n - - error' },
  { name: 'retry', line: 'retry unix - - n - - error' },
  { name: 'discard', line: 'discard unix - - n - - discard' },
  { name: 'local', line: 'local unix - n n - - local' },
  { name: 'virtual', line: 'virtual unix - n n - - virtual' },
  { name: 'lmtp', line: 'lmtp unix - - n - - lmtp' },
  { name: 'anvil', line: 'anvil unix - - n - 1 anvil' },
  { name: 'scache', line: 'scache unix - - n - 1 scache' },
  { name: 'postlog', line: 'postlog unix-dgram n - n - 1 postlogd' },
];

export interface InstanceDirectories {
  readonly base: string;
  readonly queueDirectory: string;
  readonly dataDirectory: string;
  readonly logFile: string;
}

export interface InstancePorts {
  readonly smtpPort: number;
  readonly relayPort: number;
}

/** What every private instance sets: nothing is delivered locally, and nothing leaves loopback. */
export function defaultParameters(directories: InstanceDirectories, ports: InstancePorts): Record<string, string> {
  return {
    // Below it, commands of 3.11 complain on stderr of settings that are left to a default of former times.
    compatibility_level: installedRelease(),
    queue_directory: directories.queueDirectory,
    data_directory: directories.dataDirectory,
    maillog_file: directories.logFile,
    maillog_file_prefixes: directories.base,
    myhostname: 'mail.example.com',
    mydomain: 'example.com',
    myorigin: '$mydomain',
    mydestination: '',
    local_recipient_maps: '',
    alias_maps: '',
    alias_database: '',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    mynetworks: '127.0.0.0/8',
    relayhost: `[127.0.0.1]:${ports.relayPort}`,
    smtp_dns_support_level: 'disabled',
    smtp_host_lookup: 'native',
    smtpd_peername_lookup: 'no',
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    smtp_tls_security_level: 'none',
    smtputf8_enable: 'yes',
    notify_classes: '',
    biff: 'no',
  };
}

export function mainCf(parameters: ReadonlyMap<string, string>): string {
  return [...parameters].map(([name, value]) => `${name} = ${value}\n`).join('');
}

export interface Services {
  readonly smtpPort: number;
  readonly without: ReadonlySet<string>;
  /** Lines of services that no other instance has. */
  readonly also: readonly string[];
}

export function masterCf({ smtpPort, without, also }: Services): string {
  const lines = SERVICES.filter(({ name }) => !without.has(name)).map(({ line }) => line);
  lines.push(...also);
  if (!without.has('smtpd')) {
    lines.unshift(`127.0.0.1:${smtpPort} inet n - n - - smtpd`);
  }
  return `${lines.join('\n')}\n`;
}
