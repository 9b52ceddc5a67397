/**
 * The setup for every measurement of a running server: builds, certificates, cores, free ports, and both servers
 * started alike.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { entrypointOptions } from '../../scripts/entrypoint-options.ts'
import { type DevelopmentFiles, ensureDevelopmentCertificates } from '../../src/certs/index.ts'
import { type Target, untilServing } from './connection.ts'
import { type Cores, chooseCores, pinSelf } from './cores.ts'
import { findMaterial, type Material } from './material.ts'
import { ServerProcess } from './server-process.ts'

const ROOT = resolve(import.meta.dirname, '../..')

export interface Stage {
  readonly material: Material
  readonly cores: Cores
  /** For files of this run. */
  readonly folder: string
  readonly certificates: DevelopmentFiles
  readonly ca: string
  /** Given to Remora's process. */
  readonly nodeArgs: readonly string[]
  /** The environment of the measurement, for the heading of each table. */
  readonly heading: string
  close(): void
}

export interface Started {
  readonly process: ServerProcess
  readonly target: Target
  /** From the start of the process until /readyz reports ready; for the null webhook, until its first response. */
  readonly readyMs: number
  /** To the first review. */
  readonly answer: string
  /** The port for probes and metrics; the null webhook has none. */
  readonly healthPort: number | undefined
}

/** @param extra Node options for Remora's process, in addition to those of production */
export async function openStage(extra: readonly string[] = []): Promise<Stage> {
  const nodeArgs = [...entrypointOptions(), ...extra]
  build('scripts/build.ts')
  build('node_modules/typescript/bin/tsc', '-p', 'bench/tsconfig.servers.json')
  const material = findMaterial()
  const folder = mkdtempSync(join(tmpdir(), 'remora-bench-run-'))
  const certificates = await ensureDevelopmentCertificates({ directory: folder, nowMs: Date.now() })
  const cores = chooseCores()
  pinSelf(cores)
  return {
    material,
    cores,
    folder,
    certificates,
    ca: readFileSync(certificates.caFile, 'utf8'),
    nodeArgs,
    heading: `${describeMachine()}, ${cores.description}, Remora with ${nodeArgs.join(' ')}; ${material.description}`,
    close() {
      rmSync(folder, { recursive: true, force: true })
      material.close()
    },
  }
}

export function cpuModel(): string {
  return cpus()[0]?.model.trim() ?? 'unknown'
}

/** The load before the run, which shows a busy machine. */
export function describeMachine(): string {
  const load = (loadavg()[0] ?? 0).toFixed(1)
  return `Node ${process.versions.node}, ${cpus().length} x ${cpuModel()}, load ${load} before`
}

/** Runs a build script; paths are relative to the project. */
function build(script: string, ...args: readonly string[]): void {
  const built = spawnSync(process.execPath, [script, ...args], { cwd: ROOT, encoding: 'utf8' })
  if (built.status !== 0)
    throw new Error(`${[script, ...args].join(' ')} failed:\n${built.stdout}${built.stderr}`)
}

export interface RemoraOptions {
  /** Responds as soon as it serves. */
  readonly body: string
  /** Replaces the material's cluster. */
  readonly cluster?: string
  readonly nodeArgs?: readonly string[]
  readonly env?: Readonly<Record<string, string>> | undefined
  /** The time limit until it is ready; default ten seconds. */
  readonly readyWithinMs?: number
  /** The folder of a control group for the process. */
  readonly cgroup?: string
}

/** The production build with default options and the stage's development certificates. */
export async function startRemora(stage: Stage, options: RemoraOptions): Promise<Started> {
  const [port, healthPort] = [await freePort(), await freePort()]
  const args = ['serve', '--cluster', options.cluster ?? stage.material.clusterFolder]
  args.push('--cert-dir', stage.folder, '--port', String(port), '--metrics-port', String(healthPort))
  args.push('--drain-delay', '0')
  const nodeArgs = [...stage.nodeArgs, ...(options.nodeArgs ?? [])]
  const entry = join(ROOT, 'dist/main.js')
  const began = performance.now()
  const { env, cgroup } = options
  const server = new ServerProcess({ entry, args, core: stage.cores.server, nodeArgs, env, cgroup })
  return started(server, { port, ca: stage.ca }, { ...options, began, healthPort })
}

/** @param patch base64 text for its responses; empty: no patch */
export async function startNull(
  stage: Stage,
  options: { readonly body: string; readonly patch: string },
): Promise<Started> {
  const port = await freePort()
  const patchFile = join(stage.folder, 'patch')
  writeFileSync(patchFile, options.patch)
  const { certificateFile, keyFile } = stage.certificates
  const args = [String(port), certificateFile, keyFile, patchFile]
  const entry = join(ROOT, 'bench/.build/bench/load/null-webhook.js')
  const began = performance.now()
  const server = new ServerProcess({ entry, args, core: stage.cores.server })
  return started(server, { port, ca: stage.ca }, { body: options.body, began })
}

interface Starting {
  readonly body: string
  readonly began: number
  readonly readyWithinMs?: number
  /** Undefined: it is ready with its first response. */
  readonly healthPort?: number
}

async function started(
  server: ServerProcess,
  target: Target,
  { body, began, healthPort, readyWithinMs = 10_000 }: Starting,
): Promise<Started> {
  try {
    if (healthPort !== undefined) await untilReady(server, healthPort, readyWithinMs)
    const readyMs = performance.now() - began
    const answer = await untilServing(target, body)
    return {
      process: server,
      target,
      answer,
      healthPort,
      readyMs: healthPort === undefined ? performance.now() - began : readyMs,
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Over plain HTTP, so that polling costs the starting server little. */
async function untilReady(server: ServerProcess, port: number, withinMs: number): Promise<void> {
  for (const end = performance.now() + withinMs; performance.now() < end; await sleep(5)) {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      (response) => response.body?.cancel().then(() => response.ok),
      () => false,
    )
    if (ready === true) return
    if (server.ended !== undefined) throw new Error(`the server ended before it was ready: ${server.ended}`)
  }
  throw new Error(`the server was not ready within ${withinMs / 1000} s`)
}

/** A port that is free now; several benchmarks may run on one machine. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a port was not given')
  return address.port
}

/** The base64 text of the response's patch; empty if it has none. @throws Error if the pod was refused */
export function patchOf(answer: string): string {
  const review: unknown = JSON.parse(answer)
  const response =
    typeof review === 'object' && review !== null && 'response' in review ? review.response : undefined
  if (typeof response !== 'object' || response === null) throw new Error('the answer has no response')
  if (!('allowed' in response) || response.allowed !== true)
    throw new Error(`refused: ${JSON.stringify(response)}`)
  return 'patch' in response ? String(response.patch) : ''
}
