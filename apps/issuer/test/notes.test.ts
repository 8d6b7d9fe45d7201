import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import {
  ledgerOrigin,
  readNote,
  type VerifierKey,
  verifierKey,
  verifyLedgerCheckpoint,
  verifyLines,
} from '@stint/chain'
import { parseJson } from '@stint/wire'
import { TrustBundle } from '@stint/wire/issuer'
import { openIssuerStore } from '../src/store.ts'
import { bytes } from './test-device.ts'
import { given, reasonOf, type TestIssuer, testIssuer } from './test-issuer.ts'

const root = (n: number) => n.toString(16).padStart(2, '0').repeat(32)

async function logKey(issuer: TestIssuer, name: (tenant: string) => string): Promise<VerifierKey> {
  const { trust, tenant } = given(await issuer.ask({ call: 'trust' }))
  const key = parseJson(TrustBundle, trust).keys.find(({ use }) => use === 'server-log')
  return verifierKey(name(tenant), bytes(key?.pub ?? ''))
}

test('EVID-3: the ledger is signed by the server-log key of the bundle; the same again gives the same note', async () => {
  using issuer = testIssuer()
  const key = await logKey(issuer, ledgerOrigin)
  const sign = { call: 'sign.checkpoint', origin: key.name, size: 3, root: root(1) } as const
  const { note } = given(await issuer.ask(sign))
  const { size, root: signed } = verifyLedgerCheckpoint(note, { origin: key.name, logKeys: [key] })
  assert.deepEqual([size, signed], [3, root(1)])
  assert.equal(given(await issuer.ask(sign)).note, note)
})

test('EVID-3: a second root for a size, or a smaller size, is never signed: conflict, also after a restart', async () => {
  using issuer = testIssuer()
  const { name: origin } = await logKey(issuer, ledgerOrigin)
  const sign = (size: number, hash: string) =>
    issuer.ask({ call: 'sign.checkpoint', origin, size, root: hash })
  given(await sign(3, root(1)))
  given(await sign(5, root(2)))
  for (const [size, hash] of [
    [5, root(3)],
    [4, root(4)],
    [3, root(1)],
  ] as const) {
    const outcome = await sign(size, hash)
    assert.equal(reasonOf(outcome), 'conflict')
    assert.equal(outcome.ok ? null : outcome.refused.details?.lastSize, 5)
  }
  assert.throws(() => issuer.store.run(`update checkpoint set root = zeroblob(32)`), /append-only/)
  assert.throws(() => issuer.store.run(`delete from checkpoint`), /append-only/)
  assert.throws(
    () => issuer.store.run(`insert into checkpoint values (4, zeroblob(32), 1)`),
    /no second root for a size, and no smaller size/,
  )
  given(await sign(6, root(3)))
})

test('another log than the ledger of this tenant is not signed: invalid', async () => {
  using issuer = testIssuer()
  const { tenant } = given(await issuer.ask({ call: 'trust' }))
  for (const origin of [
    ledgerOrigin('0'.repeat(32)),
    `stint/${tenant}/device/${tenant}`,
    `stint/${tenant}/export`,
  ])
    assert.equal(
      reasonOf(await issuer.ask({ call: 'sign.checkpoint', origin, size: 1, root: root(1) })),
      'invalid',
    )
})

test('a manifest is signed under a name of its own and recorded; anything else is invalid', async () => {
  using issuer = testIssuer()
  const key = await logKey(issuer, (tenant) => `stint/${tenant}/export`)
  const text = `${key.name}\nstint evidence bundle v1\n${root(1)}  events.jsonl\n${root(2)}  trust.json\n`
  const { note } = given(await issuer.ask({ call: 'sign.export', text }))
  assert.equal(readNote(note).text, text)
  assert.equal(verifyLines(readNote(note), [key]).length, 1)
  const recorded = issuer.store.all<{ body: string }>(`select body from record where call = 'sign.export'`)
  assert.deepEqual(
    recorded.map(({ body }) => JSON.parse(body).files),
    [2],
  )
  const origin = key.name.replace('export', 'ledger')
  for (const other of [
    `${origin}\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n`,
    `${key.name}\nstint evidence bundle v1\n`,
    `${key.name}\nstint evidence bundle v2\n${root(1)}  a\n`,
    text.slice(0, -1),
    `${text}and more\n`,
  ])
    assert.equal(reasonOf(await issuer.ask({ call: 'sign.export', text: other })), 'invalid')
})

test('a data folder from before the log key is refused with store-version: computers pinned a bundle without it', () => {
  using issuer = testIssuer({ database: 'file' })
  issuer.stop()
  const path = `${issuer.folder}/issuer.db`
  const db = new DatabaseSync(path)
  db.exec('pragma user_version = 1')
  db.close()
  assert.throws(() => openIssuerStore(path), { code: 'store-version', message: /before version 0.1/ })
})
