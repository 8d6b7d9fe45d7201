import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSecretBox } from './secret-box.ts'

const random = (length: number) => randomBytes(length)

test('what was sealed opens for the same row with the same key, and nowhere else', () => {
  const box = createSecretBox(random(32), random)
  const sealed = box.seal('a secret', 'sink:1')
  assert.equal(box.open(sealed, 'sink:1'), 'a secret')
  assert.equal(box.open(sealed, 'sink:2'), null, 'bound to its row')
  assert.equal(createSecretBox(random(32), random).open(sealed, 'sink:1'), null, 'another key')
  assert.notEqual(box.seal('a secret', 'sink:1'), sealed, 'never twice the same')
})

test('every changed byte is seen', () => {
  const box = createSecretBox(random(32), random)
  const sealed = Buffer.from(box.seal('a secret', 'sink:1'), 'base64')
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    assert.equal(box.open(changed.toString('base64'), 'sink:1'), null, `byte ${at}`)
  }
  assert.equal(box.open('', 'sink:1'), null)
})

test('a key of another length is a broken promise', () => {
  assert.throws(() => createSecretBox(random(16), random), /32 bytes/)
})
