import type { BundleSpan } from './bundle-journal.ts'

/** What the file is and how to check it, for whoever finds it. */
export function readMe({ kind, from, until }: BundleSpan): string {
  const about =
    kind === 'device'
      ? 'the whole record of a computer'
      : 'the record of one session with administrator rights on a computer'
  return `This is an evidence bundle of Stint: ${about},
entries ${from} to ${until - 1} of its journal, with the proofs that belong to it.

events.jsonl            what the computer wrote down, one entry a line
device-checkpoints.txt  what it signed, with a key that is replaced each time
receipts, ledger.jsonl  what the server wrote down about it, and who agreed
ledger-checkpoint.txt   the server's ledger, signed and cosigned by witnesses
manifest.txt            the hash of every file here, signed
report.html             a page for reading and printing, where there is one

To check it:   stint verify THIS.zip --trust-hash HASH
You need the hash of the trust bundle from whoever enrolled the computers, and the
keys of witnesses from the witnesses themselves: what stands in here is only the
server's word. The specification (spec/evidence.md) is enough to write a checker.

No finding does not mean that everything is true: it means that nothing here
contradicts anything else here. Bodies that are null were withheld because they
are about others, or were dropped when the time to keep them was over.
`
}
