/** Reading V8's CPU profile: whose own time how much of the samples is. */

/** As --cpu-prof writes it. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
      readonly columnNumber: number
    }
  }[]
  /** Microseconds of the system's monotonic clock. */
  readonly startTime: number
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

export interface Cost {
  readonly name: string
  /** Below the project, with line; empty for what is the engine's. */
  readonly place: string
  /** Of the time in which the process did anything. */
  readonly share: number
}

const RESTING: readonly string[] = ['(idle)', '(root)']

/**
 * @param root file URL of the project's folder, which places are told below
 * @param since samples before it do not count; the profile's clock
 * @returns the functions that were sampled, the costliest first
 */
export function selfTimes(profile: CpuProfile, root: string, since = 0): readonly Cost[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]))
  const times = new Map<string, { name: string; place: string; micros: number }>()
  let all = 0
  let now = profile.startTime
  for (const [i, sample] of profile.samples.entries()) {
    const frame = nodes.get(sample)
    const micros = profile.timeDeltas[i] ?? 0
    now += micros
    if (now < since || frame === undefined || RESTING.includes(frame.functionName)) continue
    const place = frame.url === '' ? '' : `${frame.url.replace(root, '')}:${frame.lineNumber + 1}`
    const name = frame.functionName || '(anonymous)'
    const key = `${name} ${place}`
    const entry = times.get(key) ?? { name, place, micros: 0 }
    entry.micros += micros
    all += micros
    times.set(key, entry)
  }
  return [...times.values()]
    .map(({ name, place, micros }) => ({ name, place, share: micros / all }))
    .toSorted((a, b) => b.share - a.share)
}

/** Shares by room of Remora, by package, by Node itself. */
export function shareByOwner(costs: readonly Cost[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>()
  for (const { name, place, share } of costs) {
    const owner = ownerOf(name, place)
    shares.set(owner, (shares.get(owner) ?? 0) + share)
  }
  return new Map([...shares].toSorted((a, b) => b[1] - a[1]))
}

function ownerOf(name: string, place: string): string {
  const room = /^src\/([^/:]+)/.exec(place)?.[1]
  if (room !== undefined) return room.replace(/\.ts$/, '')
  const owner = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place)?.[1]
  if (owner !== undefined) return owner
  if (name === '(garbage collector)') return name
  // JSON, Buffer, TLS, sockets: what has no line of JavaScript.
  return place === '' ? 'engine, native code' : 'node'
}
