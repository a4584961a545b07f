/** The built-in defaults of Postfix (postconf(5)) for the parameters that postsnap reads: what holds where no Postfix is installed. */
export const BUILT_IN_PARAMETERS = {
  always_bcc: '',
  body_checks: '',
  bounce_queue_lifetime: '5d',
  canonical_maps: '',
  command_directory: '/usr/sbin',
  config_directory: '/etc/postfix',
  content_filter: '',
  daemon_directory: '/usr/libexec/postfix',
  data_directory: '/var/lib/postfix',
  enable_long_queue_ids: 'no',
  hash_queue_depth: '1',
  hash_queue_names: 'deferred, defer',
  header_checks: '',
  hopcount_limit: '50',
  line_length_limit: '2048',
  mail_owner: 'postfix',
  mail_version: '',
  masquerade_domains: '',
  master_service_disable: '',
  maximal_backoff_time: '4000s',
  maximal_queue_lifetime: '5d',
  message_size_limit: '10240000',
  mime_header_checks: '',
  minimal_backoff_time: '300s',
  multi_instance_name: '',
  myhostname: '',
  nested_header_checks: '',
  queue_directory: '/var/spool/postfix',
  queue_file_attribute_count_limit: '100',
  recipient_bcc_maps: '',
  recipient_canonical_maps: '',
  sender_bcc_maps: '',
  sender_canonical_maps: '',
  setgid_group: 'postdrop',
  syslog_name: 'postfix',
  virtual_alias_maps: '',
} as const;

export type ParameterName = keyof typeof BUILT_IN_PARAMETERS;
export type Parameters = Readonly<Record<ParameterName, string>>;

export const PARAMETER_NAMES: readonly string[] = Object.keys(BUILT_IN_PARAMETERS);

/** Puts values over the built-in defaults; names that postsnap does not read are dropped. */
export function withDefaults(values: ReadonlyMap<string, string>): Parameters {
  const known = [...values].filter(([name]) => PARAMETER_NAMES.includes(name));
  return { ...BUILT_IN_PARAMETERS, ...Object.fromEntries(known) };
}

/** Reads the output of `postconf`: a line `name = value` for each parameter. */
export function parsePostconf(output: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of output.split('\n')) {
    const match = /^([A-Za-z0-9_]+) =(?: (.*))?$/u.exec(line);
    if (match?.[1] !== undefined) {
      values.set(match[1], (match[2] ?? '').trim());
    }
  }
  return values;
}
