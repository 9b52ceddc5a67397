/** Pins server and client to different cores with taskset, if it exists. */
import { spawnSync } from 'node:child_process'

export interface Cores {
  /** One core, the limit for measuring a server. Undefined: nothing is pinned. */
  readonly server: string | undefined
  readonly client: string | undefined
  /** For the heading of the table. */
  readonly description: string
}

/** `0-3,6`, as taskset prints it. */
export function parseCores(list: string): readonly number[] {
  return list
    .trim()
    .split(',')
    .flatMap((range) => {
      const [from = 0, to = from] = range.split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, i) => from + i)
    })
}

export function chooseCores(): Cores {
  const nothing = (why: string): Cores => ({
    server: undefined,
    client: undefined,
    description: `not pinned: ${why}`,
  })
  const asked = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' })
  if (asked.status !== 0) return nothing('there is no taskset (package util-linux)')
  const allowed = parseCores(asked.stdout.split(':').at(-1) ?? '')
  const server = allowed.at(-1)
  if (server === undefined || allowed.length < 2) return nothing('there is one core only')
  const client = allowed.slice(0, -1).join(',')
  return { server: String(server), client, description: `servers on core ${server}, client on ${client}` }
}

/** Pins this process with all its threads, and the processes that it starts from now on. */
export function pinSelf({ client }: Cores): void {
  if (client !== undefined) spawnSync('taskset', ['-acp', client, String(process.pid)])
}
