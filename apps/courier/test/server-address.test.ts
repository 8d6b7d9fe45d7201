import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serverAddress } from '../src/server-address.ts'

test('https anywhere and http on this computer are addresses, without a slash at the end', () => {
  const cases = [
    ['https://stint.example', 'https://stint.example'],
    ['https://stint.example:8443/stint/', 'https://stint.example:8443/stint'],
    ['http://127.0.0.1:8003', 'http://127.0.0.1:8003'],
    ['http://localhost:8003/', 'http://localhost:8003'],
    ['http://[::1]:8003', 'http://[::1]:8003'],
  ]
  for (const [text, address] of cases) assert.equal(serverAddress(text ?? '', false), address)
})

test('anything else is refused: server-address', () => {
  const cases = [
    'http://stint.example',
    'http://127.0.0.1.stint.example',
    'http://10.0.0.1',
    'http://localhost.evil.example',
    'https://eva:secret@stint.example',
    'https://stint.example/?a=b',
    'https://stint.example/#a',
    'file:///etc/passwd',
    'ftp://stint.example',
    'stint.example',
    '',
  ]
  for (const text of cases) assert.throws(() => serverAddress(text, false), { code: 'server-address' }, text)
})

test('plain HTTP to others only when it was asked for', () => {
  assert.equal(serverAddress('http://10.0.0.1:8003', true), 'http://10.0.0.1:8003')
  assert.throws(() => serverAddress('ftp://10.0.0.1', true), { code: 'server-address' })
})
