/**
 * Performs the Dockerfile's steps in an empty folder, since no container engine is available: each stage is a folder, the
 * base image is this Node, and the result is started like the image.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { clusterWith } from '../bench/load/clusters.ts'
import { startLiveApi } from '../bench/load/live-api.ts'

const root = resolve(import.meta.dirname, '..')

interface Stage {
  readonly folder: string
  workdir: string
  readonly env: { [name: string]: string }
  user: string | undefined
  healthcheck: readonly string[] | undefined
  entrypoint: readonly string[]
  command: readonly string[]
}

interface Instruction {
  readonly name: string
  readonly text: string
}

function instructions(): Instruction[] {
  return readFileSync(join(root, 'Dockerfile'), 'utf8')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', text = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? []
      return { name, text }
    })
}

/** A JSON list of words, as the exec form of an instruction is. */
function words(text: string): string[] {
  const parsed: unknown = JSON.parse(text)
  return Array.isArray(parsed) ? parsed.map(String) : []
}

/** Of npm, the test runner and ourselves: none of it is there when an image is built. */
const OURS =
  /^(?:REMORA_|TAP|_TAPJS|INIT_CWD$|NODE_OPTIONS$|NODE_V8_COVERAGE$|NODE_COMPILE_CACHE$|npm_(?:lifecycle|package|command|execpath|node|config_(?:local_)?prefix))/

/** The base image's Node first, and no tools of the project's own. How the registry is reached is the machine's affair. */
function environment(stage: Stage): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OURS.test(name))
  const system = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'))
  return { ...Object.fromEntries(kept), PATH: [dirname(process.execPath), ...system].join(':'), ...stage.env }
}

/** tap puts itself into every process that is started from a test, which TypeScript's does not survive. */
const WITHOUT_TAP = 'unset NODE_OPTIONS; '

function copyInto(stage: Stage, stages: ReadonlyMap<string, Stage>, text: string): void {
  const parts = text.split(/\s+/)
  const from = parts[0]?.startsWith('--from=')
    ? stages.get(parts.shift()?.slice('--from='.length) ?? '')
    : undefined
  const target = parts.pop() ?? ''
  for (const source of parts) {
    const path = from === undefined ? join(root, source) : join(from.folder, source)
    const into = join(stage.folder, stage.workdir, target)
    cpSync(path, target.endsWith('/') && !statSync(path).isDirectory() ? join(into, source) : into, {
      recursive: true,
      verbatimSymlinks: true,
    })
  }
}

function build(folder: string): Stage {
  const stages = new Map<string, Stage>()
  let stage: Stage | undefined
  for (const { name, text } of instructions()) {
    if (name === 'FROM') {
      const alias = / AS (\S+)$/.exec(text)?.[1] ?? 'final'
      stage = {
        folder: join(folder, alias),
        workdir: '/',
        env: {},
        user: undefined,
        healthcheck: undefined,
        entrypoint: [],
        command: [],
      }
      stages.set(alias, stage)
      continue
    }
    if (stage === undefined) throw new Error(`${name} before FROM`)
    switch (name) {
      case 'WORKDIR':
        stage.workdir = text
        mkdirSync(join(stage.folder, text), { recursive: true })
        break
      case 'COPY':
        copyInto(stage, stages, text)
        break
      case 'RUN': {
        const options = {
          cwd: join(stage.folder, stage.workdir),
          env: { ...environment(stage), npm_config_prefer_offline: 'true' },
        }
        const ran = spawnSync('sh', ['-c', `${WITHOUT_TAP}${text}`], { ...options, encoding: 'utf8' })
        if (ran.status !== 0) throw new Error(`${text}: ${ran.stdout}${ran.stderr}`)
        break
      }
      case 'ENV': {
        const [variable = '', value = ''] = text.split('=')
        stage.env[variable] = value
        break
      }
      case 'USER':
        stage.user = text
        break
      case 'HEALTHCHECK':
        stage.healthcheck = words(text.slice(text.indexOf('CMD') + 3))
        break
      case 'ENTRYPOINT':
        stage.entrypoint = words(text)
        break
      case 'CMD':
        stage.command = words(text)
        break
      case 'EXPOSE':
        break
      default:
        throw new Error(`the test does not know ${name}`)
    }
  }
  if (stage === undefined) throw new Error('no stage')
  return stage
}

t.test('the image holds production files only, starts, is healthy, and stops', async (t) => {
  // Not below the project, where Node would find the project's own packages.
  const folder = mkdtempSync(join(tmpdir(), 'remora-image-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const image = build(folder)
  const app = join(image.folder, image.workdir)
  t.match(image.user, /^[1-9]\d*:[1-9]\d*$/, 'not root')
  t.same(readdirSync(image.folder), ['app'])
  t.same(readdirSync(app).sort(), ['LICENSE', 'charts', 'dist', 'package.json'])
  const files = readdirSync(join(app, 'dist'))
  t.same(
    files.filter((name) => !/(?:\.js|\.js\.map|^LICENSES\.txt)$/.test(name)),
    [],
  )
  const licences = readFileSync(join(app, 'dist/LICENSES.txt'), 'utf8')
  for (const name of ['fastify', 'pino', 're2js', 'node-forge', '@kubernetes/client-node', 'prom-client'])
    t.match(licences, new RegExp(`^${name} \\d`, 'm'), `${name}'s licence is beside it`)

  const cluster = join(folder, 'cluster')
  mkdirSync(cluster)
  writeFileSync(join(cluster, 'ns.json'), '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}')
  const ports = { REMORA_PORT: '0', REMORA_METRICS_PORT: '0', REMORA_DRAIN_DELAY: '0' }
  const env = {
    ...environment(image),
    ...ports,
    REMORA_CLUSTER: cluster,
    REMORA_CERT_DIR: join(folder, 'certs'),
  }
  const server = spawn('sh', ['-c', `${WITHOUT_TAP}exec "$@"`, 'sh', ...image.entrypoint, ...image.command], {
    cwd: app,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => server.kill('SIGKILL'))
  let output = ''
  const serving = new Promise<string>((resolve, reject) => {
    const collect = (chunk: Buffer): void => {
      output += chunk.toString()
      const health = /"health":"http:\/\/[^"]*?:(\d+)"/.exec(output)
      if (health !== null) resolve(health[1] ?? '')
    }
    server.stdout.on('data', collect)
    server.stderr.on('data', collect)
    server.on('exit', (code) => reject(new Error(`exit ${code}: ${output}`)))
  })
  const port = await serving
  const check = (metricsPort: string) =>
    spawnSync('sh', ['-c', `${WITHOUT_TAP}exec "$@"`, 'sh', ...(image.healthcheck ?? [])], {
      env: { ...env, REMORA_METRICS_PORT: metricsPort },
    }).status
  t.equal(check(port), 0, 'healthy')
  t.equal(check('1'), 1, 'a dead server is not')

  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  t.match(metrics, /^remora_build_info\{/m, 'what is loaded late is there')

  const ended = new Promise((resolve) => server.on('exit', (code, signal) => resolve({ code, signal })))
  server.kill('SIGTERM')
  t.same(await ended, { code: 0, signal: null })

  const live = await startLiveApi(folder, clusterWith(join(root, 'examples/canary-upgrade/cluster'), 1))
  t.teardown(() => live.close())
  const words = [...image.entrypoint, 'version', '--cluster', 'live']
  const version = spawn('sh', ['-c', `${WITHOUT_TAP}exec "$@"`, 'sh', ...words], {
    cwd: app,
    env: { ...env, KUBECONFIG: live.kubeconfig },
  })
  const [said, complained] = await Promise.all([text(version.stdout), text(version.stderr)])
  t.match(said, /^default +istio-system .* ok$/m, `the Kubernetes API's client is in it: ${complained}`)
})
