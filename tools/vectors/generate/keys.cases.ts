import { enc, hmac, text, toHex, u32 } from './bytes.ts'
import { laptop, seeded, type VectorCase, type VectorFile } from './fixtures.ts'
import {
  codeKeys,
  confirm,
  type Device,
  type Enrolment,
  enrolTranscript,
  healTranscript,
  rootKey,
  x25519,
  x25519Public,
} from './keys.ts'

const hexAll = (values: Record<string, Uint8Array>): object =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toHex(value)]))

function enrolmentCase(id: string, why: string, devNo: number): VectorCase {
  const priv = { eD_priv: seeded(`${id} eD`), eS_priv: seeded(`${id} eS`), dxk_priv: seeded(`${id} dxk`) }
  const psk = seeded(`${id} psk`)
  const facts = text('{"hostname":"fe-lap-7","os":"linux"}')
  const given = {
    tenant: laptop.tenant,
    tokenId: seeded(`${id} token`, 16),
    dik: seeded(`${id} dik`),
    dxk: x25519Public(priv.dxk_priv),
    eD: x25519Public(priv.eD_priv),
    nD: seeded(`${id} nD`, 16),
    eS: x25519Public(priv.eS_priv),
    nS: seeded(`${id} nS`, 16),
    deviceId: seeded(`${id} device`, 16),
    trust: seeded(`${id} trust`),
  }
  const enrolment: Enrolment = { ...given, devNo }
  const th = enrolTranscript(enrolment)
  const z1 = x25519(priv.eD_priv, given.eS)
  const z2 = x25519(priv.dxk_priv, given.eS)
  const crk = rootKey(z1, z2, psk, th, 0)
  const hello = hmac(
    psk,
    enc('stint/v1/enrol-hello', given.tenant, given.tokenId, given.dik, given.dxk, given.eD, given.nD, facts),
  )
  return {
    id,
    why,
    in: { ...hexAll({ ...given, ...priv, psk, facts }), devNo, epoch: 0 },
    out: hexAll({
      helloMac: hello,
      transcript: th,
      z1,
      z2,
      crk,
      confirmD: confirm(crk, th, 'd'),
      confirmS: confirm(crk, th, 's'),
    }),
  }
}

function subKeyCase(id: string, why: string, device: Device): VectorCase {
  return {
    id,
    why,
    in: {
      ...hexAll({ tenant: device.tenant, deviceId: device.deviceId, crk: device.crk, pepper: device.pepper }),
      epoch: device.epoch,
    },
    out: hexAll({ ...codeKeys(device) }),
  }
}

function pepperCase(): VectorCase {
  const hsmKey = seeded('hsm key')
  const pepper = hmac(hsmKey, enc('stint/v1/pep', laptop.tenant, laptop.deviceId, u32(5)))
  return {
    id: 'pepper-from-hsm',
    why: 'the pepper of a device and epoch comes from one HMAC inside the HSM',
    in: { ...hexAll({ hsmKey, tenant: laptop.tenant, deviceId: laptop.deviceId }), epoch: 5 },
    out: { pepper: toHex(pepper) },
  }
}

export function keysFile(): VectorFile {
  return {
    name: 'keys.json',
    note: 'enrolment with confirmation MACs, sub-keys at the edges of epoch and pepper; see spec/keys.md',
    vectors: [
      enrolmentCase('enrol-confirm', 'both confirmation MACs and the hello MAC of one enrolment', 77),
      enrolmentCase('enrol-devno-max', 'the largest device number', 4_194_303),
      subKeyCase('sub-keys-epoch-0', 'a device that never healed', { ...laptop, epoch: 0 }),
      subKeyCase('sub-keys-epoch-max', 'the last epoch there is', { ...laptop, epoch: 4_294_967_295 }),
      subKeyCase('sub-keys-pepper', 'the pepper changes every key', { ...laptop, pepper: seeded('pepper') }),
      subKeyCase('sub-keys-other-device', 'the same CRK on another device gives other keys', {
        ...laptop,
        deviceId: seeded('other device', 16),
      }),
      pepperCase(),
    ],
  }
}

function healCase(id: string, why: string, device: Device): VectorCase {
  const priv = { eD_priv: seeded(`${id} eD`), eS_priv: seeded(`${id} eS`), dxk_priv: seeded(`${id} dxk`) }
  const given = {
    tenant: device.tenant,
    deviceId: device.deviceId,
    dik: seeded(`${id} dik`),
    dxk: x25519Public(priv.dxk_priv),
    eD: x25519Public(priv.eD_priv),
    nD: seeded(`${id} nD`, 16),
    eS: x25519Public(priv.eS_priv),
    nS: seeded(`${id} nS`, 16),
  }
  const nextEpoch = device.epoch + 1
  const th = healTranscript({ ...given, nextEpoch })
  const z1 = x25519(priv.eD_priv, given.eS)
  const z2 = x25519(priv.dxk_priv, given.eS)
  const crk = rootKey(z1, z2, device.crk, th, nextEpoch)
  const keys = codeKeys({ ...device, crk, epoch: nextEpoch })
  return {
    id,
    why,
    in: { ...hexAll({ ...given, ...priv, crk: device.crk, pepper: device.pepper }), epoch: device.epoch },
    out: {
      nextEpoch,
      ...hexAll({
        transcript: th,
        z1,
        z2,
        crk,
        confirmD: confirm(crk, th, 'd'),
        confirmS: confirm(crk, th, 's'),
        ...keys,
      }),
    },
  }
}

export function healFile(): VectorFile {
  return {
    name: 'heal.json',
    note: 'CRK of the next epoch from the CRK of this one; see spec/keys.md, Heal',
    vectors: [
      healCase('heal-0-1', 'the first heal after enrolment', { ...laptop, epoch: 0 }),
      healCase('heal-5-6', 'a later heal', laptop),
      healCase('heal-pepper', 'the pepper is no input of CRK, only of the sub-keys', {
        ...laptop,
        pepper: seeded('pepper'),
      }),
      healCase('heal-3-4', 'e mod 4 goes from 3 to 0', { ...laptop, epoch: 3 }),
    ],
  }
}
