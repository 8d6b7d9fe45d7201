import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { ChildPlan } from './child.ts'

/** These run on every computer, all day: a small young generation costs them nothing that anybody notices. */
const frugal = ['--max-semi-space-size=1']

/** How the programs of the product are started. Apps never import apps: this starts their main files. */
export interface Programs {
  issuer(data: string): ChildPlan
  server(options: ServerOptions): ChildPlan
  /** Command line of the server that makes the owner and his token, and ends. */
  init(data: string): readonly string[]
  /** `enrol` is asked at every start for the token's file: once a computer is enrolled there is none anymore. */
  agent(state: string, run: string, courierUid: number, enrol: () => string | null): ChildPlan
  courier(run: string, uid: number): ChildPlan
  main(app: string): readonly string[]
}

export interface ServerOptions {
  readonly data: string
  readonly listen: string
  readonly database?: string
  readonly publicUrl?: string
  readonly owner?: string
  readonly smtp?: string
  readonly smtpFrom?: string
  readonly smtpPasswordFile?: string
  readonly reportsFolder?: string
  readonly factsFolder?: string
  readonly secretsKey?: string
}

/** How reports are sent (docs/operate/scheduled-reports.md). */
function reportOptions({ smtp, smtpFrom, smtpPasswordFile, reportsFolder }: ServerOptions): string[] {
  return [
    ...(smtp === undefined ? [] : ['--smtp', smtp]),
    ...(smtpFrom === undefined ? [] : ['--smtp-from', smtpFrom]),
    ...(smtpPasswordFile === undefined ? [] : ['--smtp-password-file', smtpPasswordFile]),
    ...(reportsFolder === undefined ? [] : ['--reports-folder', reportsFolder]),
  ]
}

/** Where facts may be written, and what seals the secrets of their receivers (docs/operate/sinks.md). */
function sinkOptions({ factsFolder, secretsKey }: ServerOptions): string[] {
  return [
    ...(factsFolder === undefined ? [] : ['--facts-folder', factsFolder]),
    ...(secretsKey === undefined ? [] : ['--secrets-key', secretsKey]),
  ]
}

export function programs({ node, home }: Pick<Config, 'node' | 'home'>): Programs {
  const main = (app: string) => {
    const built = join(home, 'apps', app, 'dist', 'main.js')
    const isBuilt = (app === 'agent' || app === 'courier') && existsSync(built)
    return isBuilt ? [node, ...frugal, built] : [node, join(home, 'apps', app, 'src', 'main.ts')]
  }
  return {
    main,
    issuer: (data) => ({ name: 'issuer', command: () => [...main('issuer'), '--data', data] }),
    server: ({ data, listen, database, publicUrl, owner, ...more }) => ({
      name: 'server',
      command: () => [
        ...main('server'),
        ...['--data', data, '--listen', listen, '--json'],
        ...(database === undefined ? [] : ['--database', database]),
        ...(publicUrl === undefined ? [] : ['--public-url', publicUrl]),
        ...(owner === undefined ? [] : ['--owner', owner]),
        ...reportOptions({ data, listen, ...more }),
        ...sinkOptions({ data, listen, ...more }),
      ],
    }),
    init: (data) => [...main('server'), 'init', '--data', data, '--json'],
    agent: (state, run, courierUid, enrol) => ({
      name: 'agent',
      command: () => {
        const file = enrol()
        const base = [...main('agent'), '--state', state, '--run', run, '--courier-uid', String(courierUid)]
        return [...base, '--json', ...(file === null ? [] : ['--enroll', `@${file}`])]
      },
    }),
    courier: (run, uid) => ({
      name: 'courier',
      command: () => [...main('courier'), '--run', run, '--uid', String(uid), '--gid', String(uid)],
    }),
  }
}
