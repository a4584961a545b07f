/** Being stopped by the terminal (Ctrl-Z), by a process that does something else first. */

/**
 * Stops this process until somebody continues it, by what SIGTSTP means where nobody listens. SIGSTOP would be more than
 * that: it also stops a process whose group is orphaned, as under `ssh -t HOST COMMAND`, and there nobody could continue it
 * (setpgid(2), signal(7); suspension.test.ts, "where nobody could continue it, it goes on").
 */
export function suspend(): void {
  const listeners = process.listeners('SIGTSTP');
  process.removeAllListeners('SIGTSTP');
  process.kill(process.pid, 'SIGTSTP');
  for (const listener of listeners) {
    process.on('SIGTSTP', listener);
  }
}
