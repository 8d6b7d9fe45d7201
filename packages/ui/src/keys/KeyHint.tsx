/** `g r` or `Ctrl K` as keys. Decoration: say the shortcut in words where it matters. */
export function KeyHint({ keys }: { readonly keys: string }) {
  return (
    <span className="st-keys" aria-hidden="true">
      {keys.split(' ').map((key, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: keys of one shortcut never change places
        <kbd key={at}>{key}</kbd>
      ))}
    </span>
  )
}

/** `⌘` on Apple keyboards, `Ctrl` elsewhere. */
export function commandKey(): string {
  return /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl'
}
