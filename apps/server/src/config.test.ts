import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { verifierKey, vkeyOf } from '@stint/chain'
import { Fault } from '@stint/elevation'
import { readConfig } from './config.ts'

describe('the command line', () => {
  test('nothing given: this machine only, port 8003, everything below ./data', () => {
    const config = readConfig([], '/stint/apps/server')
    assert.deepEqual(
      [config.verb, config.host, config.port, config.publicUrl],
      ['serve', '127.0.0.1', 8003, 'http://127.0.0.1:8003'],
    )
    assert.match(config.database, /\/data\/server\/stint\.db$/)
    assert.match(config.issuerSocket, /\/data\/issuer\/issuer\.sock$/)
    assert.equal(config.consoleFolder, '/stint/apps/console/dist')
  })

  test('PostgreSQL, IPv6 and a public address', () => {
    const args = [
      '--database',
      'postgres://a@b/c',
      '--listen',
      '[::1]:80',
      '--public-url',
      'https://stint.example.org/',
    ]
    const config = readConfig(args, '/x')
    assert.deepEqual(
      [config.database, config.host, config.port, config.publicUrl],
      ['postgres://a@b/c', '::1', 80, 'https://stint.example.org'],
    )
  })

  test('witnesses: a verifier key and an address each; nobody is asked unless one is named', () => {
    const key = verifierKey('witness.example/w1', new Uint8Array(32), 'cosignature')
    const { witnesses } = readConfig(['--witness', `${vkeyOf(key)} https://witness.example/stint`], '/x')
    assert.deepEqual(
      witnesses.map(({ key: { name, kind }, url }) => [name, kind, url]),
      [['witness.example/w1', 'cosignature', 'https://witness.example/stint']],
    )
    assert.deepEqual(readConfig([], '/x').witnesses, [])
  })

  const logKey = vkeyOf(verifierKey('a', new Uint8Array(32)))
  for (const args of [
    ['--witness', 'https://witness.example'],
    ['--witness', `${logKey} https://witness.example`],
    ['--listen', '8003'],
    ['--listen', '127.0.0.1:99999'],
    ['--public-url', 'ftp://x'],
    ['--public-url', 'https://x/path'],
    ['--owner', 'me'],
    ['--nonsense'],
    ['migrate'],
  ])
    test(`${args.join(' ')} is wrong usage`, () =>
      assert.throws(
        () => readConfig(args, '/x'),
        (error) => error instanceof Fault && error.code === 'usage',
      ))
})
