/** The import rules of ARCHITECTURE.md as tables. Changing one is a decision; say so in docs/decisions. */

/** Which of our packages a package may import. */
export const packagesAllowed: Readonly<Record<string, readonly string[]>> = {
  logic: [],
  code: [],
  chain: [],
  elevation: ['logic'],
  wire: ['elevation'],
  ui: ['elevation', 'code'],
}

/** Built-ins and natives with a right of their own: only files whose path starts so may import them. */
export const reserved: readonly { readonly what: RegExp; readonly only: readonly string[] }[] = [
  {
    what: /^(?:node:child_process|koffi)$/,
    only: ['apps/agent/src/os/', 'apps/agent/src/record/', 'apps/agent/src/deny/', 'apps/cli/src/'],
  },
  {
    what: /^node:net$/,
    only: [
      'apps/agent/src/door/',
      'apps/courier/src/',
      'apps/cli/src/',
      'apps/issuer/src/',
      'apps/server/src/issuer/',
      'apps/server/src/slices/sinks/',
    ],
  },
  {
    what: /^node:(?:http|https|http2|tls|dgram|dns)(?:\/.*)?$/,
    only: ['apps/cli/src/', 'apps/server/src/', 'apps/courier/src/http-server.ts'],
  },
  { what: /^(?:kysely|pg)$/, only: ['apps/server/src/'] },
  {
    what: /^node:sqlite$/,
    // The agent's lock against a second agent is SQLite's file lock: the kernel drops it with the process.
    only: ['apps/server/src/', 'apps/issuer/src/', 'apps/agent/src/config/instance-lock.ts'],
  },
]

/** Files that may call `fetch`. */
export const fetchAllowed = ['apps/cli/src/', 'apps/console/src/api', 'apps/desktop/src/api']

/** Files that may ask for the time or start a timer; everybody else is given a clock. */
export const clockAllowed =
  /(?:^|\/)(?:clock|timers?)[^/]*(?:\/|\.ts$)|\/main\.ts$|^apps\/(?:console|desktop|cli)\/|^packages\/ui\/|^apps\/agent\/src\/(?:os|record|deny)\//

/** Files that may read the environment. */
export const environmentAllowed = /(?:^|\/)config[^/]*(?:\/|\.ts$)|\/main\.ts$|\/vite\.config\.ts$/

/** What the agent is given from outside: types that any step may name. */
export const agentPorts = /^apps\/agent\/src\/(?:os\/os|record\/record|deny\/deny|clock\/clock)\.ts$/

/** The agent's steps in the order of the flow. */
export const agentSteps = ['door', 'ask', 'admit', 'session', 'record', 'deny']

/** The server's slices in the order data meets them. */
export const serverSlices = [
  'ledger',
  'people',
  'devices',
  'policies',
  'requests',
  'approvals',
  'passcodes',
  'sessions',
  'evidence',
  'reports',
  'sinks',
]

/** Names that say nothing. */
export const drawers = /(?:^|\/)(?:utils?|common|shared|helpers?|core|lib|misc)(?:\/|\.tsx?$)/
