import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type AuditEvent, EventAssembler, type ExecEvent } from './audit-events.ts'
import { asText, readHead, recordType } from './audit-text.ts'

/** Records as a 6.18 kernel sent them, one per line: type, blank, text. */
const captured = readFileSync(new URL('./fixtures/execve.txt', import.meta.url), 'latin1')
  .trimEnd()
  .split('\n')
  .map((line) => ({ type: Number(line.slice(0, 4)), text: line.slice(5) }))

interface Line {
  readonly type: number
  readonly text: string
}

function assemble(lines: readonly Line[]): readonly AuditEvent[] {
  const assembler = new EventAssembler()
  return lines.flatMap(({ type, text }) => {
    const head = readHead(text)
    return head === null ? [] : assembler.add(type, head)
  })
}

function execs(events: readonly AuditEvent[]): readonly ExecEvent[] {
  return events.filter((event) => event.kind === 'exec')
}

describe('records of a real kernel', () => {
  test('arguments come out byte for byte, however the kernel wrote them', () => {
    const [first] = execs(assemble(captured))
    const long = `${'x'.repeat(9000)} ${'y'.repeat(9000)}${'ä'.repeat(1000)}`
    const plain = ['/bin/true', 'simple', 'with blank', 'q"uote', 'a\nb', 'ü', '', long, 'p'.repeat(20_000)]
    assert.deepEqual(first?.argv, [...plain, '\\xffx\\\\'])
    assert.deepEqual(first?.argvEscaped, [9])
  })

  test('who, where and what are read', () => {
    const [first, second] = execs(assemble(captured))
    const { argv: _, ...rest } = first as ExecEvent
    assert.deepEqual(rest, {
      kind: 'exec',
      id: '1795334954.124:2230',
      serial: 2230,
      startedAtMs: 1795334954124,
      pid: 27784,
      ppid: 27776,
      auid: 4242,
      uid: 0,
      exe: '/usr/bin/true',
      cwd: '/tmp',
      argvEscaped: [9],
    })
    assert.deepEqual(second?.argv, ['mkdir', '-p', '/tmp/a dir'])
    assert.equal(execs(assemble(captured)).at(-1)?.cwd, '/tmp/a dir')
  })

  test('REC-4: what a person ran as himself is not taken, though the rule of somebody else asked for it', () => {
    const asHimself = captured.map(({ type, text }) => ({
      type,
      text: text.replace(/ euid=0 /, ' euid=4242 '),
    }))
    assert.ok(execs(assemble(captured)).length > 0)
    assert.deepEqual(execs(assemble(asHimself)), [])
  })

  test('added and removed rules are told with their key', () => {
    const key = 'stint-1-4242-fixture'
    const changes = assemble(captured).filter((event) => event.kind === 'config')
    assert.deepEqual(
      changes.map((event) => [event.change, event.key]),
      ['rule-added', 'rule-added', 'rule-removed', 'rule-removed'].map((change) => [change, key]),
    )
  })

  test('an audit that is turned off is told', () => {
    const text = 'audit(1.000:7): op=set audit_enabled=0 old=1 auid=1000 ses=3 res=1'
    assert.deepEqual(assemble([{ type: recordType.configChange, text }]), [
      { kind: 'config', wallMs: 1000, key: '', change: 'turned-off' },
    ])
  })

  test('REC-2: a missing part is told and never papered over', () => {
    for (const [type, part] of [
      [recordType.execve, 'arguments'],
      [recordType.cwd, 'folder'],
      [recordType.syscall, 'process'],
    ] as const) {
      const lines = captured.filter(
        ({ type: found, text }) => found !== type || readHead(text)?.serial !== 2230,
      )
      const events = assemble(lines)
      assert.deepEqual(
        events.filter((event) => event.kind === 'broken'),
        [{ kind: 'broken', wallMs: 1795334954124, detail: `Event 2230 arrived without its ${part}.` }],
      )
      assert.ok(!execs(events).some(({ serial }) => serial === 2230))
    }
  })

  test('one missing piece of a split argument breaks the event', () => {
    const pieces = captured.filter(
      ({ type, text }) => type === recordType.execve && readHead(text)?.serial === 2230,
    )
    for (const piece of pieces) {
      const events = assemble(captured.filter((line) => line !== piece))
      assert.ok(events.some((event) => event.kind === 'broken'))
      assert.ok(!execs(events).some(({ serial }) => serial === 2230))
    }
  })

  test('a long argument that lost its last piece is not taken for a shorter one', () => {
    const lines = encode([Buffer.from('/bin/x'), Buffer.from('y'.repeat(100))], 60, 30)
    const last = lines.findLast(({ type }) => type === recordType.execve)
    assert.equal(assemble(lines)[0]?.kind, 'exec')
    assert.equal(assemble(lines.filter((line) => line !== last))[0]?.kind, 'broken')
  })

  test('an event whose end never comes is given up', () => {
    const lines = captured.filter(({ type, text }) => type !== 1320 || readHead(text)?.serial !== 2230)
    const later = { type: recordType.cwd, text: 'audit(1795334960.000:3000): cwd="/"' }
    const broken = assemble([...lines, later]).filter((event) => event.kind === 'broken')
    assert.equal(broken.length, 1)
    assert.match(broken[0]?.detail ?? '', /2230/)
  })

  test('events of other rules are passed over', () => {
    const head = 'audit(1.000:9): '
    const syscall = `${head}arch=c000003e syscall=257 success=yes pid=1 ppid=1 auid=1000 euid=0 exe="/bin/x" key="theirs"`
    assert.deepEqual(
      assemble([
        { type: recordType.syscall, text: syscall },
        { type: recordType.cwd, text: `${head}cwd="/"` },
        { type: recordType.endOfEvent, text: head },
      ]),
      [],
    )
  })
})

/** Writes arguments as the kernel does, but with any length of record and any length of piece. */
function encode(args: readonly Buffer[], recordBytes: number, pieceBytes: number): readonly Line[] {
  const head = 'audit(10.500:77): '
  const records: string[] = []
  let record = `argc=${args.length}`
  const append = (token: string): void => {
    if (record.length + token.length > recordBytes) {
      records.push(record)
      record = ''
    }
    record += ` ${token}`
  }
  for (const [at, arg] of args.entries()) {
    const hex = arg.some((byte) => byte < 0x21 || byte > 0x7e || byte === 0x22)
    const write = (piece: Buffer): string =>
      hex ? piece.toString('hex').toUpperCase() : `"${piece.toString('latin1')}"`
    if (arg.length <= pieceBytes) append(`a${at}=${write(arg)}`)
    else {
      append(`a${at}_len=${arg.length * (hex ? 2 : 1)}`)
      for (let from = 0, part = 0; from < arg.length; from += pieceBytes, part++) {
        append(`a${at}[${part}]=${write(arg.subarray(from, from + pieceBytes))}`)
      }
    }
  }
  records.push(record)
  const syscall =
    'arch=c000003e syscall=59 success=yes exit=0 items=2 ppid=1 pid=2 auid=1000 euid=0 exe="/bin/x" key="stint-1"'
  return [
    { type: recordType.syscall, text: head + syscall },
    ...records.map((text) => ({ type: recordType.execve, text: head + text })),
    { type: recordType.cwd, text: `${head}cwd="/"` },
    { type: recordType.endOfEvent, text: head },
  ]
}

const argument = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0)))

test('where arguments and records are split does not matter', () => {
  fc.assert(
    fc.property(
      fc.array(argument, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 2_000 }),
      fc.integer({ min: 1, max: 400 }),
      (args, recordBytes, pieceBytes) => {
        const [event, ...more] = assemble(encode(args, recordBytes, pieceBytes))
        assert.equal(more.length, 0)
        assert.equal(event?.kind, 'exec')
        const { argv, argvEscaped } = event as ExecEvent
        assert.deepEqual(
          argv.map((text, at) => toBytes(text, argvEscaped.includes(at))),
          args,
        )
      },
    ),
  )
})

/** The way back from `argv` to bytes, as a reader of the journal would go it. */
function toBytes(text: string, escaped: boolean): Buffer {
  if (!escaped) return Buffer.from(text, 'utf8')
  const raw = text.replace(/\\(?:x([0-9a-f]{2})|\\)/g, (_, hex?: string) =>
    hex === undefined ? '\\' : String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(raw, 'latin1')
}

test('any bytes can be written as text and read back', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const { text, escaped } = asText(bytes)
      assert.deepEqual(toBytes(text, escaped), Buffer.from(bytes))
    }),
  )
})

test('no text of the kernel, however damaged, throws', () => {
  const line = fc.record({
    type: fc.constantFrom(...Object.values(recordType), 1302),
    text: fc.oneof(
      fc.string(),
      fc.string().map((rest) => `audit(1.000:5): ${rest}`),
      fc
        .constantFrom(...captured.map(({ text }) => text))
        .chain((text) => fc.nat(text.length).map((n) => text.slice(0, n))),
    ),
  })
  fc.assert(fc.property(fc.array(line), (lines) => void assemble(lines)))
})

describe('what makes a record incomplete', () => {
  const config = (body: string) =>
    assemble([
      { type: recordType.configChange, text: `audit(1795334954.124:7): ${body} auid=1000 ses=1 res=1` },
    ])
  const changes = (body: string) => config(body).map((event) => event.kind === 'config' && event.change)

  test('REC-7: a kernel that is told to drop records, or to forget how many it dropped, is noticed', () => {
    assert.deepEqual(changes('op=set audit_backlog_limit=1 old=8192'), ['weakened'])
    assert.deepEqual(changes('op=set audit_rate_limit=5 old=0'), ['weakened'])
    assert.deepEqual(changes('op=set lost=0 old=12'), ['weakened'])
    assert.deepEqual(changes('op=set audit_enabled=0 old=1'), ['turned-off'])
  })

  test('what a recording itself sets is no weakening', () => {
    for (const body of [
      'audit_backlog_limit=8192 old=64',
      'audit_rate_limit=0 old=5',
      'audit_backlog_limit=0 old=64',
    ])
      assert.deepEqual(changes(`op=set ${body}`), [])
    assert.deepEqual(changes('op=set lost=0 old=0'), [])
  })

  test('REC-7: a process that takes another login id is noticed; one that gets its first is not lost', () => {
    const login = (body: string) =>
      assemble([{ type: recordType.login, text: `audit(1795334954.124:8): ${body}` }])
    assert.deepEqual(login('pid=77 uid=0 old-auid=1000 auid=0 tty=(none) old-ses=1 ses=2 res=1'), [
      { kind: 'login', wallMs: 1795334954124, pid: 77, auid: 1000 },
    ])
    assert.deepEqual(login('pid=77 uid=0 old-auid=1000 auid=1000 tty=(none) old-ses=1 ses=2 res=1'), [])
    assert.deepEqual(login('pid=77 uid=0 old-auid=1000 auid=0 tty=(none) old-ses=1 ses=2 res=0'), [])
  })
})
