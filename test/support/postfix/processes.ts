import { readdirSync, readFileSync } from 'node:fs';

interface ProcessState {
  readonly state: string;
  readonly group: number;
}

/** Fields 3 and 5 of /proc/PID/stat; the command name before them may hold anything (proc(5)). */
function processState(pid: string): ProcessState | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', , group = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, group: Number(group) };
  } catch {
    return undefined;
  }
}

/** Whether a process group has a member that is not a zombie: a container's init may never reap. */
export function groupIsAlive(group: number): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(processState)
    .some((process) => process?.group === group && process.state !== 'Z');
}

export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}
