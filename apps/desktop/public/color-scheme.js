// Before the first paint, so that a dark page never flashes light. The key is that of StintProvider.
;(() => {
  let chosen = 'auto'
  try {
    chosen = localStorage.getItem('stint-color-scheme') ?? 'auto'
  } catch {
    // Storage can be forbidden; the system's choice will do.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
