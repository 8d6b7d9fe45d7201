import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capabilityText } from './capabilities.ts'
import { describeKeys } from './config-files.ts'
import { walkedMounts } from './programs.ts'

const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIJ1h7mKQyq0p0pX3m7o0Vn8yq0p0pX3m7o0Vn8yq0p0p'

test('END-11: of a key its type, fingerprint and comment are told, never the key or what its options say', () => {
  const lines = [
    '# ssh-rsa AAAA not a key',
    `ssh-ed25519 ${key} anna@pc 17`,
    `command="/bin/secret ssh-rsa x",no-pty ssh-ed25519 ${key}`,
    'root:$6$salt$hash:19000:0:99999:7:::',
  ]
  const text = describeKeys(Buffer.from(lines.join('\n')))
  assert.equal(
    text,
    'ssh-ed25519 SHA256:D74EAoItOqj++LDf9QfvcydEUCPyTi2td96alrEMJIQ anna@pc 17; ssh-ed25519 SHA256:D74EAoItOqj++LDf9QfvcydEUCPyTi2td96alrEMJIQ (with options)',
  )
  assert.equal(describeKeys(Buffer.from('root:$6$salt$hash:19000\n')), 'no keys')
})

test('file capabilities are read in each form that the kernel writes', () => {
  const words = (...values: number[]): Uint8Array => new Uint8Array(new Uint32Array(values).buffer)
  assert.equal(capabilityText(words(0x02000001, 1 << 13, 0, 0, 0)), 'cap_net_raw, effective at start')
  assert.equal(
    capabilityText(words(0x02000000, 0, 1 << 10, 1 << 7, 0)),
    'cap_bpf, inheritable cap_net_bind_service',
  )
  assert.equal(capabilityText(words(0x01000001, 1 << 21, 0)), 'cap_sys_admin, effective at start')
  assert.equal(capabilityText(words(0x03000000, 0, 0, 1 << 20, 0, 1000)), 'cap_52')
  assert.equal(capabilityText(new Uint8Array(4)), 'capabilities of an unknown form')
})

test('each local file system on which set-uid has an effect is walked once, from its own root where it shows', () => {
  const mountinfo = [
    '22 27 0:21 / /proc rw,relatime - proc proc rw',
    '43 27 254:0 /srv/data /mnt/bound rw,relatime - ext4 /dev/vda rw',
    '27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard',
    '44 27 254:0 /home /mnt/again rw,relatime - ext4 /dev/vda rw',
    '45 27 0:50 / /tmp rw,nosuid,nodev - tmpfs tmpfs rw',
    '46 27 0:51 / /mnt/two\\040words rw - xfs /dev/vdb rw',
    '47 27 0:52 / /mnt/far rw - nfs4 server:/x rw',
  ]
  assert.deepEqual(walkedMounts(mountinfo.join('\n')), [
    { point: '/', type: 'ext4' },
    { point: '/mnt/two words', type: 'xfs' },
  ])
})
