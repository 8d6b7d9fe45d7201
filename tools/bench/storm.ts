/** What one `sudo` does while it is recorded: many short programs in a row, or a real build. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Workload {
  readonly name: string
  /** What `sudo` runs. */
  readonly command: string
  /** So many programs have an argument of their own that `numbered` knows: what no recorder may lose. */
  readonly count: number
}

/** Names a program of a workload, by its number; stands in the records of everybody who writes arguments. */
export const numbered = /\bf(\d+)\.c\b/g

const stormCount = 1_000
const files = 150

/** @param cores how many programs run at a time, at most */
export function makeWorkloads(undo: AsyncDisposableStack, cores: number): readonly Workload[] {
  const dir = mkdtempSync(join(tmpdir(), 'stint-storm-'))
  undo.defer(() => rmSync(dir, { recursive: true, force: true }))
  chmodSync(dir, 0o755)
  const { path, kind } = makeStorm(dir)
  const storms = [...new Set([1, cores])].map((width) => ({
    name: `${stormCount} ${kind}, ${width} at a time`,
    command: `${path} ${width} ${stormCount}`,
    count: stormCount,
  }))
  return [...storms, ...makeBuild(join(dir, 'build'), cores)]
}

/** Static programs where there is a C compiler: nothing starts faster, so nothing hides the cost of recording. */
function makeStorm(dir: string): { path: string; kind: string } {
  const path = join(dir, 'storm')
  writeFileSync(`${path}.c`, source)
  const built = spawnSync('cc', ['-static', '-O2', '-o', path, `${path}.c`])
  if (built.status === 0) return { path, kind: 'static programs' }
  const script = '#!/bin/sh\nseq -f "f%.0f.c" "$2" | xargs -P "$1" -n 1 true child\n'
  writeFileSync(path, script, { mode: 0o755 })
  return { path, kind: 'true by xargs' }
}

/** A build of small C files; none where make or a compiler is missing. */
function makeBuild(dir: string, cores: number): readonly Workload[] {
  if (['make', 'cc'].some((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0)) return []
  mkdirSync(dir)
  const numbers = Array.from({ length: files }, (_, at) => at + 1)
  for (const at of numbers) writeFileSync(join(dir, `f${at}.c`), cFile(at))
  const objects = numbers.map((at) => `f${at}.o`).join(' ')
  writeFileSync(join(dir, 'Makefile'), `all: ${objects}\n%.o: %.c\n\tcc -O1 -c $< -o $@\n`)
  return [
    { name: `make -j${cores}, ${files} C files`, command: `make -B -s -j${cores} -C ${dir}`, count: files },
  ]
}

const cFile = (at: number): string => `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int work${at}(int argc, char **argv) {
  char text[64];
  for (int i = 0; i < argc; i++) snprintf(text, sizeof text, "%s %d", argv[i], ${at});
  return (int)strlen(text);
}
`

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
    snprintf(number, sizeof number, "f%d.c", at);
    char *child[] = {argv[0], "child", number, 0};
    pid_t pid;
    if (running == width) { wait(0); running--; }
    if (posix_spawn(&pid, argv[0], 0, 0, child, environ)) return 1;
    running++;
  }
  while (wait(0) > 0);
  return 0;
}`
