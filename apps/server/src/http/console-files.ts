import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import { answerNotFound } from './failures.ts'
import type { App } from './server.ts'

const notBuilt = `<!doctype html><meta charset="utf-8"><title>Stint</title>
<h1>The console is not built yet</h1>
<p>The server runs, and its API answers under /api/v1. To build the pages, run <code>npm run build</code> in the
project's folder and start the server again.</p>
`

/**
 * The console's pages. A path that is no file is one of its screens, so it gets the start page; only files that
 * were there at the start are served.
 */
export async function serveConsole(app: App, folder: string): Promise<void> {
  const files = listFiles(folder)
  const isBuilt = files.has('index.html')
  if (isBuilt) await app.register(fastifyStatic, { root: folder, serve: false })
  app.get(
    '/*',
    { config: { access: 'public', rateLimit: false }, schema: { hide: true } },
    (request, reply) => {
      const path = decodePath(request.url)
      if (path.startsWith('api/')) return answerNotFound(reply)
      if (!isBuilt) return reply.type('text/html').send(notBuilt)
      if (!files.has(path))
        return reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false })
      const named = path.startsWith('assets/')
      return reply.sendFile(path, { maxAge: named ? '1y' : 0, immutable: named })
    },
  )
  app.setNotFoundHandler((_request, reply) => answerNotFound(reply))
}

function decodePath(url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  try {
    return decodeURIComponent(path).slice(1)
  } catch {
    return ''
  }
}

function listFiles(folder: string): ReadonlySet<string> {
  if (!existsSync(folder)) return new Set()
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return new Set(
    names.filter((name) => statSync(join(folder, name)).isFile()).map((name) => name.split(sep).join('/')),
  )
}
