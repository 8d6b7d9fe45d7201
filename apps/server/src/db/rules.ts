import { sqlCheck } from '@stint/elevation'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Engine } from './database.ts'
import type { Schema } from './schema.ts'

type Moment = 'insert' | 'update' | 'delete'

/**
 * The database's own no, the same on both engines. Each rule has a name, and breaking it raises an error that says
 * the name (`ruleOf`). Predicates are SQL that both engines read, over `old` and `new`.
 */
export interface Rules {
  /** Refuses the statement where `broken` is true of a row. */
  refuse(name: string, table: keyof Schema, moment: Moment, broken: string): Promise<void>
  /** Neither update nor delete. */
  appendOnly(table: keyof Schema): Promise<void>
  /** `<table>_immutable`: these columns stay as they were inserted. */
  immutable(table: keyof Schema, columns: readonly string[]): Promise<void>
  /** `<table>_set_once`: these columns may go from null to a value, and no further. */
  setOnce(table: keyof Schema, columns: readonly string[]): Promise<void>
  /**
   * `<table>_append_only`, `<table>_never_deleted`, `<table>_never_dropped`: a row changes once at most, when its `body`
   * columns become null and `dropped_at` says when. `kept` stay as they were; rows of these types keep their body.
   */
  bodyDropsOnce(
    table: keyof Schema,
    body: readonly string[],
    kept: readonly string[],
    never: readonly string[],
  ): Promise<void>
  /** `<table>_<column>_move`: these changes of a state and no others. */
  moves(
    table: keyof Schema,
    column: string,
    legal: Readonly<Record<string, readonly string[]>>,
  ): Promise<void>
  /** After each row that is inserted these run too, over `new`: figures that follow from the rows of another table. */
  follow(name: string, table: keyof Schema, statements: readonly string[]): Promise<void>
}

export function createRules(db: Kysely<Schema>, engine: Engine): Rules {
  const refuse: Rules['refuse'] = async (name, table, moment, broken) => {
    const statements = engine === 'postgres' ? postgresTrigger : sqliteTrigger
    for (const statement of statements(name, table, moment, broken)) await statement.execute(db)
  }
  return {
    refuse,
    async appendOnly(table) {
      await refuse(`${table}_append_only`, table, 'update', '1 = 1')
      await refuse(`${table}_never_deleted`, table, 'delete', '1 = 1')
    },
    immutable: (table, columns) =>
      refuse(`${table}_immutable`, table, 'update', columns.map(changed).join(' or ')),
    setOnce: (table, columns) =>
      refuse(
        `${table}_set_once`,
        table,
        'update',
        columns.map((column) => `(old.${column} is not null and ${changed(column)})`).join(' or '),
      ),
    async bodyDropsOnce(table, body, kept, never) {
      const dropped = body.map((column) => `new.${column} is null`)
      const drops = ['old.dropped_at is null', 'new.dropped_at is not null', ...dropped].join(' and ')
      const broken = `not (${drops}) or ${kept.map(changed).join(' or ')}`
      await refuse(`${table}_append_only`, table, 'update', broken)
      await refuse(`${table}_never_deleted`, table, 'delete', '1 = 1')
      await refuse(`${table}_never_dropped`, table, 'update', sqlCheck('old.type', never))
    },
    moves(table, column, legal) {
      const allowed = Object.entries(legal).map(
        ([from, to]) =>
          `(old.${column} = '${from}' and new.${column} in (${to.map((state) => `'${state}'`).join(', ')}))`,
      )
      const broken = `${changed(column)} and not (${allowed.join(' or ')})`
      return refuse(`${table}_${column}_move`, table, 'update', broken)
    },
    async follow(name, table, statements) {
      const body = statements.map((statement) => `${statement};`).join(' ')
      const after = `create trigger ${name} after insert on ${table}`
      if (engine === 'sqlite') return void (await sql.raw(`${after} begin ${body} end`).execute(db))
      const language = `create function ${name}() returns trigger language plpgsql`
      await sql.raw(`${language} as $$ begin ${body} return null; end $$`).execute(db)
      await sql.raw(`${after} for each row execute function ${name}()`).execute(db)
    },
  }
}

const changed = (column: string) => `new.${column} is distinct from old.${column}`

function sqliteTrigger(name: string, table: string, moment: Moment, broken: string): RawBuilder<unknown>[] {
  return [
    sql.raw(
      `create trigger ${name} before ${moment} on ${table} when ${broken} begin select raise(abort, '${name}'); end`,
    ),
  ]
}

function postgresTrigger(name: string, table: string, moment: Moment, broken: string): RawBuilder<unknown>[] {
  const row = moment === 'delete' ? 'old' : 'new'
  return [
    sql.raw(
      `create function ${name}() returns trigger language plpgsql as $$ begin if ${broken} then ` +
        `raise exception '${name}' using errcode = 'restrict_violation', constraint = '${name}'; ` +
        `end if; return ${row}; end $$`,
    ),
    sql.raw(`create trigger ${name} before ${moment} on ${table} for each row execute function ${name}()`),
  ]
}

/**
 * The name of the rule that an error of the database is about, or null. SQLite does not name unique and foreign
 * keys: they come as `unique:table.column, …` and `foreign-key`.
 */
export function ruleOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  if ('constraint' in error && typeof error.constraint === 'string') return error.constraint
  const [, kind, what] = /^(CHECK|UNIQUE) constraint failed: (.+)$/.exec(error.message) ?? []
  if (kind === 'CHECK' && what !== undefined) return what
  if (kind === 'UNIQUE' && what !== undefined) return `unique:${what}`
  if (error.message.startsWith('FOREIGN KEY')) return 'foreign-key'
  return 'errcode' in error && /^[a-z_]+$/.test(error.message) ? error.message : null
}
