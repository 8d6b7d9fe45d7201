import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
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

  for (const args of [
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
