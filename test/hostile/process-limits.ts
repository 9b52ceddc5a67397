/**
 * Limits of memory and CPU for processes of the tests. Memory is limited by a cgroup if one can be created (v1 or
 * v2), CPU by the kernel's limit of a process. Otherwise both are sampled, and a process that exceeds them is
 * killed. Not a test.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

export interface Limits {
  readonly memoryBytes: number
  readonly cpuSeconds: number
}

export interface Ended {
  readonly stdout: string
  readonly stderr: string
  /** What ended it; undefined: it ended by itself, with 0. */
  readonly failure: string | undefined
}

const SAMPLE_MS = 50
/** Clock ticks of /proc/PID/stat a second. */
const TICKS = 100
const PAGE_BYTES = 4096

/** One process at a time runs in it. */
export class LimitedSlot {
  readonly #limits: Limits
  readonly #cgroup: string | undefined

  constructor(limits: Limits, name: string) {
    this.#limits = limits
    this.#cgroup = makeCgroup(limits.memoryBytes, name)
  }

  /** How the limits are kept: for the log of a run. */
  get description(): string {
    const { memoryBytes, cpuSeconds } = this.#limits
    const how =
      this.#cgroup === undefined
        ? `memory sampled every ${SAMPLE_MS} ms and killed beyond, no cgroup can be made`
        : 'memory by cgroup'
    return `${memoryBytes / 2 ** 20} MiB and ${cpuSeconds} s of CPU a process: ${how}, CPU by ${existsSync('/bin/sh') ? 'the kernel (ulimit -t)' : 'sampling'}`
  }

  /** @param onError gets what the process writes to stderr, as it comes */
  async run(
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    onError?: (text: string) => void,
  ): Promise<Ended> {
    const enter = this.#cgroup === undefined ? '' : `echo $$ > '${join(this.#cgroup, 'cgroup.procs')}' && `
    const script = `${enter}ulimit -t ${this.#limits.cpuSeconds} && exec "$@"`
    const child = spawn('/bin/sh', ['-c', script, 'sh', command, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    child.on('error', (error) => resolve(error.message))
    child.on('exit', (code, signal) =>
      resolve(signal !== null ? `ended by ${signal}` : code === 0 ? undefined : `exit status ${code}`),
    )
    const sampling = this.#cgroup === undefined ? this.#sample(child) : undefined
    const [stdout, stderr, failure] = await Promise.all([
      text(child.stdout),
      collect(child.stderr, onError),
      promise,
    ])
    clearInterval(sampling)
    return { stdout, stderr, failure }
  }

  close(): void {
    if (this.#cgroup !== undefined) rmdirSync(this.#cgroup)
  }

  #sample(child: ChildProcess): NodeJS.Timeout {
    const { memoryBytes, cpuSeconds } = this.#limits
    return setInterval(() => {
      const used = usageOf(child.pid ?? -1)
      if (used !== undefined && (used.memoryBytes > memoryBytes || used.cpuSeconds > cpuSeconds))
        child.kill('SIGKILL')
    }, SAMPLE_MS)
  }
}

async function collect(stream: Readable, onText?: (text: string) => void): Promise<string> {
  let all = ''
  for await (const chunk of stream.setEncoding('utf8')) {
    all += chunk
    onText?.(chunk)
  }
  return all
}

/** Below this process' own group. Undefined where that is not allowed, or not Linux. */
export function makeCgroup(memoryBytes: number, name: string): string | undefined {
  try {
    const lines = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')
    const v1 = lines.map((line) => line.split(':')).find(([, kinds]) => kinds?.split(',').includes('memory'))
    const v2 = lines.find((line) => line.startsWith('0::'))?.slice('0::'.length)
    const parent = v1 === undefined ? `/sys/fs/cgroup${v2 ?? ''}` : `/sys/fs/cgroup/memory${v1[2] ?? ''}`
    const folder = join(parent, `remora-test-${process.pid}-${name}`)
    mkdirSync(folder)
    try {
      writeFileSync(
        join(folder, v1 === undefined ? 'memory.max' : 'memory.limit_in_bytes'),
        String(memoryBytes),
      )
    } catch (error) {
      rmdirSync(folder)
      throw error
    }
    return folder
  } catch {
    return undefined
  }
}

export function usageOf(
  pid: number,
): { readonly memoryBytes: number; readonly cpuSeconds: number } | undefined {
  try {
    const fields = statFields(`/proc/${pid}/stat`)
    return { cpuSeconds: cpuTicks(fields) / TICKS, memoryBytes: Number(fields[21]) * PAGE_BYTES }
  } catch {
    return undefined // it has ended
  }
}

/** For how long the main thread has run, which is Node's event loop. Throws when the process has ended. */
export function mainThreadMs(pid: number): number {
  return (1000 * cpuTicks(statFields(`/proc/${pid}/task/${pid}/stat`))) / TICKS
}

function statFields(path: string): string[] {
  const stat = readFileSync(path, 'utf8')
  // After the name in brackets, which may hold spaces: state is the third field.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function cpuTicks(fields: readonly string[]): number {
  return Number(fields[11]) + Number(fields[12])
}
