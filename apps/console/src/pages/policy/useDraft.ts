import type { Settings } from '@stint/wire/console'
import { useEffect, useState } from 'react'
import type { SettingsDraft } from '../../api/settings.ts'
import { type FieldName, fieldNames, isSame, onTop, readField, type Value, writeField } from './values.ts'

export interface Draft {
  readonly values: SettingsDraft
  /** What it began from. */
  readonly base: Settings
  readonly changed: ReadonlySet<FieldName>
  /** What somebody else changed since this draft began; empty while nobody did. */
  readonly overtaken: ReadonlySet<FieldName>
  /** The settings that overtook the draft. */
  readonly newer: Settings | null
  set(name: FieldName, value: Value): void
  discard(): void
  /** Puts the changes of this draft on top of what somebody else saved. */
  rebase(): void
}

/** Changes that are not saved yet, kept apart from the settings they began from. */
export function useDraft(saved: Settings): Draft {
  const [base, setBase] = useState(saved)
  const [changes, setChanges] = useState<ReadonlyMap<FieldName, Value>>(new Map())
  const isOvertaken = saved.version !== base.version
  useEffect(() => {
    if (isOvertaken && changes.size === 0) setBase(saved)
  }, [isOvertaken, changes, saved])
  const set = (name: FieldName, value: Value) => {
    const next = new Map(changes)
    if (isSame(value, readField(base, name))) next.delete(name)
    else next.set(name, value)
    setChanges(next)
  }
  return {
    values: withChanges(base, changes),
    base,
    changed: new Set(changes.keys()),
    overtaken: isOvertaken
      ? new Set(fieldNames.filter((name) => !isSame(readField(saved, name), readField(base, name))))
      : new Set(),
    newer: isOvertaken && changes.size > 0 ? saved : null,
    set,
    discard() {
      setChanges(new Map())
      setBase(saved)
    },
    rebase() {
      const merged = [...changes].map(([name, value]) => {
        return [name, onTop(readField(base, name), value, readField(saved, name))] as const
      })
      setBase(saved)
      setChanges(new Map(merged.filter(([name, value]) => !isSame(readField(saved, name), value))))
    },
  }
}

function withChanges(base: Settings, changes: ReadonlyMap<FieldName, Value>): SettingsDraft {
  const { changedAt: _at, changedBy: _by, ...draft } = base
  return [...changes].reduce<SettingsDraft>((values, [name, value]) => writeField(values, name, value), draft)
}
