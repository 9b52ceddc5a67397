/**
 * Fuzzes the wire format: bytes of a review that were cut, repeated, swapped or flipped, at odd paths and of odd content types.
 * What must hold: every answer is well formed, and code that caches returns the outcome of the plain core. Not a test.
 */
import { withAndWithoutCache } from '../server/with-and-without-cache.ts'
import { makePod } from './engine.ts'
import { checkAnswer, type FuzzTarget, INJECT_OPTIONS } from './fuzz-target.ts'
import type { Random } from './random.ts'
import { PATHS, reviewOf } from './reviews.ts'

const PIECES = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '\\u0000',
    '\\ud800',
    'null',
    'true',
    '1e999',
    '-0',
    '\u0000',
    '\ufeff',
  ],
  ...[
    '"__proto__":',
    '"uid":',
    '"object":',
    '"object":{',
    '"request":null,',
    '"request":{',
    '[['.repeat(50),
    '{"a":'.repeat(50),
  ],
  ...['"apiVersion":"admission.k8s.io/v1beta1",', '"kind":"Pod"', '"dryRun":true,', '"operation":"UPDATE",'],
]
const TYPES = ['application/json', 'application/json; charset=utf-8', 'text/plain', '', 'application/yaml']
const ODD_PATHS = [
  '/',
  '//inject',
  '/inject?timeout=10s',
  '/inject/',
  '/revisions//inject',
  '/revisions/%00/inject',
  `/inject/${'x/'.repeat(200)}`,
]

export const reviewBytes: FuzzTarget = {
  name: 'review-bytes',
  share: 45,
  about: 'arbitrary bytes get a well-formed response with a documented code',
  run(random, input, counts) {
    const { snapshot } = random.pick(input.configs)
    const server = withAndWithoutCache(snapshot, { options: INJECT_OPTIONS })
    const pod = random.chance(0.7) ? random.pick(input.pods) : makePod(random.pick(input.pods), random)
    const review = reviewOf(pod, random, random.pick(['shop', 'nowhere', '']))
    for (let i = 0; i < 4; i++) {
      const body = i === 0 ? Buffer.from(review) : damage(Buffer.from(review), random)
      const url = random.chance(0.8) ? random.pick(PATHS) : random.pick(ODD_PATHS)
      const type = random.chance(0.8) ? 'application/json' : random.pick(TYPES)
      const { plain, fast } = server.ask(body, url, type)
      if (plain.status !== fast.status || plain.body !== fast.body)
        return `differs: plain ${plain.status} ${plain.body.slice(0, 300)}, cached ${fast.status} ${fast.body.slice(0, 300)}`
      const problem = checkAnswer(plain, counts)
      if (problem !== undefined) return problem
    }
    return undefined
  },
}

function damage(bytes: Buffer, random: Random): Buffer {
  let result = bytes
  for (let i = random.below(4); i >= 0; i--) result = damageOnce(result, random)
  return result
}

function damageOnce(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1)
  const to = Math.min(bytes.length, at + random.below(random.chance(0.5) ? 4 : 200))
  const [head, middle, tail] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)]
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([head, tail])
    case 1:
      return Buffer.concat([head, middle, middle, tail])
    case 2:
      return Buffer.concat([head, Buffer.from(random.pick(PIECES)), tail])
    case 3:
      return Buffer.concat([head, Buffer.from(random.pick(PIECES)), middle, tail])
    case 4:
      return random.chance(0.2) ? head : Buffer.concat([head, Buffer.from([random.below(256)]), tail])
    default: {
      const copy = Buffer.from(bytes)
      if (copy.length > 0) copy[random.below(copy.length)] = random.below(256)
      return copy
    }
  }
}
