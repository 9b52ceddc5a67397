/** Reads V8's CPU profile and computes the self time of functions. */

/** The format of --cpu-prof. */
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
  /** Relative to the project, with the line; empty for the engine's own code. */
  readonly place: string
  /** The share of the time in which the process was busy. */
  readonly share: number
}

const RESTING: readonly string[] = ['(idle)', '(root)']

/**
 * @param root file URL of the project's folder, to which places are relative
 * @param since ignores earlier samples; in the profile's clock
 * @returns the sampled functions, the most expensive first
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

/** Shares by package of Remora, by dependency, and by Node itself. */
export function shareByOwner(costs: readonly Cost[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>()
  for (const { name, place, share } of costs) {
    const owner = ownerOf(name, place)
    shares.set(owner, (shares.get(owner) ?? 0) + share)
  }
  return new Map([...shares].toSorted((a, b) => b[1] - a[1]))
}

function ownerOf(name: string, place: string): string {
  const folder = /^src\/([^/:]+)/.exec(place)?.[1]
  if (folder !== undefined) return folder.replace(/\.ts$/, '')
  const owner = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place)?.[1]
  if (owner !== undefined) return owner
  if (name === '(garbage collector)') return name
  // Code without JavaScript lines: JSON, Buffer, TLS, sockets.
  return place === '' ? 'engine, native code' : 'node'
}
