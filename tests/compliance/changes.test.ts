import assert from 'node:assert/strict'
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { JournalBody } from '@stint/wire/journal'
import { run, until, whyNot } from './os-fixture.ts'
import { SessionScene } from './session-scene.ts'

const skip = whyNot('sudo', 'visudo', 'useradd', 'runuser', 'setsid', 'find', 'setcap', 'gpasswd')

type Changed = JournalBody<'system.changed'>['changes'][number]

/** Every change that one script can make without touching what others need, and how each is to be told of. */
class Traces {
  readonly scene: SessionScene
  readonly account: string
  readonly files: Readonly<
    Record<'sudoers' | 'polkit' | 'pam' | 'service' | 'wanted' | 'job' | 'known', string>
  >
  readonly setUid: string
  readonly capable: string
  readonly keys: string

  constructor(scene: SessionScene) {
    const { name, other } = scene
    this.scene = scene
    this.account = `${name}-new`
    this.files = {
      sudoers: `/etc/sudoers.d/${name}-left`,
      polkit: `/etc/polkit-1/rules.d/50-${name}.rules`,
      pam: `/etc/pam.d/${name}-left`,
      service: `/etc/systemd/system/${name}.service`,
      wanted: `/etc/systemd/system/multi-user.target.wants/${name}.service`,
      job: `/etc/cron.d/${name}-new`,
      known: `/etc/cron.d/${name}-known`,
    }
    this.setUid = `/usr/local/bin/${name}-suid`
    this.capable = `/usr/local/bin/${name}-cap`
    this.keys = `${other.home}/.ssh/authorized_keys`
    writeFileSync(this.files.known, '# as delivered\n', { mode: 0o640 })
    scene.onClose(() => this.#remove())
  }

  get script(): string {
    const { account, files, setUid, capable, keys } = this
    const { other } = this.scene
    return `
      gpasswd -a ${other.name} sudo >/dev/null
      usermod -p '$6$aa$bb' ${other.name}
      useradd --no-create-home ${account}
      mkdir -p ${other.home}/.ssh && echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ mallory@far' > ${keys}
      echo '# left' > ${files.sudoers}; chmod 440 ${files.sudoers}
      mkdir -p /etc/polkit-1/rules.d; echo '// left' > ${files.polkit}
      echo '# left' > ${files.pam}
      printf '[Service]\\nExecStart=/bin/true\\n' > ${files.service}
      mkdir -p /etc/systemd/system/multi-user.target.wants; ln -s ${files.service} ${files.wanted}
      echo '# left' > ${files.job}
      echo '# as changed' > ${files.known}
      cp /bin/true ${setUid}; chmod 4755 ${setUid}
      cp /bin/true ${capable}; setcap cap_net_raw+ep ${capable}; chmod 0644 ${capable}`
  }

  /** `kind what` of everything that the script leaves. */
  get expected(): readonly string[] {
    const { account, files, setUid, capable, keys } = this
    const { other } = this.scene
    return [
      `administrator ${other.name} in sudo`,
      `account account ${other.name}`,
      `account account ${account}`,
      `account group ${account}`,
      `ssh-key ${keys}`,
      `sudoers ${files.sudoers}`,
      `polkit ${files.polkit}`,
      `pam ${files.pam}`,
      `service ${files.service}`,
      `service ${files.wanted}`,
      `scheduled-job ${files.job}`,
      `scheduled-job ${files.known}`,
      `set-uid ${setUid}`,
      `file-capability ${capable}`,
    ]
  }

  /** Of what the session changed, what is ours: other things may happen on the computer at the same time. */
  ours(changes: readonly Changed[]): readonly Changed[] {
    const words = [this.scene.name, this.scene.other.name, this.scene.person.name]
    return changes.filter(({ what }) => words.some((word) => what.includes(word)))
  }

  async #remove(): Promise<void> {
    for (const path of [...Object.values(this.files), this.setUid, this.capable])
      rmSync(path, { force: true })
    await run('gpasswd', ['-d', this.scene.other.name, 'sudo'])
    await run('userdel', ['--force', this.account])
  }
}

const keyOf = ({ kind, what }: Changed): string => `${kind} ${what}`

test('END-11: each kind of change in a real session is in the record, through a crash, and nothing of before', {
  skip,
}, async () => {
  const scene = await SessionScene.open({})
  try {
    const traces = new Traces(scene)
    const began = performance.now()
    await scene.raise()
    const raisedMs = Math.round(performance.now() - began)
    await scene.elevated(traces.script)
    const [look = ''] = readdirSync(`${scene.stateDir}/before`)
    assert.equal(lstatSync(`${scene.stateDir}/before/${look}`).mode & 0o777, 0o600)
    await scene.stop('SIGKILL')
    await scene.start()
    await scene.user({ call: 'end' })
    const body = await scene.awaited('system.changed')
    const ours = traces.ours(body.changes)
    assert.deepEqual(ours.map(keyOf).sort(), [...traces.expected].sort())
    assert.ok(ours.every(({ undone }) => undone === 'not-asked'))
    const told = new Map(ours.map((change) => [change.what, change]))
    assert.match(told.get(traces.keys)?.after ?? '', /^ssh-ed25519 SHA256:\S+ mallory@far, 0\d+ 0:0$/)
    assert.match(told.get(traces.files.known)?.before ?? '', /^sha256 [0-9a-f]{16}, 0640 0:0$/)
    assert.match(told.get(`account ${scene.other.name}`)?.after ?? '', /, with a password$/)
    assert.match(told.get(traces.capable)?.after ?? '', /^cap_net_raw, effective at start$/)
    assert.doesNotMatch(JSON.stringify(body), /\$6\$|AAAAC3Nza|as delivered|as changed/)
    assert.deepEqual(readdirSync(`${scene.stateDir}/before`), [])
    process.stderr.write(
      `request and answer: ${raisedMs} ms; unread: ${body.unread.join(' ') || 'nothing'}\n`,
    )
  } finally {
    await scene.close()
  }
})

test('END-13: with undo, a real session leaves nothing that can be put back safely', { skip }, async () => {
  const undo = [
    'administrator',
    'account',
    'ssh-key',
    'sudoers',
    'polkit',
    'pam',
    'service',
    'scheduled-job',
    'set-uid',
    'file-capability',
  ] as const
  const scene = await SessionScene.open({ undo })
  try {
    const traces = new Traces(scene)
    await scene.raise()
    const looks = () => readdirSync(`${scene.stateDir}/before`).length
    await until('all programs were looked at', () => looks() === 2, 90_000)
    await scene.elevated(traces.script)
    await scene.user({ call: 'end' })
    const ours = traces.ours((await scene.awaited('system.changed')).changes)
    const failed = ours.filter(({ undone }) => undone === 'failed').map(keyOf)
    const { other } = scene
    assert.deepEqual(
      failed.sort(),
      [
        `account account ${traces.account}`,
        `account account ${other.name}`,
        `account group ${traces.account}`,
        `ssh-key ${traces.keys}`,
      ].sort(),
    )
    assert.equal(
      ours.filter(({ undone }) => undone === 'undone').length,
      traces.expected.length - failed.length,
    )
    const { known, ...fresh } = traces.files
    for (const path of Object.values(fresh)) assert.equal(existsSync(path), false, path)
    assert.equal(readFileSync(known, 'utf8'), '# as delivered\n')
    assert.equal(lstatSync(known).mode & 0o777, 0o640)
    assert.equal(lstatSync(traces.setUid).mode & 0o7000, 0)
    assert.equal((await run('getcap', [traces.capable])).stdout, '')
    assert.doesNotMatch((await run('id', ['-Gn', other.name])).stdout, /\bsudo\b/)
    const [session = ''] = readdirSync(`${scene.stateDir}/quarantine`)
    assert.equal(readdirSync(`${scene.stateDir}/quarantine/${session}`).length, Object.keys(fresh).length)
  } finally {
    await scene.close()
  }
})

test('END-8, END-12: rights that others give and take meanwhile are recorded, and left as they are', {
  skip,
}, async () => {
  const scene = await SessionScene.open({})
  const { person, computer } = scene
  const foreign = `/etc/sudoers.d/${scene.name}-foreign`
  scene.onClose(() => rmSync(foreign, { force: true }))
  scene.onClose(() => run('gpasswd', ['-d', person.name, 'sudo']))
  try {
    await scene.raise()
    assert.equal((await run('usermod', ['-aG', 'sudo', person.name])).status, 0)
    assert.equal((await scene.awaited('rights.changed-elsewhere', 1)).administrator, true)
    assert.equal((await run('gpasswd', ['-d', person.name, 'sudo'])).status, 0)
    assert.equal((await scene.awaited('rights.changed-elsewhere', 2)).administrator, false)
    writeFileSync(foreign, `${person.name} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 })
    await scene.user({ call: 'end' })
    const end = await scene.awaited('session.end')
    assert.deepEqual([end.reason, end.proven], ['ended-by-user', true])
    assert.equal((await scene.awaited('rights.changed-elsewhere', 3)).administrator, true)
    assert.equal(existsSync(foreign), true)
    assert.equal(await computer.canAct(person.uid), true, 'by the rule of somebody else')
    const { changes } = await scene.awaited('system.changed')
    assert.ok(changes.some(({ kind, what }) => kind === 'sudoers' && what === foreign))
  } finally {
    await scene.close()
  }
})

test('END-6, END-14: a policy shortens a real session in the system itself, and ends it', {
  skip,
}, async () => {
  const scene = await SessionScene.open({})
  const { person, computer } = scene
  const deadline = (): string => {
    const [file = ''] = readdirSync(computer.paths.sudoersDir)
    return /NOTAFTER=(\d+)Z/.exec(readFileSync(`${computer.paths.sudoersDir}/${file}`, 'utf8'))?.[1] ?? 'none'
  }
  try {
    await scene.raise(60)
    const before = deadline()
    await scene.policy({ minutesCeiling: 10, graceSeconds: 0 })
    assert.ok(deadline() < before, `${deadline()} is earlier than ${before}`)
    assert.equal(await computer.canAct(person.uid), true)
    await scene.policy({ modes: ['application'], graceSeconds: 0 })
    assert.equal(await computer.canAct(person.uid), false)
    const end = await scene.awaited('session.end')
    assert.deepEqual([end.reason, end.proven], ['policy-change', true])
  } finally {
    await scene.close()
  }
})
