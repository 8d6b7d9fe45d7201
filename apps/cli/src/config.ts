import { tmpdir } from 'node:os'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Everything that `stint` takes from its surroundings. The only file that reads the environment. */
export interface Config {
  /** Folder of the agent's sockets: STINT_RUN, or /run/stint. `--run` goes before it. */
  readonly runDir: string
  /** This user as the operating system numbers him; null where it has no numbers. */
  readonly uid: number | null
  readonly platform: NodeJS.Platform
  /** Colour and bold may be used on a terminal (NO_COLOR, TERM=dumb). */
  readonly color: boolean
  /** The person asked for no window, or there is no display to show one. */
  readonly display: boolean
  /** A folder that only this user can look into, for what must not be read by others. */
  readonly privateDir: string
  /** Program that opens an address: BROWSER, or the desktop's own. */
  readonly opener: string
  /** Folder of the whole installation, with `apps/` in it. */
  readonly home: string
  /** The Node that runs this, and runs every child. */
  readonly node: string
  /** What child processes are given: ours, with a log that says only what somebody should read. */
  readonly childEnvironment: NodeJS.ProcessEnv
  /** Folders in which programs are looked for, those of the administrator too. */
  readonly programDirs: readonly string[]
}

export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const { NO_COLOR, TERM, STINT_RUN, XDG_RUNTIME_DIR, DISPLAY, WAYLAND_DISPLAY, BROWSER } = environment
  const platform = process.platform
  const graphical = platform === 'darwin' || platform === 'win32' || Boolean(DISPLAY || WAYLAND_DISPLAY)
  return {
    runDir: STINT_RUN || '/run/stint',
    uid: process.getuid?.() ?? null,
    platform,
    color: !NO_COLOR && TERM !== 'dumb',
    display: graphical || Boolean(BROWSER),
    privateDir: XDG_RUNTIME_DIR || tmpdir(),
    opener: BROWSER || (platform === 'darwin' ? 'open' : 'xdg-open'),
    home: fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, ''),
    node: process.execPath,
    childEnvironment: { ...environment, STINT_LOG: environment.STINT_LOG ?? 'warn' },
    programDirs: [...(environment.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  }
}
