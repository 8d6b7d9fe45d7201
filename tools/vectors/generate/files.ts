import { emergencyFile, recoveryFile, responseNegativeFile } from './answers.cases.ts'
import { codesFile, renderingsFile, requestsFile } from './codes.cases.ts'
import type { VectorFile } from './fixtures.ts'
import { healFile, keysFile } from './keys.cases.ts'
import { entriesFile, proofsFile, treeFile } from './log.cases.ts'
import { otherAnswersFile } from './others.cases.ts'
import { correctionFile, requestNegativeFile, resolveFile } from './requests.cases.ts'
import { notesFile, receiptsFile, sealsFile } from './signed.cases.ts'
import { dualControlFile, limiterFile } from './states.cases.ts'
import { answerTokenFile } from './token.cases.ts'
import { checksFile, normaliseFile, typedAnswersFile } from './typed.cases.ts'

/** Every generated file of spec/vectors. */
export const files = (): VectorFile[] => [
  keysFile(),
  healFile(),
  codesFile(),
  requestsFile(),
  renderingsFile(),
  requestNegativeFile(),
  resolveFile(),
  correctionFile(),
  normaliseFile(),
  checksFile(),
  typedAnswersFile(),
  responseNegativeFile(),
  limiterFile(),
  dualControlFile(),
  recoveryFile(),
  emergencyFile(),
  answerTokenFile(),
  otherAnswersFile(),
  entriesFile(),
  treeFile(),
  proofsFile(),
  notesFile(),
  sealsFile(),
  receiptsFile(),
]
