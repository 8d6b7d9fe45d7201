import { join } from 'node:path'
import { given, passOn } from '../pass-on.ts'
import { type JsonOption, type Verb, withJson } from '../verb.ts'

interface VerifyOptions extends JsonOption {
  readonly trustHash?: string
  readonly witness: readonly string[]
  readonly witnessesWanted?: string
  readonly oldCheckpoint?: string
}

/** `stint verify`: hands over to the checker of tools/verify, which shares no code with the product. */
export const verifyVerb: Verb = (program, around) => {
  const verb = program
    .command('verify')
    .argument('<bundle>', 'evidence bundle, a zip file')
    .description('Check an evidence bundle without trusting the server it came from.')
    .option('--trust-hash <hex>', 'H of the trust bundle, from the enrolment')
    .option(
      '--witness <vkey>',
      'a witness that you trust; may be given again',
      (vkey: string, all: string[]) => [...all, vkey],
      [],
    )
    .option('--witnesses-wanted <n>', 'how many of them must have cosigned; all when left out')
    .option('--old-checkpoint <file>', 'a checkpoint of the ledger that you kept')
  withJson(verb, 'stint verify bundle.zip --trust-hash 5f0c…').action(
    async (bundle: string, options: VerifyOptions) => {
      const { config } = around
      const { trustHash, witness, witnessesWanted, oldCheckpoint, json = false } = options
      await passOn(around, json, [
        ...[config.node, join(config.home, 'tools', 'verify', 'verify.ts')],
        ...given('--trust-hash', trustHash),
        ...witness.flatMap((vkey) => ['--witness', vkey]),
        ...given('--witnesses-wanted', witnessesWanted),
        ...given('--old-checkpoint', oldCheckpoint),
        ...(json ? ['--json'] : []),
        ...['--', bundle],
      ])
    },
  )
}
