import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { checkArchitecture } from './arch.ts'

const planted: readonly [what: string, path: string, text: string, complaint: RegExp][] = [
  [
    'a relative import out of the room',
    'apps/agent/src/flow.ts',
    "import { x } from '../../server/src/x.ts'",
    /leaves apps\/agent/,
  ],
  ['an app importing an app', 'apps/cli/src/up.ts', "import { a } from '@stint/agent'", /imported by nobody/],
  [
    'code importing elevation',
    'packages/code/src/a.ts',
    "import { a } from '@stint/elevation'",
    /none of ours/,
  ],
  [
    'a built-in in a package',
    'packages/code/src/b.ts',
    "import { hkdfSync } from 'node:crypto'",
    /no built-in/,
  ],
  [
    'child processes outside os',
    'apps/agent/src/session/a.ts',
    "import { spawn } from 'node:child_process'",
    /only in apps\/agent\/src\/os/,
  ],
  [
    'network code in the agent',
    'apps/agent/src/door/h.ts',
    "import http from 'node:http'",
    /root holds no network code/,
  ],
  [
    'SQL in the courier',
    'apps/courier/src/a.ts',
    "import { DatabaseSync } from 'node:sqlite'",
    /only in apps\/server/,
  ],
  [
    'a fake in the product',
    'apps/agent/src/main.ts',
    "import { FakeOs } from './os/fake/fake-os.ts'",
    /never import fakes/,
  ],
  [
    'a step importing a later step',
    'apps/agent/src/ask/a.ts',
    "import { s } from '../session/session.ts'",
    /ask comes before session/,
  ],
  [
    'a step importing code of an earlier step',
    'apps/agent/src/admit/a.ts',
    "import { a } from '../ask/ask.ts'",
    /only types/,
  ],
  [
    'a backend importing the agent',
    'apps/agent/src/os/linux/a.ts',
    "import { j } from '../../journal/journal.ts'",
    /a backend imports only/,
  ],
  [
    'a slice importing to its right',
    'apps/server/src/slices/people/a.ts',
    "import { s } from '../sessions/sessions.ts'",
    /people comes before sessions/,
  ],
  [
    'a slice importing a store of another',
    'apps/server/src/slices/sessions/a.ts',
    "import { p } from '../people/people.store.ts'",
    /only the public file/,
  ],
  [
    'http knowing a slice',
    'apps/server/src/http/a.ts',
    "import { p } from '../slices/people/people.ts'",
    /http knows no slice/,
  ],
  [
    'wire outside routes',
    'apps/server/src/slices/people/people.ts',
    "import { Me } from '@stint/wire/console'",
    /only \*\.routes\.ts/,
  ],
  [
    'a page importing a page',
    'apps/console/src/pages/a.tsx',
    "import { B } from './b.tsx'",
    /pages never import pages/,
  ],
  [
    'the independent generator using the product',
    'tools/vectors/generate/a.ts',
    "import { c } from '@stint/code'",
    /contradict/,
  ],
  [
    'the verifier using the product',
    'tools/verify/a.ts',
    "import { readNote } from '@stint/chain'",
    /contradict/,
  ],
  [
    'the verifier using a library',
    'tools/verify/b.ts',
    "import { sha256 } from '@noble/hashes/sha2.js'",
    /only its own files/,
  ],
  [
    'the verifier using another tool',
    'tools/verify/c.ts',
    "import { caseOf } from '../vectors/case.ts'",
    /only its own files/,
  ],
  ['an undeclared dependency', 'apps/courier/src/b.ts', "import p from 'left-pad'", /not declared/],
  ['fetch in the agent', 'apps/agent/src/ask/b.ts', "export const a = () => fetch('x')", /fetch only in/],
  [
    'asking for the time',
    'apps/server/src/slices/people/c.ts',
    'export const a = () => Date.now()',
    /take a clock/,
  ],
  ['reading the environment', 'apps/courier/src/c.ts', 'export const a = process.env.HOME', /only in config/],
  [
    'the server opening a connection',
    'apps/server/src/slices/devices/dial.ts',
    "import { connect } from 'node:net'",
    /only in apps\/agent\/src\/door/,
  ],
  [
    'the server calling somebody',
    'apps/server/src/slices/devices/call.ts',
    "export const a = () => fetch('x')",
    /fetch only in/,
  ],
  [
    'the courier starting programs',
    'apps/courier/src/raise.ts',
    "import { spawn } from 'node:child_process'",
    /only in apps\/agent/,
  ],
  [
    'the courier importing the agent',
    'apps/courier/src/os.ts',
    "import { linuxOs } from '@stint/agent'",
    /imported by nobody/,
  ],
  [
    'markup from a string',
    'apps/console/src/pages/raw.tsx',
    'export const Raw = (props: object) => <div dangerouslySetInnerHTML={props} />',
    /shown as text/,
  ],
  ['a drawer', 'apps/courier/src/utils/a.ts', 'export {}', /says nothing/],
  ['a barrel', 'apps/courier/src/links/index.ts', "export * from './a.ts'", /no barrel/],
]

const allowed: readonly [what: string, path: string, text: string][] = [
  [
    'a type of an earlier step',
    'apps/agent/src/session/ok.ts',
    "import type { Grant } from '../admit/grant.ts'",
  ],
  ['wire importing elevation', 'packages/wire/src/ok.ts', "import { modes } from '@stint/elevation'"],
  [
    'a slice importing a public file to its left',
    'apps/server/src/slices/sessions/ok.ts',
    "import { p } from '../people/people.ts'",
  ],
  ['a test importing a fake', 'apps/agent/src/flow.test.ts', "import { FakeOs } from './os/fake/fake-os.ts'"],
]

describe('the import rules', () => {
  let root = ''
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'arch-'))
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), `${text}\n`)
    }
    const every = { '@stint/elevation': '*', '@stint/wire': '*', '@stint/code': '*', '@stint/agent': '*' }
    for (const room of ['agent', 'cli', 'courier', 'server', 'console'])
      write(`apps/${room}/package.json`, JSON.stringify({ dependencies: every }))
    for (const room of ['code', 'wire'])
      write(`packages/${room}/package.json`, JSON.stringify({ dependencies: every }))
    write('package.json', '{}')
    for (const [, path, text] of [...planted, ...allowed]) write(path, text)
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  for (const [what, path, , complaint] of planted)
    test(`refuse ${what}`, () => {
      const found = checkArchitecture(root).filter((line) => line.startsWith(`${path}:`))
      assert.ok(
        found.some((line) => complaint.test(line)),
        `nothing like ${complaint} in:\n${found.join('\n')}`,
      )
    })

  test('WEB-13: no face makes markup from a string', () => {
    assert.match(checkArchitecture(root).join('\n'), /^apps\/console\/src\/pages\/raw.tsx:.*shown as text/m)
  })

  test('GATE-3: the server opens no connection, so it cannot call an agent', () => {
    const found = checkArchitecture(root).join('\n')
    assert.match(found, /^apps\/server\/src\/slices\/devices\/dial.ts:.*node:net.*only in/m)
    assert.match(found, /^apps\/server\/src\/slices\/devices\/call.ts:.*fetch only in/m)
  })

  test('GATE-6: the agent may not import what opens a network socket, the courier not what raises', () => {
    const found = checkArchitecture(root).join('\n')
    assert.match(found, /^apps\/agent\/src\/door\/h.ts:.*root holds no network code/m)
    assert.match(found, /^apps\/agent\/src\/ask\/b.ts:.*fetch only in/m)
    assert.match(found, /^apps\/courier\/src\/raise.ts:.*node:child_process.*only in/m)
    assert.match(found, /^apps\/courier\/src\/os.ts:.*imported by nobody/m)
  })

  for (const [what, path] of allowed)
    test(`allow ${what}`, () => {
      assert.deepEqual(
        checkArchitecture(root).filter((line) => line.startsWith(`${path}:`)),
        [],
      )
    })
})
