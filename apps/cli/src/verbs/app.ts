import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { openDoor } from '../door.ts'
import { done, type Ending, failed } from '../ending.ts'
import { openBrowser } from '../page/open-browser.ts'
import { createPageGuard, type PageGuard } from '../page/page-guard.ts'
import { createPageServer } from '../page/page-server.ts'
import { type DoorOption, run, type Surroundings, type Verb, withDoor } from '../verb.ts'

interface Options extends DoorOption {
  /** Commander's name for --no-open. */
  readonly open: boolean
}

/** The page's server ends by itself when nobody has looked at the page for this long. */
const idleMs = 15 * 60_000

export const appVerb: Verb = (program, around) => {
  withDoor(
    program
      .command('app')
      .summary('open the page in your browser')
      .description(
        'Opens your page in the browser. Ends with Ctrl-C, or when it has been closed for 15 minutes.',
      )
      .option('--no-open', 'print the address only'),
    'stint app',
  ).action((options: Options) => run(around, options, () => servePage(options, around)))
}

async function servePage(options: Options, around: Surroundings): Promise<Ending> {
  const { config, clock } = around
  const assets = join(config.home, 'apps', 'desktop', 'dist')
  if (!existsSync(join(assets, 'index.html')))
    return failed('refused', {
      code: 'page-not-built',
      message: 'The page is not built yet.',
      hint: `Run \`npm run build\` in ${config.home}.`,
    })
  const stopped = around.stopWhenAsked()
  const idle = idleSignal(around)
  const [key, token] = [secret(), secret()]
  let guard: PageGuard | null = null
  const whenKnown: PageGuard = {
    refuse: (headers, call) => (guard === null ? 'wrong-host' : guard.refuse(headers, call)),
    open: (given) => guard?.open(given) ?? null,
    holdsToken: (headers) => guard?.holdsToken(headers) ?? false,
  }
  const server = await createPageServer({
    assets,
    guard: whenKnown,
    clock,
    openDoor: () => openDoor({ runDir: options.run ?? config.runDir, uid: config.uid, clock }),
    onWatching: idle.onWatching,
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const host = `127.0.0.1:${(server.server.address() as AddressInfo).port}`
  guard = createPageGuard(host, key, token)
  const window = announce(`http://${host}/#${key}`, options, around)
  await Promise.race([aborted(stopped), aborted(idle.signal)])
  idle.close()
  window.done()
  await server.close()
  return done(undefined, 'The page is closed.')
}

const secret = () => randomBytes(32).toString('base64url')

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

function announce(
  url: string,
  { json, open }: Options,
  { terminal, config }: Surroundings,
): { readonly done: () => void } {
  if (json) terminal.print(JSON.stringify({ url }))
  const tell = () => {
    if (!json)
      terminal.print(`Open this address in your browser; it is good once, and only for you:\n\n    ${url}\n`)
  }
  if (open && config.display) {
    if (!json) terminal.print('Opening your page in the browser. Ctrl-C closes it.')
    return openBrowser(url, config, tell)
  }
  tell()
  return { done: () => {} }
}

/** Aborts once no page has been open for `idleMs`; `close` when nobody waits for it anymore. */
function idleSignal({ clock }: Surroundings) {
  const over = new AbortController()
  let closed = false
  let cancel = () => {}
  const onWatching = (pages: number) => {
    cancel()
    cancel = pages > 0 || closed ? () => {} : clock.after(idleMs, () => over.abort())
  }
  onWatching(0)
  const close = () => {
    closed = true
    cancel()
  }
  return { signal: over.signal, onWatching, close }
}
