import { openDatabase } from '../src/db/database.ts'
import { createSinkStore } from '../src/slices/sinks/sinks.store.sql.ts'
import { sinkWorld } from './sink-world.ts'

/**
 * A server's sending as a process that dies: `sink-killed.ts DATABASE FOLDER BATCH`. It writes that many batches and is
 * killed after the last of them was written and before its position was.
 */
const [database = '', folder = '', batches = '1'] = process.argv.slice(2)
const db = await openDatabase(database)
const store = createSinkStore(db.read)
let left = Number(batches)
const { sinks } = sinkWorld(db, {
  means: { folder, key: null },
  store: {
    ...store,
    change(tx, id, to) {
      if (to.position !== undefined) left -= 1
      if (left === 0) process.kill(process.pid, 'SIGKILL')
      return store.change(tx, id, to)
    },
  },
})
await sinks.send()
process.stdout.write('not killed')
