/**
 * Fuzzes the caches: pods of one workload are sent until they are cached, then one that differs in one field. What must
 * hold: code that caches returns exactly the outcome of the plain core. Used by the fuzzers; not a test itself.
 */
import type { NamespaceFacts, Snapshot } from '../../src/inject/index.ts'
import { isObject, type JsonObject, type JsonValue, own } from '../../src/json/index.ts'
import { type Answering, withAndWithoutCache } from '../server/with-and-without-cache.ts'
import { makePod } from './engine.ts'
import { checkAnswer, type FuzzCounts, type FuzzTarget, INJECT_OPTIONS } from './fuzz-target.ts'
import { mutate } from './mutate.ts'
import type { Random } from './random.ts'
import { PATHS, reviewOf } from './reviews.ts'

export const cachedPairs: FuzzTarget = {
  name: 'cached-pairs',
  share: 25,
  about:
    'a server with the answer cache responds as the core does, even to pods that differ from a cached one in one place',
  run(random, input, counts) {
    const { snapshot } = random.pick(input.configs)
    const base = random.pick(input.pods)
    const pod = random.chance(0.5) ? withoutStatus(base) : makePod(base, random)
    const server = withAndWithoutCache(serving(snapshot), { options: INJECT_OPTIONS })
    const url = random.pick(PATHS)
    const namespace = random.pick(['shop', 'payments', 'test-ns'])
    for (let i = 0; i < 4; i++) {
      const problem = askBoth(server, reviewOf(pod, random, namespace), url, counts)
      if (problem !== undefined) return `pod ${i + 1} of the workload: ${problem}`
    }
    for (let i = 0; i < 3; i++) {
      const other = oneDifference(pod, random)
      for (const [what, one] of [
        ['one difference', other],
        ['again', other],
        ['the first again', pod],
      ] as const) {
        const problem = askBoth(server, reviewOf(one, random, namespace), url, counts)
        if (problem !== undefined) return `${what}: ${problem}`
      }
    }
    return undefined
  },
}

/** Both answers, where they differ; else what is wrong with them. */
export function askBoth(
  server: Answering,
  body: string,
  url: string,
  counts: FuzzCounts,
): string | undefined {
  const { plain, fast } = server.ask(body, url)
  if (plain.body !== fast.body || plain.status !== fast.status) {
    const at = [...plain.body].findIndex((letter, index) => letter !== fast.body[index])
    const near = (text: string): string => text.slice(Math.max(0, at - 100), at + 200)
    return `differs at ${at}: plain ${plain.status} ${near(plain.body)}, cached ${fast.status} ${near(fast.body)}`
  }
  return checkAnswer(plain, counts)
}

/** The configurations of the seeds know the namespace shop; `inject` there. */
function serving(snapshot: Snapshot): Snapshot {
  const enabled: NamespaceFacts = {
    labels: new Map([['istio-injection', 'enabled']]),
    annotations: new Map(),
  }
  const namespaces = ['shop', 'payments'].map((name) => [name, enabled] as const)
  return { ...snapshot, namespaces: new Map([...snapshot.namespaces, ...namespaces]) }
}

function withoutStatus(pod: JsonObject): JsonObject {
  const { status: _, ...rest } = pod
  return rest
}

/** Anywhere: a value, a key, an item, a letter of a text. */
export function oneDifference(pod: JsonObject, random: Random): JsonObject {
  const changed: JsonValue = random.chance(0.5) ? mutate(pod, random, 1) : oneLetter(pod, random)
  const read: JsonValue = JSON.parse(JSON.stringify(changed))
  return isObject(read) && isObject(own(read, 'spec') ?? null) ? read : pod
}

const LETTERS = ['a', '0', '-', '.', '"', '\\', '\n', '\u0000', 'é', '\ud83d', '/', ':']

function oneLetter(value: JsonValue, random: Random): JsonValue {
  const texts = JSON.stringify(value)
  // Within a text of the JSON, so that it stays JSON.
  const places = [...texts.matchAll(/"(?:[^"\\]|\\.)*"/g)].filter(([text]) => text.length > 2)
  const place = places.length === 0 ? undefined : random.pick(places)
  if (place === undefined) return value
  const letters = [...(JSON.parse(place[0]) as string)]
  const at = random.below(letters.length)
  letters.splice(at, random.below(2), random.pick(LETTERS))
  const start = place.index
  return JSON.parse(
    texts.slice(0, start) + JSON.stringify(letters.join('')) + texts.slice(start + place[0].length),
  )
}
