/**
 * Every label of suite `stint/v1`, once. A label is the first field of whatever is hashed, MACed or used as
 * HKDF info or AEAD associated data, so no two uses share an input. Never reuse or edit one: add a new one.
 */
export const LABELS = {
  // key agreement (4.2, 4.3)
  enrol: 'stint/v1/enrol',
  enrolHello: 'stint/v1/enrol-hello',
  enrolSign: 'stint/v1/enrol-sign',
  enrolAnswer: 'stint/v1/enrol-answer',
  heal: 'stint/v1/heal',
  healHello: 'stint/v1/heal-hello',
  healAnswer: 'stint/v1/heal-answer',
  codeRootKey: 'stint/v1/crk',
  confirmDevice: 'stint/v1/confirm/d',
  confirmServer: 'stint/v1/confirm/s',
  // sub-keys of a code root key (4.4)
  keyRequest: 'stint/v1/code/req',
  keyApplication: 'stint/v1/code/app',
  keyResponse0: 'stint/v1/code/rsp/0',
  keyResponse1: 'stint/v1/code/rsp/1',
  keyRecovery: 'stint/v1/code/rec',
  pepper: 'stint/v1/pep',
  wrap: 'stint/v1/wrap',
  // codes (5)
  check: 'stint/v1/chk',
  request: 'stint/v1/req',
  application: 'stint/v1/app',
  response: 'stint/v1/rsp',
  words: 'stint/v1/w10',
  recovery: 'stint/v1/rec',
  maintenance: 'stint/v1/mnt',
  emergency: 'stint/v1/emg',
  // used by the endpoint's state file (5.11)
  state: 'stint/v1/state',
  // the first key of a journal (7.3)
  logKey: 'stint/v1/log/key',
  // reserved: passcodes (6)
  activation: 'stint/v1/act',
} as const

/** Beginnings of labels that later documents define. Not to be used for anything else. */
export const RESERVED_LABELS = [
  'stint/v1/passcode/',
  'stint/v1/sealed/',
  'stint/v1/evidence/',
  'stint/v1/receipt/',
] as const
