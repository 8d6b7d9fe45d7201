/** Many short programs in a row, started by one `sudo`: what costs most where every program is written down. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** `storm WIDTH COUNT` runs COUNT programs `… child NUMBER`, WIDTH at a time. */
export interface Storm {
  readonly path: string
  readonly kind: 'static programs' | 'true by xargs'
}

/** Static programs where there is a C compiler: nothing starts faster, so nothing hides the cost of recording. */
export function makeStorm(undo: AsyncDisposableStack): Storm {
  const dir = mkdtempSync(join(tmpdir(), 'stint-storm-'))
  undo.defer(() => rmSync(dir, { recursive: true, force: true }))
  chmodSync(dir, 0o755)
  const path = join(dir, 'storm')
  writeFileSync(`${path}.c`, source)
  const built = spawnSync('cc', ['-static', '-O2', '-o', path, `${path}.c`])
  if (built.status === 0) return { path, kind: 'static programs' }
  writeFileSync(path, '#!/bin/sh\nseq "$2" | xargs -P "$1" -n 1 true child\n', { mode: 0o755 })
  return { path, kind: 'true by xargs' }
}

const source = `
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
extern char **environ;
int main(int argc, char **argv) {
  if (argc != 3) return 2;
  if (argv[1][0] == 'c') return 0;
  int width = atoi(argv[1]), count = atoi(argv[2]), running = 0;
  for (int at = 1; at <= count; at++) {
    char number[16];
    snprintf(number, sizeof number, "%d", at);
    char *child[] = {argv[0], "child", number, 0};
    pid_t pid;
    if (running == width) { wait(0); running--; }
    if (posix_spawn(&pid, argv[0], 0, 0, child, environ)) return 1;
    running++;
  }
  while (wait(0) > 0);
  return 0;
}`
