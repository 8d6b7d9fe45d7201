interface Weakness {
  readonly title: string
  readonly text: string
}

/** What a computer says about itself that makes its record or its protection weaker than it could be. */
const known: Readonly<Record<string, Weakness>> = {
  'software-keys': {
    title: 'Keys are kept in software',
    text: 'There is no TPM, or it is not used. An administrator of this computer could read them.',
  },
  'permanent-administrators': {
    title: 'There are permanent administrators',
    text: 'Accounts on it are administrators without asking. What they do is not in any session.',
  },
  'audit-shared': {
    title: 'Another program uses the audit system too',
    text: 'Recording works through it, but gaps are likelier under load.',
  },
  'no-process-events': {
    title: 'Processes are not recorded by the kernel',
    text: 'The record of programs may be incomplete.',
  },
  'disk-not-encrypted': {
    title: 'The disk is not encrypted',
    text: 'Whoever takes the disk can read the keys of this one computer.',
  },
}

/** Words for a weakness; those this console does not know yet are shown as they came. */
export function weaknessText(code: string): Weakness {
  return known[code] ?? { title: code.replaceAll('-', ' '), text: 'Said by the computer itself.' }
}
