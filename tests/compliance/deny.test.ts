import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { after, afterEach, before, describe, test } from 'node:test'
import { denierContract } from '../../apps/agent/src/deny/deny.contract.ts'
import { DenyBench, skip } from './deny-fixture.ts'
import { run, startPolkit, until, whyNot } from './os-fixture.ts'

denierContract(
  'Linux',
  async () => {
    const bench = await DenyBench.open()
    const { computer, person, other, dir, denier } = bench
    const who = (uid: number) => (uid === person.uid ? person : other)
    return {
      denier,
      uid: person.uid,
      otherUid: other.uid,
      program: `${dir}/tool`,
      otherProgram: `${dir}/other`,
      startsElevated: async (uid, program) =>
        (await computer.asLogin(who(uid), `exec sudo -n ${program}`)).stdout === 'ran\n',
      startsPlainly: async (uid, program) =>
        (await computer.asLogin(who(uid), `exec ${program}`)).stdout === 'ran\n',
      close: () => bench.close(),
    }
  },
  skip,
)

describe('denying on a real computer', { skip }, () => {
  let bench: DenyBench
  let dir: string
  let tool: string
  before(async () => {
    bench = await DenyBench.open()
    dir = bench.dir
    tool = `${dir}/tool`
  })
  afterEach(() => bench.disarm())
  after(async () => {
    await bench?.close()
  })

  const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')
  const programs = () => bench.facts.map((fact) => (fact.kind === 'denied' ? fact.program : fact.kind))

  const attacks: readonly [what: string, script: (file: string) => string][] = [
    ['directly', (file) => file],
    ['by a shell', (file) => `sh -c "${file}; true"`],
    ['by the raw system call', (file) => `DIR/trick raw ${file}`],
    ['by its descriptor', (file) => `DIR/trick descriptor ${file}`],
    ['from a memory file', (file) => `DIR/trick memory ${file}`],
    ['through a symbolic link', (file) => `ln -s ${file} DIR/link; DIR/link`],
    ['through a hard link', (file) => `ln ${file} DIR/link; DIR/link`],
    ['as a copy', (file) => `cp ${file} DIR/link; DIR/link`],
    [
      'as a copy with a byte more',
      (file) => `cat ${file} > DIR/link && echo >> DIR/link && chmod 755 DIR/link && DIR/link`,
    ],
    [
      'through a bind mount',
      (file) => `unshare -m sh -c "touch DIR/link; mount --bind ${file} DIR/link && DIR/link"`,
    ],
    [
      'in a mount namespace',
      (file) => `unshare -m sh -c "mount -t tmpfs none /mnt && cp ${file} /mnt/x && /mnt/x"`,
    ],
    ['out of the process group', (file) => `echo $$ > GROUPS/cgroup.procs; ${file}`],
    ['with another login id', (file) => `echo 0 > /proc/self/loginuid; ${file}`],
    ['as another user', (file) => `setpriv --reuid 1 --regid 1 --clear-groups ${file}`],
    [
      'as himself with capabilities',
      (file) => `setpriv --reuid UID --inh-caps +sys_admin --ambient-caps +sys_admin ${file}`,
    ],
    ['in a new session', (file) => `setsid -w ${file}`],
    ['with an empty environment', (file) => `env -i ${file}`],
  ]
  const scriptFor = (script: (file: string) => string, file: string) => {
    const mount =
      readFileSync('/proc/self/mountinfo', 'utf8').match(/ (\S+) \S+ (?:\S+ )*- cgroup2 /)?.[1] ?? ''
    return script(file)
      .replaceAll('DIR', dir)
      .replaceAll('GROUPS', mount)
      .replaceAll('UID', String(bench.person.uid))
  }

  const programsToDeny = ['tool', 'static', 'script']

  test('every way of starting works where no rule denies', async () => {
    for (const [what, script] of attacks)
      for (const name of what.includes('memory') || what.includes('descriptor')
        ? ['tool', 'static']
        : programsToDeny) {
        assert.equal(await bench.ran(scriptFor(script, `${dir}/${name}`)), true, `${name} ${what}`)
        rmSync(`${dir}/link`, { force: true })
      }
  })

  for (const [what, script] of attacks)
    test(`GATE-13, REC-5: a denied program does not start ${what}, and that is told`, async () => {
      await bench.arm(programsToDeny.map((name) => bench.deny({ path: `${dir}/${name}` }, name)))
      for (const name of programsToDeny) {
        bench.facts = []
        try {
          assert.equal(await bench.ran(scriptFor(script, `${dir}/${name}`)), false, name)
          await until('the attempt is told', () =>
            bench.facts.some((fact) => fact.kind === 'denied' && fact.rule === name),
          )
        } finally {
          rmSync(`${dir}/link`, { force: true })
        }
      }
    })

  test('a renamed program is denied under its new name', async () => {
    await bench.arm([bench.deny({ path: tool })])
    assert.equal(await bench.ran(`mv ${tool} ${dir}/renamed && ${dir}/renamed`), false)
    renameSync(`${dir}/renamed`, tool)
  })

  test('a denied program is not started through the loader, and a denied script not by its interpreter', async () => {
    const loader = (
      await run('sh', ['-c', `readelf -l ${tool} | sed -n 's/.*interpreter: \\(.*\\)]/\\1/p'`])
    ).stdout.trim()
    assert.ok(existsSync(loader))
    assert.equal(await bench.ran(`${loader} ${tool}`), true)
    await bench.arm([bench.deny({ path: tool }), bench.deny({ path: `${dir}/script` }, 'no.script')])
    assert.equal((await bench.elevated(`${loader} ${tool}`)).stdout, '')
    assert.equal((await bench.elevated(`sh ${dir}/script`)).stdout, '')
    assert.equal((await bench.elevated(`. ${dir}/script`)).stdout, '')
    await until('the attempts are told', () => bench.facts.length >= 3)
    assert.deepEqual(new Set(programs()), new Set([tool, `${dir}/script`]))
    assert.ok(bench.facts.every((fact) => fact.kind === 'denied' && fact.how === 'read'))
  })

  test('a denied interpreter denies its scripts, and those of Stint that sudo needs run all the same', async () => {
    await bench.arm([bench.deny({ path: '/bin/sh' })])
    const direct = (command: string) => bench.computer.asLogin(bench.person, `exec sudo -n ${command}`)
    assert.equal((await direct(tool)).stdout, 'ran\n')
    assert.match((await direct(`${dir}/script`)).stderr, /not permitted/)
    assert.match((await direct('/bin/sh -c true')).stderr, /not permitted/)
  })

  test('a copy of a system program where a wildcard denies does not deny the system program', async () => {
    copyFileSync('/bin/sh', `${dir}/shell`)
    chmodSync(`${dir}/shell`, 0o755)
    symlinkSync('/bin/sh', `${dir}/shell-link`)
    await bench.arm([bench.deny({ path: `${dir}/shell*` })])
    assert.equal((await bench.elevated('echo ran')).stdout, 'ran\n')
    assert.equal(await bench.ran(`${dir}/shell -c "echo ran"`), false)
  })

  test('a daemon that outlives sudo is denied as well', async () => {
    await bench.arm([bench.deny({ path: tool })])
    const script = `setsid sh -c "while [ ! -e ${dir}/go ]; do sleep 0.05; done; ${tool} > ${dir}/out 2>&1; touch ${dir}/done" >/dev/null 2>&1 &`
    await bench.elevated(script)
    await run('touch', [`${dir}/go`])
    await until('it tried', () => existsSync(`${dir}/done`))
    assert.match(readFileSync(`${dir}/out`, 'utf8'), /not permitted/)
  })

  test('a copy that the person made before is known by its content; with a byte more it is not', async () => {
    const copy = `${bench.person.home}/copy`
    assert.equal((await bench.computer.as(bench.person, `cp ${tool} ${copy}`)).status, 0)
    await bench.arm([bench.deny({ path: tool })])
    assert.equal(await bench.ran(copy), false)
    appendFileSync(copy, 'x')
    assert.equal(await bench.ran(copy), true, 'LIMITATIONS: a changed copy is another program')
  })

  test('the person himself, and other people with raised rights, run it', async () => {
    await bench.arm([bench.deny({ path: tool })])
    assert.equal((await bench.computer.asLogin(bench.person, tool)).stdout, 'ran\n')
    assert.equal((await bench.elevated(tool, bench.other)).stdout, 'ran\n')
    assert.equal((await run(tool, [])).stdout, 'ran\n')
    assert.deepEqual(bench.facts, [])
  })

  test('pkexec is no way around', { skip: whyNot('pkexec', 'pkaction', 'dbus-daemon') }, async () => {
    await startPolkit(bench.computer)
    await bench.computer.os.raise(bench.computer.order(bench.person.uid, { lastsMs: 900_000 }))
    assert.equal((await bench.computer.asLogin(bench.person, `exec pkexec ${tool}`)).stdout, 'ran\n')
    await bench.arm([bench.deny({ path: tool })])
    assert.equal((await bench.computer.asLogin(bench.person, `exec pkexec ${tool}`)).stdout, '')
    assert.equal((await bench.computer.asLogin(bench.person, `exec pkexec sh -c ${tool}`)).stdout, '')
    await until('the attempts are told', () => bench.facts.length >= 2)
  })

  test('rules by wildcard, content, owner and package', async () => {
    await bench.arm([bench.deny({ path: `${dir}/*ool` })])
    assert.deepEqual([await bench.ran(tool), await bench.ran(`${dir}/other`)], [false, true])
    await bench.arm([bench.deny({ sha256: sha256(tool) })])
    await run('cp', [tool, `${dir}/copied`])
    assert.deepEqual([await bench.ran(`${dir}/copied`), await bench.ran(`${dir}/other`)], [false, true])
    await run('chown', [bench.other.name, `${dir}/other`])
    await bench.arm([bench.deny({ owner: bench.other.name })])
    assert.deepEqual([await bench.ran(tool), await bench.ran(`${dir}/other`)], [true, false])
    await run('chown', ['root', `${dir}/other`])
    await bench.arm([bench.deny({ path: '/usr/bin/**', package: 'coreutils' })])
    assert.equal((await bench.elevated('exec base32 --version')).stdout, '')
    assert.equal((await bench.elevated('exec setsid -w echo 1')).stdout, '')
    assert.match((await bench.elevated('exec setsid --version')).stdout, /setsid/)
  })

  test('GATE-14: where only listed programs may start, loader, interpreter, memory files and strangers open no door', async () => {
    const loader = (
      await run('sh', ['-c', `readelf -l ${tool} | sed -n 's/.*interpreter: \\(.*\\)]/\\1/p'`])
    ).stdout.trim()
    await bench.arm(
      [
        bench.allow({ path: tool }),
        bench.allow({ path: `${dir}/script` }, 'yes.2'),
        bench.allow({ path: `${dir}/trick` }, 'yes.3'),
      ],
      'deny',
    )
    const direct = (command: string) => bench.computer.asLogin(bench.person, `exec sudo -n ${command}`)
    assert.equal((await direct(tool)).stdout, 'ran\n')
    assert.equal((await direct(`${dir}/script`)).stdout, 'ran\n')
    for (const command of [
      `${dir}/other`,
      '/bin/sh -c true',
      `${loader} ${dir}/other`,
      `${dir}/trick memory ${dir}/other`,
      `${dir}/trick raw ${loader}`,
    ]) {
      bench.facts = []
      const { stdout, status } = await direct(command)
      assert.equal(stdout, '', command)
      assert.notEqual(status, 0, command)
      await until('it is told', () =>
        bench.facts.some((fact) => fact.kind === 'denied' && fact.rule === null),
      )
    }
  })

  test('a rule for a link denies what it leads to, and an allowed link allows it', async () => {
    symlinkSync(tool, `${dir}/pointer`)
    await bench.arm([bench.deny({ path: `${dir}/pointer` })])
    assert.equal(await bench.ran(tool), false)
    await bench.arm([bench.allow({ path: `${dir}/pointer` })], 'deny')
    assert.equal((await bench.computer.asLogin(bench.person, `exec sudo -n ${tool}`)).stdout, 'ran\n')
    rmSync(`${dir}/pointer`)
  })

  test('a program on a file system that is mounted later is denied by its path and by its content', async () => {
    await bench.arm([bench.deny({ path: tool }), bench.deny({ path: `${dir}/later/*` }, 'no.later')])
    mkdirSync(`${dir}/later`)
    try {
      assert.equal((await run('mount', ['-t', 'tmpfs', 'none', `${dir}/later`])).status, 0)
      await run('cp', [`${dir}/other`, `${dir}/later/x`])
      await until('the new file system is watched', async () => !(await bench.ran(`${dir}/later/x`)))
      await run('mkdir', [`${dir}/second`])
      assert.equal((await run('mount', ['-t', 'tmpfs', 'none', `${dir}/second`])).status, 0)
      await run('cp', [tool, `${dir}/second/y`])
      await until('copies there are known', async () => !(await bench.ran(`${dir}/second/y`)))
    } finally {
      await run('umount', [`${dir}/later`])
      await run('umount', [`${dir}/second`])
    }
  })

  test('rules change while they are in force', async () => {
    const denying = await bench.arm([bench.deny({ path: tool })])
    assert.equal(denying.text, 'fanotify (1 rule)')
    await denying.update({
      otherwise: 'allow',
      rules: [bench.deny({ path: `${dir}/other` }), bench.allow({ path: tool })],
    })
    assert.deepEqual([await bench.ran(tool), await bench.ran(`${dir}/other`)], [true, false])
    assert.equal(denying.text, 'fanotify (2 rules)')
  })

  test('linking, copying and starting many programs loses no denial', async () => {
    await bench.arm([bench.deny({ path: tool })])
    linkSync(tool, `${dir}/hard`)
    const { stdout } = await bench.elevated(
      `i=0; while [ $i -lt 300 ]; do ${dir}/hard 2>/dev/null && echo started; /bin/true; i=$((i+1)); done; echo over`,
    )
    rmSync(`${dir}/hard`)
    assert.equal(stdout, 'over\n')
    await until('all are told', () => bench.facts.length >= 300)
  })
})
