/** sprig's random functions on the request's seeded sequence, so that a recorded request replays exactly. */
import type { FunctionContext } from '../context.ts'
import type { FunctionSpec, FunctionTable } from '../functions.ts'
import { intType } from '../types.ts'
import { count, ofStrings, panic, stringType } from './define.ts'

const DIGITS = '0123456789'
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('')

/** Uniform in [0, limit); the bias of 2^32 values does not matter here. */
function below(limit: number, context: FunctionContext): number {
  return Math.floor((context.random() / 2 ** 32) * limit)
}

function characters(alphabet: string): FunctionSpec {
  return {
    params: [intType],
    returns: stringType,
    impure: 'random',
    call: ([length], context) => {
      const size = count(length)
      if (size <= 0) return ''
      context.budget.charge(size)
      let text = ''
      for (let i = 0; i < size; i++) text += alphabet.charAt(below(alphabet.length, context))
      return text
    },
  }
}

function randomBytes(size: number, context: FunctionContext): Uint8Array {
  context.budget.charge(size)
  return Uint8Array.from({ length: size }, () => below(256, context))
}

function uuid(context: FunctionContext): string {
  const bytes = randomBytes(16, context)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Buffer.from(bytes).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function shuffle(text: string, context: FunctionContext): string {
  const chars = [...text]
  context.budget.charge(chars.length)
  for (let i = chars.length - 1; i > 0; i--) {
    const j = below(i + 1, context)
    const moved = chars[i] ?? ''
    chars[i] = chars[j] ?? ''
    chars[j] = moved
  }
  return chars.join('')
}

export const random: FunctionTable = {
  randAlphaNum: characters(LETTERS + DIGITS),
  randAlpha: characters(LETTERS),
  randAscii: characters(ASCII),
  randNumeric: characters(DIGITS),
  randBytes: {
    params: [intType],
    returns: stringType,
    impure: 'random',
    call: ([size], context) => {
      if (count(size) < 0) throw panic('runtime error: makeslice: len out of range')
      return Buffer.from(randomBytes(count(size), context)).toString('base64')
    },
  },
  randInt: {
    params: [intType, intType],
    returns: intType,
    impure: 'random',
    call: ([low, high], context) => {
      const range = count(high) - count(low)
      if (range <= 0) throw panic('invalid argument to Intn')
      return BigInt(count(low) + below(range, context))
    },
  },
  shuffle: {
    ...ofStrings(1, stringType, ([value = ''], context) => shuffle(value, context)),
    impure: 'random',
  },
  uuidv4: { params: [], returns: stringType, impure: 'random', call: (_, context) => uuid(context) },
}
