/** `--metrics-file`, for the commands that a timer runs. */

export const METRICS_FLAG = '--metrics-file <file>';
export const METRICS_HELP = 'write how it went for node_exporter, also if it fails';
