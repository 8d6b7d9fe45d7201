/** The mark: a ring of which a stint is filled. Beside it the name, unless `mark` alone is wanted. */
export function Brand({ mark = false }: { readonly mark?: boolean }) {
  return (
    <span className="st-brand">
      <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
        <circle cx="11" cy="11" r="8.5" fill="none" stroke="var(--st-line-strong)" strokeWidth="3" />
        <path
          d="M11 2.5 A8.5 8.5 0 0 1 18.36 15.25"
          fill="none"
          stroke="var(--st-accent)"
          strokeWidth="3"
          strokeLinecap="round"
        />
        <circle cx="11" cy="11" r="2.25" fill="var(--st-accent)" />
      </svg>
      {!mark && <span>Stint</span>}
    </span>
  )
}
