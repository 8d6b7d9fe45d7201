import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { UsageRow } from '@stint/wire/reports'
import { userRef } from '../src/views/reports/account-name.ts'
import { csvRecord, shellText } from '../src/views/reports/csv.ts'
import type { Report } from '../src/views/reports/report.ts'
import { exported } from '../src/views/reports/report-export.ts'
import { computer, told } from './report-world.ts'
import { startTestServer, type TestServer } from './test-server.ts'

const asked = { filter: {}, fromMs: null, toMs: null, nowMs: 0 }

/** A report with as many rows as anybody takes; counts the pages that were read. */
function endless(pages: number): Report<{ n: number }, null> & { read: number } {
  return {
    read: 0,
    async rows(_asked, _sort, limit, cursor) {
      this.read += 1
      const page = Number(cursor ?? 0)
      const items = Array.from({ length: limit }, (_, n) => ({ n: page * limit + n }))
      return { items, cursor: page + 1 < pages ? String(page + 1) : null }
    },
    summary: async () => null,
    columns: [['n', ({ n }) => n]],
  }
}

describe('an export', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
    const laptop = await computer(server, 'laptop-7')
    await told(server, { by: laptop, reason: '=HYPERLINK("http://x","y"), "quoted"', programs: ['/bin/a'] })
    await told(server, { by: laptop, reason: 'plain', startsInMs: 1 })
  })
  after(() => server.close())
  const get = (path: string) =>
    server.server.app.inject({ method: 'GET', url: `/api/v1/reports/${path}`, headers: server.owner.headers })

  test('CSV is RFC 4180, with a head, and what looks like a formula is text', async () => {
    const { body, headers } = await get('usage/export?sort=activated')
    const lines = body.split('\r\n')
    assert.equal(lines.length, 4)
    assert.match(lines[0] ?? '', /^Session,State,Given by,/)
    assert.match(lines[1] ?? '', /,"'=HYPERLINK\(""http:\/\/x"",""y""\), ""quoted""",/)
    assert.match(String(headers['content-type']), /^text\/csv; charset=utf-8/)
    assert.match(String(headers['content-disposition']), /attachment; filename="stint-usage-2026-11-22\.csv"/)
  })

  test('a byte order mark comes when it is asked for, and not otherwise', async () => {
    assert.ok((await get('usage/export?bom=true')).body.startsWith('\uFEFFSession'))
    assert.ok((await get('usage/export')).body.startsWith('Session'))
  })

  test('JSON is the rows of the list, and a filter holds for both', async () => {
    const rows: UsageRow[] = (await get('usage/export?format=json')).json()
    const { items } = (await get('usage')).json()
    assert.deepEqual(rows, items)
    const one: UsageRow[] = (await get('usage/export?format=json&text=plain')).json()
    assert.deepEqual(
      one.map(({ reason }) => reason),
      ['plain'],
    )
    assert.deepEqual((await get('denied/export?format=json')).json(), [])
  })

  test('every report can be exported', async () => {
    for (const name of [
      'usage',
      'processes',
      'requests',
      'programs',
      'denied',
      'effective-policy',
      'computers',
    ]) {
      const { statusCode, body } = await get(`${name}/export`)
      assert.equal(statusCode, 200, name)
      assert.ok(body.endsWith('\r\n'), name)
    }
  })

  test('pages are read one by one as they are taken, and no more once nobody takes them', async () => {
    const report = endless(1000)
    const pieces = exported(report, asked, { sort: undefined, format: 'csv', bom: false })
    assert.deepEqual(await pieces.next(), { value: 'n\r\n', done: false })
    await pieces.next()
    assert.equal(report.read, 1)
    await pieces.return(undefined)
    assert.deepEqual(await pieces.next(), { value: undefined, done: true })
    assert.equal(report.read, 1)
  })

  test('every row comes, however many', async () => {
    let lines = -1
    for await (const piece of exported(endless(40), asked, { sort: undefined, format: 'csv', bom: false }))
      lines += piece.split('\r\n').length - 1
    assert.equal(lines, 40 * 500)
  })

  test('who hangs up ends the reading', async () => {
    const report = endless(1_000_000)
    Object.assign(server.server.slices.reports.usage, { rows: report.rows.bind(report) })
    await server.server.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = server.server.app.server.address() as AddressInfo
    const path = '/api/v1/reports/usage/export?format=json'
    const connected = once(server.server.app.server, 'connection')
    const call = request({ host: '127.0.0.1', port, path, headers: server.owner.headers }).end()
    const [socket] = (await connected) as [Socket]
    const [answer] = (await once(call, 'response')) as [IncomingMessage]
    await once(answer, 'data')
    const closed = new Promise((resolve) => socket.once('close', resolve))
    answer.once('error', () => undefined)
    answer.destroy()
    await closed
    const atClose = report.read
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
    // One page may have been on its way.
    assert.ok(report.read <= atClose + 1, `${report.read} pages after ${atClose}`)
    assert.ok(atClose < 1000, `${atClose} pages`)
  })
})

describe('cells', () => {
  test('formulas of every kind, also behind blanks, are text; numbers stay numbers', () => {
    for (const formula of ['=1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '  =1', '＝1'])
      assert.match(csvRecord([formula]), /^"?'/, JSON.stringify(formula))
    assert.equal(
      csvRecord([-5, null, true, 'plain', 'a,b', 'a"b', 'a\nb']),
      '-5,,true,plain,"a,b","a""b","a\nb"\r\n',
    )
  })

  test('a command line shows where its arguments end', () => {
    assert.equal(shellText(['sh', '-c', "echo 'a b'", '']), `sh -c 'echo '\\''a b'\\''' ''`)
  })

  test('domain and unit are read from an id where it has them', () => {
    const parts = (id: string, name = 'x') => {
      const { domain, ou } = userRef(id, name)
      return [domain, ou]
    }
    assert.deepEqual(parts('upn:mia@example.org'), ['example.org', null])
    assert.deepEqual(parts('dn:CN=Doe\\, Mia,OU=North,OU=Sales,DC=example,DC=org'), [
      'example.org',
      'Sales/North',
    ])
    assert.deepEqual(parts('sid:S-1-5-21-1', 'EXAMPLE\\mia'), ['EXAMPLE', null])
    assert.deepEqual(parts('uid:1000:mia'), [null, null])
  })
})
