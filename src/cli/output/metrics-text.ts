/**
 * Metrics in the text format of Prometheus (as node_exporter's textfile collector reads it). Names have units; the time of
 * an event is a gauge of seconds since the epoch, so that its age is right whenever it is asked for. Pure.
 */

/** A family: what it means, and its values. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All families as text; those without a value are left out. */
export function encodeMetrics(families: readonly MetricFamily[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) => {
      const head = `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} gauge\n`;
      return head + samples.map((sample) => `${name}${encodeLabels(sample.labels)} ${sample.value}\n`).join('');
    })
    .join('');
}

function encodeLabels(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** The value of a family that has one, in a text that {@link encodeMetrics} made. */
export function findMetric(text: string, name: string): number | undefined {
  const line = text
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name} `) || candidate.startsWith(`${name}{`));
  const value = Number(line?.slice(line.lastIndexOf(' ') + 1));
  return line === undefined || !Number.isFinite(value) ? undefined : value;
}

const NAME = /^(?:# (?:HELP|TYPE) )?([A-Za-z_:][A-Za-z0-9_:]*)/u;

/** The families of a text whose names are wanted, as they stand there. */
export function pickFamilies(text: string, isWanted: (name: string) => boolean): string {
  const lines = text.split('\n').filter((line) => {
    const name = NAME.exec(line)?.[1];
    return name !== undefined && isWanted(name);
  });
  return lines.map((line) => `${line}\n`).join('');
}
