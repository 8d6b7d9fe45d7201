import { Button } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useEffect, useId, useState } from 'react'
import { useClock } from '../time/clock.tsx'

const CONFIRM_MS = 2_000

interface CopyButtonProps {
  readonly value: string
  /** What is copied, for screen readers: "Copy response code". */
  readonly label: string
  readonly variant?: 'default' | 'subtle'
}

/** Copies and says so for two seconds. Where the browser forbids it, says that instead. */
export function CopyButton({ value, label, variant = 'subtle' }: CopyButtonProps) {
  const clock = useClock()
  const [result, setResult] = useState<'copied' | 'failed' | null>(null)
  useEffect(() => {
    if (result === null) return
    return clock.every(CONFIRM_MS, () => setResult(null))
  }, [clock, result])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value)
      setResult('copied')
    } catch {
      setResult('failed')
    }
  }
  const text = result === 'copied' ? 'Copied' : result === 'failed' ? 'Select and copy by hand' : 'Copy'
  return (
    <>
      <Button
        variant={variant}
        size="xs"
        leftSection={result === 'copied' ? <IconCheck size={15} /> : <IconCopy size={15} />}
        onClick={copy}
        aria-label={result === null ? label : text}
      >
        {text}
      </Button>
      <span className="st-sr" aria-live="polite">
        {result === null ? '' : text}
      </span>
    </>
  )
}

interface CopyFieldProps {
  readonly label: string
  readonly value: string
  readonly description?: string
}

/** A value that is shown whole to be copied: a link, a command, a secret. Selects itself on focus. */
export function CopyField({ label, value, description }: CopyFieldProps) {
  const id = useId()
  return (
    <div className="st-copy">
      <label className="st-copy-label" htmlFor={id}>
        {label}
      </label>
      {description && (
        <p className="st-copy-about" id={`${id}-about`}>
          {description}
        </p>
      )}
      <div className="st-copy-box">
        <textarea
          id={id}
          className="st-copy-value"
          readOnly
          rows={Math.min(5, Math.ceil(value.length / 54))}
          value={value}
          onFocus={(event) => event.currentTarget.select()}
          aria-describedby={description ? `${id}-about` : undefined}
        />
        <CopyButton value={value} label={`Copy ${label.toLowerCase()}`} variant="default" />
      </div>
    </div>
  )
}
